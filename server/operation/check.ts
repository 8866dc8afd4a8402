import type { TSchema } from "typebox";
import { invalid } from "../failure.ts";
import { firstMismatch, fits, type Mismatch } from "./mismatch.ts";
import { aboutMember } from "./pointer.ts";

/**
 * Compiles a schema into a check of what people send. It throws `invalid(pointer, message)` for the first
 * wrong member in the order of the document, where members that are missing come last; `at` is the JSON
 * pointer (RFC 6901) of the value itself, for values that are part of something larger. Messages name the
 * member by its pointer without the leading slash: `version_config/0/version: required`.
 */
export function checker(schema: TSchema): (value: unknown, at?: string) => void {
  const check = compiledCheck(schema);
  return (value, at = "") => {
    const mismatch = check(value, at);
    if (mismatch) throw invalid(mismatch.pointer, aboutMember(mismatch.pointer, mismatch.problem));
  };
}

/**
 * Compiles a schema into a check of what we answer: a description of the first mismatch, or `null`. A member
 * that the schema does not know is one only where the schema is closed (`additionalProperties: false`).
 */
export function conforms(schema: TSchema): (value: unknown) => string | null {
  const check = compiledCheck(schema);
  return (value) => {
    const mismatch = check(value, "");
    return mismatch ? aboutMember(mismatch.pointer, mismatch.problem) : null;
  };
}

function compiledCheck(schema: TSchema): (value: unknown, at: string) => Mismatch | undefined {
  // The first call compiles, and a schema with a mistake in it should stop the start, not a request.
  fits(schema, undefined);
  return (value, at) => (fits(schema, value) ? undefined : firstMismatch(schema, value, at));
}

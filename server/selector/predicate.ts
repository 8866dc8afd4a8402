import type { Field } from "./field.ts";

/** How a field is compared with a value. */
export type Comparison = "==" | "!=" | "<" | "<=" | ">" | ">=";

/** What a field is compared with. */
export type Value = string | number | boolean;

/** A question about one field. `at` is where it stands in the expression, in characters from 1, for messages. */
export type Test = {
  readonly kind: "test";
  readonly field: Field;
  /** `in` asks whether the field is one of several values; of a list, one is enough (`any`). */
  readonly comparison: Comparison | "in";
  readonly values: readonly Value[];
  readonly at: number;
};

/** Which devices are meant: questions about fields, joined. An empty `any` is nobody, and an empty `all` too. */
export type Predicate =
  | Test
  | { readonly kind: "all" | "any"; readonly parts: readonly Predicate[] }
  | { readonly kind: "not"; readonly part: Predicate };

/** A selector that is not understood: where, in characters from 1, and what was expected there. */
export class SelectorError extends Error {
  readonly at: number;

  constructor(at: number, message: string) {
    super(message);
    this.name = "SelectorError";
    this.at = at;
  }
}

/** Calls a function with every test of a predicate. */
export function eachTest(predicate: Predicate, look: (test: Test) => void): void {
  if (predicate.kind === "test") look(predicate);
  else if (predicate.kind === "not") eachTest(predicate.part, look);
  else for (const part of predicate.parts) eachTest(part, look);
}

import { compileMatcher, type Subject } from "./closure.ts";
import { eachTest, type Predicate, type Test, type Value } from "./predicate.ts";

/** One part of a selector as it went for one device. */
export type Part = {
  readonly field: string;
  readonly comparison: Test["comparison"];
  readonly wanted: readonly Value[];
  /** What is known of the device; null where nothing is. */
  readonly has: Value | readonly string[] | null;
  readonly held: boolean;
};

/** How each part of a predicate went for one device, in the order that they are written. */
export function explainParts(predicate: Predicate, subject: Subject): Part[] {
  const parts: Part[] = [];
  eachTest(predicate, (test) => {
    const { field, comparison, values } = test;
    const has = subject(field) ?? null;
    parts.push({ field: field.name, comparison, wanted: values, has, held: compileMatcher(test)(subject) });
  });
  return parts;
}

import type { Field, FieldType } from "./field.ts";
import {
  type Comparison,
  eachTest,
  type Predicate,
  SelectorError,
  type Test,
  type Value,
} from "./predicate.ts";
import { versionKey } from "./version.ts";

/** Where a selector stands: in a device group's own rules, being in device groups can't be asked (a cycle). */
export type Place = "device-group" | "device-policy";

const ordered: readonly FieldType[] = ["number", "version"];
const ordering: readonly (Comparison | "in")[] = ["<", "<=", ">", ">="];

/**
 * Checks what a predicate asks: that each field has the comparison, and takes such values.
 *
 * @throws SelectorError at the first test that means nothing
 */
export function checkPredicate(predicate: Predicate, place: Place): void {
  eachTest(predicate, (test) => {
    if (place === "device-group" && /^device\.group/.test(test.field.name))
      throw new SelectorError(test.at, `${test.field.name} can't be asked in a device group's own selector`);
    checkComparison(test);
    for (const value of test.values) checkValue(test, value);
  });
}

function checkComparison({ field, comparison, values, at }: Test): void {
  if (ordering.includes(comparison) && !ordered.includes(field.type))
    throw new SelectorError(at, `${field.name} has no order: expected ==, != or in`);
  if (comparison === "in" && values.length === 0)
    throw new SelectorError(at, `expected at least one value behind ${field.name} in`);
}

const takes: Readonly<Record<FieldType, { type: "string" | "number" | "boolean"; said: string }>> = {
  text: { type: "string", said: "a text in quotes" },
  folded: { type: "string", said: "a text in quotes" },
  environment: { type: "string", said: "a text in quotes" },
  list: { type: "string", said: "a text in quotes" },
  version: { type: "string", said: 'a version in quotes, such as "10.15"' },
  number: { type: "number", said: "a number" },
  flag: { type: "boolean", said: "true or false" },
};

function checkValue({ field, at }: { field: Field; at: number }, value: Value): void {
  const { type, said } = takes[field.type];
  const isVersion = field.type !== "version" || versionKey(String(value)) !== undefined;
  if (typeof value === type && isVersion) return;
  throw new SelectorError(at, `${field.name}: expected ${said}, got ${JSON.stringify(value)}`);
}

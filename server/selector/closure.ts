import { type Field, type FieldType, textKey } from "./field.ts";
import type { Comparison, Predicate, Test, Value } from "./predicate.ts";
import { versionKey } from "./version.ts";

/** What is known of a device: the value of a field, or undefined. */
export type Subject = (field: Field) => string | number | boolean | readonly string[] | undefined;

/** Says whether a device is meant. */
export type Matcher = (subject: Subject) => boolean;

/**
 * Compiles a checked predicate into a function. What is not known of a device makes a comparison false, `!=` too; so
 * `not (x == "a")` is true where x is not known. Takes time in proportion to the predicate and the device's lists.
 */
export function compileMatcher(predicate: Predicate): Matcher {
  if (predicate.kind === "test") return compileTest(predicate);
  if (predicate.kind === "not") {
    const part = compileMatcher(predicate.part);
    return (subject) => !part(subject);
  }
  const parts = predicate.parts.map(compileMatcher);
  if (parts.length === 0) return () => false;
  return predicate.kind === "all"
    ? (subject) => parts.every((part) => part(subject))
    : (subject) => parts.some((part) => part(subject));
}

function compileTest({ field, comparison, values }: Test): Matcher {
  if (field.type === "list") return compileListTest(field, comparison, values);
  const keys = values.map((value) => keyOf(field.type, value));
  const wanted = new Set(keys);
  const [only] = keys;
  return (subject) => {
    const known = subject(field);
    if (known === undefined || typeof known === "object") return false;
    const key = keyOf(field.type, known);
    if (key === undefined) return false;
    if (comparison === "in" || comparison === "==") return wanted.has(key);
    return comparison === "!=" ? !wanted.has(key) : inOrder(comparison, key, only);
  };
}

/** A list fits where one of its members does; `!=`, where there is a list and none does. */
function compileListTest(field: Field, comparison: Test["comparison"], values: readonly Value[]): Matcher {
  const wanted = new Set(values.flatMap((value) => [String(value), unquoted(String(value))]));
  return (subject) => {
    const known = subject(field);
    if (known === undefined || typeof known !== "object") return false;
    const fits = known.some((member) => wanted.has(member));
    return comparison === "!=" ? !fits : fits;
  };
}

/** Configurations compare a list with a text that has quotes of its own: `identity.groups.name == "\"finance\""`. */
export function unquoted(text: string): string {
  return /^".*"$/s.test(text) && text.length > 1 ? text.slice(1, -1) : text;
}

/** The key by which values of a type compare; undefined for what is no value of the type. */
export function keyOf(type: FieldType, value: Value): string | number | boolean | undefined {
  if (type === "version") return versionKey(String(value));
  return typeof value === "string" ? textKey(type, value) : value;
}

function inOrder(
  comparison: Exclude<Comparison, "==" | "!=">,
  key: string | number | boolean,
  other: string | number | boolean | undefined,
): boolean {
  if (typeof key !== typeof other || other === undefined) return false;
  if (comparison === "<") return key < other;
  if (comparison === "<=") return key <= other;
  return comparison === ">" ? key > other : key >= other;
}

import { Guard } from "typebox/guard";

/** A schema as plain data: the keywords that our schemas use. `expected` is our own: the words for people. */
export type Keywords = {
  readonly expected?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Keywords[];
  readonly allOf?: readonly Keywords[];
  readonly properties?: Readonly<Record<string, Keywords>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Keywords | boolean;
  readonly patternProperties?: Readonly<Record<string, Keywords>>;
  readonly propertyNames?: Keywords;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly items?: Keywords | readonly Keywords[];
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
};

/** How many values an enumeration may have and still be listed in full in a message. */
const listedValues = 20;

/** What a schema asks for, in words that fit behind "expected". */
export function expectation(schema: Keywords): string {
  if (schema.expected) return schema.expected;
  if (schema.const !== undefined) return literal(schema.const);
  if (schema.enum) return oneOf(schema.enum);
  if (schema.anyOf) return anyOf(schema);
  if (Array.isArray(schema.type)) return or(schema.type.map((type) => expectation({ ...schema, type })));
  if (schema.type === "string") return aString(schema);
  if (schema.type === "integer") return `a whole number${bounds(schema)}`;
  if (schema.type === "number") return `a number${bounds(schema)}`;
  return plain[schema.type as string] ?? "something else";
}

const plain: Readonly<Record<string, string>> = {
  boolean: "true or false",
  null: "null",
  array: "a list",
  object: "an object",
};

/** The alternatives of a union of unions, side by side; inner unions with words of their own stay whole. */
export function branchesOf(schema: Keywords): readonly Keywords[] {
  return schema.anyOf?.flatMap((branch) => (branch.expected ? [branch] : branchesOf(branch))) ?? [schema];
}

function anyOf(schema: Keywords): string {
  const branches = branchesOf(schema);
  const values = branches.flatMap((branch) => (branch.const === undefined ? [] : [branch.const]));
  const rest = branches.filter((branch) => branch.const === undefined && branch.type !== "null");
  const words = [...(values.length > 0 ? [oneOf(values)] : []), ...rest.map(expectation)];
  return or(branches.some((branch) => branch.type === "null") ? [...words, "null"] : words);
}

/** "a", "a or b", "a, b or c", each once. */
function or(words: readonly string[]): string {
  const distinct = [...new Set(words)];
  const last = distinct.pop() ?? "";
  return distinct.length === 0 ? last : `${distinct.join(", ")} or ${last}`;
}

function oneOf(values: readonly unknown[]): string {
  if (values.length === 1) return literal(values[0]);
  const listed = values.slice(0, listedValues).map(literal).join(", ");
  return values.length > listedValues
    ? `one of ${listed} and ${values.length - listedValues} more`
    : `one of ${listed}`;
}

function literal(value: unknown): string {
  return typeof value === "string" && /^[^\s",]+$/.test(value) ? value : JSON.stringify(value);
}

function aString(schema: Keywords): string {
  if (schema.format) return `a string of the format ${schema.format}`;
  const length = lengths(schema.minLength ?? 0, schema.maxLength);
  return `a string${length}${schema.pattern ? ` that matches ${schema.pattern}` : ""}`;
}

function lengths(min: number, max: number | undefined): string {
  if (max !== undefined) return ` of ${range(min, max)} characters`;
  return min === 0 ? "" : ` of at least ${counted(min, "character")}`;
}

function bounds({ minimum, maximum }: Keywords): string {
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`;
  if (minimum !== undefined) return ` of at least ${minimum}`;
  return maximum === undefined ? "" : ` of at most ${maximum}`;
}

/** "exactly 3", "at most 3" or "1 to 3". */
export function range(min: number, max: number): string {
  if (min === max) return `exactly ${min}`;
  return min === 0 ? `at most ${max}` : `${min} to ${max}`;
}

/** "1 item", "2 items". */
export function counted(count: number, noun: string): string {
  return count === 1 ? `1 ${noun}` : `${count} ${noun}s`;
}

/**
 * What came instead, as ", got 5", short and harmless: never more than 20 characters of the caller's own
 * text. Empty where there is nothing to say.
 */
export function arrival(value: unknown, schema: Keywords): string {
  if (value === undefined) return ", got nothing";
  if (value === null || typeof value === "number" || typeof value === "boolean") return `, got ${value}`;
  if (typeof value !== "string") return Array.isArray(value) ? ", got a list" : ", got an object";
  const flaw =
    value === "" ? "an empty string" : schema.type === "string" ? flawOf(value, schema) : undefined;
  if (flaw) return `, got ${flaw}`;
  if (/^[\w.:+-]{1,20}$/.test(value)) return `, got "${value}"`;
  return schema.type === "string" ? "" : ", got a string";
}

function flawOf(value: string, { maxLength = Number.POSITIVE_INFINITY }: Keywords): string | undefined {
  const length = Guard.CodePointCount(value);
  if (length > maxLength) return `${length} characters`;
  // Line ends are named last: in text of several lines they are not what is wrong.
  const character = (/\p{Cs}|[^\P{Cc}\t\n\r]/u.exec(value) ?? /[\t\n\r]/.exec(value))?.[0];
  if (character)
    return `the character U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
  return value.trim() === "" ? "only spaces" : undefined;
}

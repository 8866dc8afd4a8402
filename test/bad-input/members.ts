import type { Schema } from "../fuzz/document.ts";

/** A body that is right but for one member. */
export type WrongBody = { readonly what: string; readonly body: unknown; readonly pointer: string };

/** Every member of a body made wrong in every way that its schema rules out, one at a time. */
export function wrongBodies(schema: Schema): WrongBody[] {
  const right = sampleOf(schema);
  return wrongIn(schema, right, "", (value) => value);
}

/** A value that the schema takes, with every member that it knows. */
export function sampleOf(schema: Schema): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  if (schema.anyOf) return sampleOf(branchOf(schema));
  if (schema.type === "string") return textOf(schema);
  if (schema.type === "integer" || schema.type === "number") return Math.max(schema.minimum ?? 1, 1);
  if (schema.type === "boolean") return true;
  if (schema.type === "array") return [sampleOf(schema.items ?? {})];
  if (schema.type !== "object") return "anything";
  const { properties = {}, additionalProperties } = schema;
  const members = Object.entries(properties).map(([name, one]) => [name, sampleOf(one)] as const);
  const isMap = typeof additionalProperties === "object";
  return Object.fromEntries(isMap ? [...members, ["some key", sampleOf(additionalProperties)]] : members);
}

/** The alternative with the most in it: null and fixed words say nothing of what is inside. */
function branchOf(schema: Schema): Schema {
  const rank = ({ type }: Schema) => ["object", "array", "string"].indexOf(type ?? "");
  const order = (branch: Schema) => (rank(branch) < 0 ? 9 : rank(branch));
  return branchesOf(schema).toSorted((a, b) => order(a) - order(b))[0] ?? {};
}

/** The alternatives of a schema, those of alternatives among them. */
function branchesOf(schema: Schema): readonly Schema[] {
  return schema.anyOf?.flatMap(branchesOf) ?? [schema];
}

/** Texts that fit where letters do not: e-mail addresses and UUIDs have no example. */
const spares = ["x@example.com", "00000000-0000-4000-8000-000000000000"];

/** Plain letters where they fit, else an example, else what is known of such members. */
function textOf({ minLength = 1, format, pattern = "", examples = [] }: Schema): string {
  if (format === "date-time") return "2026-11-21T09:10:11Z";
  const letters = "x".repeat(Math.max(minLength, 1));
  const fitting = new RegExp(pattern, "u");
  return [letters, ...examples, ...spares].find((text) => fitting.test(text)) ?? letters;
}

type Put = (value: unknown) => unknown;

function wrongIn(schema: Schema, right: unknown, pointer: string, put: Put): WrongBody[] {
  const wrong = (what: string, value: unknown, at = pointer): WrongBody => ({
    what,
    body: put(value),
    pointer: at,
  });
  const types = wrongTypes(schema).map((value) => wrong(`${JSON.stringify(value)} as`, value));
  if (schema.anyOf && branchOf(schema).const === undefined) {
    const [branch, rest] = [branchOf(schema), branchesOf(schema)];
    const inside = wrongIn(branch, right, pointer, put).filter(({ pointer: at }) => at !== pointer);
    const bare = limits(branch, right, wrong).filter(() => rest.every(({ type }) => type !== undefined));
    return [...types, ...bare, ...inside];
  }
  return [...types, ...limits(schema, right, wrong), ...insides(schema, right, pointer, put)];
}

function insides(schema: Schema, right: unknown, pointer: string, put: Put): WrongBody[] {
  if (schema.type === "array" && schema.items)
    return wrongIn(schema.items, (right as unknown[])[0], `${pointer}/0`, (value) => put([value]));
  if (schema.type !== "object") return [];
  const members = right as Record<string, unknown>;
  const { properties = {}, additionalProperties, required = [] } = schema;
  const inMember = (name: string, one: Schema) =>
    wrongIn(one, members[name], `${pointer}/${name}`, (value) => put({ ...members, [name]: value }));
  const known = Object.entries(properties).flatMap(([name, one]) => inMember(name, one));
  const missing = required.map((name) => {
    const { [name]: _, ...rest } = members;
    return { what: "no", body: put(rest), pointer: `${pointer}/${name}` };
  });
  const isMap = typeof additionalProperties === "object" && Object.keys(additionalProperties).length > 0;
  return [...known, ...missing, ...(isMap ? inMember("some key", additionalProperties) : [])];
}

const everyType = [null, true, 5, 0.5, "text", [], {}];

/** Values of types that a schema does not take; a word that is none of the fixed ones is one, too. */
function wrongTypes(schema: Schema): unknown[] {
  const branches = branchesOf(schema);
  if (branches.every((branch) => Object.keys(branch).length === 0)) return [];
  return everyType.filter((value) => !branches.some((branch) => takes(branch, value)));
}

function takes({ type, const: fixed, enum: words }: Schema, value: unknown): boolean {
  if (fixed !== undefined) return value === fixed;
  if (words) return words.includes(value);
  if (value === null) return type === "null";
  if (Array.isArray(value)) return type === "array";
  return (
    type === typeof value ||
    (typeof value === "number" && (type === "number" || (type === "integer" && value === 5)))
  );
}

type Wrong = (what: string, value: unknown, at?: string) => WrongBody;

function limits(schema: Schema, right: unknown, wrong: Wrong): WrongBody[] {
  if (schema.type === "string" && schema.const === undefined) return textLimits(schema, wrong);
  const { minimum, maximum, minItems = 0, maxItems, minProperties = 0, maxProperties } = schema;
  const many = (count: number) => Array.from({ length: count }, (_, index) => index);
  return [
    ...(minimum === undefined ? [] : [wrong("too small a number", minimum - 1)]),
    ...(maximum === undefined ? [] : [wrong("too great a number", maximum + 1)]),
    ...(schema.type === "array" && minItems > 0 ? [wrong("too few items", [])] : []),
    ...(maxItems === undefined
      ? []
      : [
          wrong(
            "too many items",
            many(maxItems + 1).map(() => (right as unknown[])[0]),
          ),
        ]),
    ...(schema.type === "object" && minProperties > 0 ? [wrong("too few members", {})] : []),
    ...(maxProperties === undefined
      ? []
      : [
          wrong(
            "too many members",
            Object.fromEntries(
              many(maxProperties + 1).map((key) => [key, Object.values(right as object)[0]]),
            ),
          ),
        ]),
  ];
}

/** Texts that go wrong for one reason or another, as far as a schema rules them out. */
function textLimits({ minLength = 0, maxLength, pattern, format }: Schema, wrong: Wrong): WrongBody[] {
  const fitting = new RegExp(pattern ?? "", "u");
  const suspects = {
    "an empty text": "",
    "only spaces": "   ",
    NUL: "a\u0000b",
    "a control character": "a\u0007b",
    "an escape sequence": "\u001b[2J",
    "half a surrogate pair": "a\ud800",
    "the other half": "\udc00b",
    "1001 letters": "x".repeat(1001),
    "2001 emoji": "😀".repeat(2001),
    ...(format && { "a day that there is not": "2026-02-30T00:00:00Z", "no date": "tomorrow" }),
  };
  const refused = Object.entries(suspects).filter(
    ([, text]) =>
      format !== undefined ||
      !text.isWellFormed() ||
      !fitting.test(text) ||
      [...text].length < minLength ||
      [...text].length > (maxLength ?? Number.POSITIVE_INFINITY),
  );
  const tooLong =
    maxLength === undefined ? [] : [wrong(`${maxLength + 1} letters`, "x".repeat(maxLength + 1))];
  return [...refused.map(([what, text]) => wrong(what, text)), ...tooLong];
}

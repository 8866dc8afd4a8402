import { branchesOf, counted, type Keywords, range } from "../operation/expectation.ts";
import { line, prose, trimmed } from "../operation/text.ts";
import { Html, html, joined, none } from "./reference-html.ts";

/** A schema as it stands in a document: what checks look at, and what only people do. */
export type Schema = Keywords & {
  readonly description?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
};

/** A schema in words on one line, and the list of what is inside it. */
type Shape = { readonly words: Html; readonly inside: Html };

/** One member of an object, or one parameter of a request. */
export type Member = {
  /** Its name, or in words what names it may have. */
  readonly name: string | Html;
  readonly required: boolean;
  readonly schema: Schema;
  /** Where it stands, for parameters. */
  readonly place?: string;
};

/**
 * Whether a schema is of what callers send or of what they get: in the one it matters what has to be there, in the
 * other what may be missing.
 */
export type Direction = "sent" | "answered";

/** A schema on its own, e.g. that of a body: what is an object need not be called one. */
export function schemaPage(schema: Schema, direction: Direction): Html {
  const { words, inside } = shapeOf(schema, direction);
  return html`${words.text === "object" ? none : html`<p class="words">${words}</p>`}${inside}`;
}

/** A list of members, each with its type, its limits and what is inside it. */
export function memberList(members: readonly Member[], direction: Direction): Html {
  if (members.length === 0) return none;
  return html`<ul class="members">${members.map((member) => memberItem(member, direction))}</ul>`;
}

function memberItem({ name, required, schema, place }: Member, direction: Direction): Html {
  const { words, inside } = shapeOf(schema, direction);
  const where = place === undefined ? none : html` <span class="place">${place}</span>`;
  const presence = name instanceof Html ? none : presenceOf(required, direction);
  const said = schema.description === undefined ? none : html`<p>${schema.description}</p>`;
  const called = name instanceof Html ? html`<em>${name}</em>` : html`<code class="name">${name}</code>`;
  return html`<li>${called}${where}${presence} <span class="words">${words}</span>${said}${inside}</li>`;
}

function presenceOf(required: boolean, direction: Direction): Html {
  if (direction === "sent") return required ? html` <strong>required</strong>` : none;
  return required ? none : html` <strong>may be absent</strong>`;
}

function shapeOf(schema: Schema, direction: Direction): Shape {
  const shape = bareShape(schema, direction);
  if (schema.default === undefined) return shape;
  return { ...shape, words: html`${shape.words}; default ${value(schema.default)}` };
}

function bareShape(schema: Schema, direction: Direction): Shape {
  if (schema.const !== undefined) return flat(value(schema.const));
  if (schema.enum) return flat(oneOf(schema.enum));
  if (schema.anyOf) return unionShape(schema, direction);
  if (Array.isArray(schema.type))
    return unionShape({ anyOf: schema.type.map((type: string) => ({ ...schema, type })) }, direction);
  if (schema.type === "array") return listShape(schema, direction);
  if (schema.type === "object") return objectShape(schema, direction);
  if (schema.type === "string") return flat(stringWords(schema));
  if (schema.type === "integer") return flat(html`whole number${numberLimits(schema)}`);
  if (schema.type === "number") return flat(html`number${numberLimits(schema)}`);
  if (schema.type === "boolean") return flat(html`true or false`);
  if (schema.type === "null") return flat(value(null));
  return flat(html`any JSON`);
}

function flat(words: Html): Shape {
  return { words, inside: none };
}

function unionShape(schema: Schema, direction: Direction): Shape {
  const branches = branchesOf(schema) as readonly Schema[];
  const values = branches.flatMap((branch) => (branch.const === undefined ? [] : [branch.const]));
  const rest = branches
    .filter(({ const: constant }) => constant === undefined)
    .map((branch) => shapeOf(branch, direction));
  const words = [...(values.length > 0 ? [oneOf(values)] : []), ...rest.map((shape) => shape.words)];
  return { words: joined(words, " or "), inside: html`${rest.map(({ inside }) => inside)}` };
}

function listShape({ items, minItems = 0, maxItems, uniqueItems }: Schema, direction: Direction): Shape {
  if (maxItems === 0) return flat(html`empty list`);
  const item = shapeOf(Array.isArray(items) ? { anyOf: items } : ((items ?? {}) as Schema), direction);
  const plain = /^(?:object|string)$/.test(item.words.text);
  const count =
    amount(minItems, maxItems, plain ? item.words.text : "item") || (plain ? ` of ${item.words.text}s` : "");
  const each = plain ? none : html`${count === "" ? " of" : ", each"} ${item.words}`;
  return { words: html`list${count}${each}${uniqueItems ? ", each once" : ""}`, inside: item.inside };
}

function objectShape(schema: Schema, direction: Direction): Shape {
  const { properties = {}, required = [], minProperties = 0, maxProperties } = schema;
  const members = Object.entries(properties).map(([name, member]) => ({
    name,
    required: required.includes(name),
    schema: member as Schema,
  }));
  const inside = memberList([...members, ...freeMembers(schema)], direction);
  return { words: html`object${amount(minProperties, maxProperties, "member")}`, inside };
}

/** Members whose names are for the caller to choose. */
function freeMembers({ additionalProperties, patternProperties = {}, propertyNames }: Schema): Member[] {
  const named = Object.values(patternProperties);
  const free = typeof additionalProperties === "object" ? [...named, additionalProperties] : named;
  const limits = propertyNames ? stringLimits(propertyNames).join(", ") : "";
  const name = limits === "" ? html`any name` : html`any name (${limits})`;
  return free.map((schema) => ({ name, required: false, schema: schema as Schema }));
}

function amount(min: number, max: number | undefined, noun: string): string {
  if (max !== undefined) return ` of ${range(min, max)} ${max === 1 ? noun : `${noun}s`}`;
  return min === 0 ? "" : ` of at least ${counted(min, noun)}`;
}

const oneLine = (line({ max: 1 }) as Keywords).pattern;
const lines = (prose({ max: 1 }) as Keywords).pattern;

/** The limits of a text in words; those of a trimmed one stand in its pattern alone. */
function stringLimits(schema: Keywords): string[] {
  const { minLength = 0, maxLength, pattern, format } = schema;
  const limits = trimmedLimits(pattern);
  if (limits)
    return [`${range(limits.min, limits.max)} characters without the spaces around them`, "one line"];
  const length = amount(minLength, maxLength, "character").replace(/^ of /, "");
  return [
    ...(length === "" ? [] : [length]),
    ...(pattern === oneLine ? ["one line"] : pattern === lines ? ["one or several lines"] : []),
    ...(format === "date-time"
      ? ["an RFC 3339 date-time"]
      : format === undefined
        ? []
        : [`format ${format}`]),
  ];
}

function trimmedLimits(pattern = ""): { min: number; max: number } | undefined {
  const [, min, max] = /\{(\d{1,9}),(\d{1,9})\}/.exec(pattern) ?? [];
  const limits = { min: Number(min), max: Number(max) };
  return max !== undefined && (trimmed(limits) as Keywords).pattern === pattern ? limits : undefined;
}

function stringWords(schema: Schema): Html {
  const limits = [...stringLimits(schema).map((limit) => html`${limit}`), ...patternOf(schema)];
  return limits.length === 0 ? html`string` : html`string (${joined(limits, ", ")})`;
}

/** A pattern that has no words of its own. */
function patternOf({ pattern }: Schema): Html[] {
  const worded = pattern === undefined || pattern === oneLine || pattern === lines || trimmedLimits(pattern);
  return worded ? [] : [html`matching <code>${pattern}</code>`];
}

function numberLimits({ minimum, maximum }: Schema): string {
  const from = minimum === undefined ? "" : ` from ${minimum}`;
  // A limit that no number can pass tells a reader nothing.
  return maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER
    ? from
    : `${from}${from ? "" : " up"} to ${maximum}`;
}

function oneOf(values: readonly unknown[]): Html {
  return joined(values.map(value), " or ");
}

function value(given: unknown): Html {
  return html`<code>${JSON.stringify(given) ?? ""}</code>`;
}

import type { TSchema } from "typebox";
import { Compile, type Validator } from "typebox/compile";
import { arrival, branchesOf, counted, expectation, type Keywords } from "./expectation.ts";
import { pointerUnder } from "./pointer.ts";

/** A member that is not as its schema says: where, and what is wrong with it in words. */
export type Mismatch = { readonly pointer: string; readonly problem: string };

const compiled = new WeakMap<object, Validator>();

/** Is the value as the schema says? Each schema is compiled the first time it is asked for. */
export function fits(schema: TSchema, value: unknown): boolean {
  let validator = compiled.get(schema);
  if (!validator) {
    validator = Compile(schema);
    compiled.set(schema, validator);
  }
  return validator.Check(value);
}

/**
 * The first member, in the order of the document, that keeps `value` from fitting `schema`; only for values
 * that do not fit. Members that are missing come behind those that are there but wrong. It asks the compiled
 * checks which part does not fit and goes down into that part alone, so that its cost is linear; schemas
 * with `$ref` are told apart only as a whole.
 */
export function firstMismatch(schema: Keywords, value: unknown, pointer: string): Mismatch {
  if (schema.anyOf) return inUnion(schema, value, pointer);
  const part = schema.allOf?.find((one) => !fits(one, value));
  if (part) return firstMismatch(part, value, pointer);
  if (!admits(schema, value)) return unexpected(schema, value, pointer);
  if (Array.isArray(value)) return inList(schema, value, pointer);
  if (typeof value === "object" && value !== null) return inObject(schema, value as Members, pointer);
  return unexpected(schema, value, pointer);
}

type Members = Readonly<Record<string, unknown>>;

function unexpected(schema: Keywords, value: unknown, pointer: string): Mismatch {
  return { pointer, problem: `expected ${expectation(schema)}${arrival(value, schema)}` };
}

/** Could a value of this JSON type fit at all? */
function admits(schema: Keywords, value: unknown): boolean {
  if (schema.const !== undefined) return typeof schema.const === typeof value;
  if (schema.enum) return schema.enum.some((one) => typeOf(one) === typeOf(value));
  if (schema.type === undefined) return true;
  const types = Array.isArray(schema.type) ? schema.type : [schema.type];
  return types.some((type) => type === typeOf(value) || (type === "integer" && typeof value === "number"));
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

function inList(schema: Keywords, list: readonly unknown[], pointer: string): Mismatch {
  const { minItems = 0, maxItems = list.length } = schema;
  if (list.length < minItems) return { pointer, problem: `expected at least ${counted(minItems, "item")}` };
  if (list.length > maxItems)
    return { pointer, problem: `expected at most ${counted(maxItems, "item")}, got ${list.length}` };
  const at = list.findIndex((item, index) => !fits(itemSchema(schema, index), item));
  if (at >= 0) return firstMismatch(itemSchema(schema, at), list[at], pointerUnder(pointer, at));
  if (schema.uniqueItems) return { pointer, problem: "expected no item twice" };
  return unexpected(schema, list, pointer);
}

const anything: Keywords = {};

function itemSchema({ items = anything }: Keywords, index: number): Keywords {
  return Array.isArray(items) ? (items[index] ?? anything) : (items as Keywords);
}

function inObject(schema: Keywords, members: Members, pointer: string): Mismatch {
  for (const name of Object.keys(members)) {
    const mismatch = inMember(schema, name, members[name], pointerUnder(pointer, name));
    if (mismatch) return mismatch;
  }
  const absent = schema.required?.find((name) => !Object.hasOwn(members, name));
  if (absent !== undefined) return { pointer: pointerUnder(pointer, absent), problem: "required" };
  return wrongCount(schema, Object.keys(members).length, pointer) ?? unexpected(schema, members, pointer);
}

function inMember(schema: Keywords, name: string, value: unknown, pointer: string): Mismatch | undefined {
  if (schema.propertyNames && !fits(schema.propertyNames, name))
    return { pointer, problem: `its name: expected ${expectation(schema.propertyNames)}` };
  const declared = Object.hasOwn(schema.properties ?? {}, name);
  // TypeBox takes a member that is there but undefined for absent, unless it is required.
  if (value === undefined && declared)
    return schema.required?.includes(name) ? { pointer, problem: "required" } : undefined;
  for (const one of memberSchemas(schema, name)) {
    if (one === false) return { pointer, problem: "not expected here" };
    if (!fits(one, value)) return firstMismatch(one, value, pointer);
  }
  return undefined;
}

/** The schemas that a member of this name has to fit; `false` where there may be none of this name. */
function memberSchemas(schema: Keywords, name: string): readonly (Keywords | false)[] {
  const own = Object.hasOwn(schema.properties ?? {}, name) ? schema.properties?.[name] : undefined;
  const matching = Object.entries(schema.patternProperties ?? {}).flatMap(([pattern, one]) =>
    new RegExp(pattern, "u").test(name) ? [one] : [],
  );
  if (own || matching.length > 0) return own ? [own, ...matching] : matching;
  const { additionalProperties = true } = schema;
  return additionalProperties === true ? [] : [additionalProperties];
}

function wrongCount(schema: Keywords, count: number, pointer: string): Mismatch | undefined {
  const { minProperties = 0, maxProperties = count } = schema;
  if (count < minProperties)
    return { pointer, problem: `expected at least ${counted(minProperties, "member")}` };
  if (count > maxProperties)
    return { pointer, problem: `expected at most ${counted(maxProperties, "member")}, got ${count}` };
  return undefined;
}

/** Goes down into the alternative that was meant, if the value tells which; else names all of them. */
function inUnion(schema: Keywords, value: unknown, pointer: string): Mismatch {
  const structured = typeof value === "object" && value !== null;
  const meant = branchesOf(schema).filter((branch) => admits(branch, value));
  const [first] = meant;
  if (!first) return unexpected(schema, value, pointer);
  if (!structured) {
    const came = arrival(value, meant.length === 1 ? first : schema);
    return { pointer, problem: `expected ${expectation(schema)}${came}` };
  }
  if (meant.length === 1 || Array.isArray(value)) return firstMismatch(first, value, pointer);
  return inObjects(meant, value as Members, pointer);
}

/** Several shapes of object: a member that is a fixed value in each of them tells which was meant. */
function inObjects(shapes: readonly Keywords[], members: Members, pointer: string): Mismatch {
  const tag = Object.keys(shapes[0]?.properties ?? {}).find((name) =>
    shapes.every((shape) => shape.properties?.[name]?.const !== undefined),
  );
  if (tag === undefined) return firstMismatch(closest(shapes, members), members, pointer);
  const tagged = shapes.filter((shape) => shape.properties?.[tag]?.const === members[tag]);
  if (tagged.length > 0) return firstMismatch(closest(tagged, members), members, pointer);
  const tags = { anyOf: shapes.flatMap((shape) => shape.properties?.[tag] ?? []) };
  const place = pointerUnder(pointer, tag);
  return members[tag] === undefined
    ? { pointer: place, problem: "required" }
    : unexpected(tags, members[tag], place);
}

/** The shape that declares most of the members that came. */
function closest(shapes: readonly Keywords[], members: Members): Keywords {
  const known = (shape: Keywords) =>
    Object.keys(members).filter((name) => Object.hasOwn(shape.properties ?? {}, name)).length;
  return shapes.reduce((best, shape) => (known(shape) > known(best) ? shape : best));
}

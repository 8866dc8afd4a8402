import { type RawBuilder, type SqlBool, sql } from "kysely";
import { listed } from "../db/value-list.ts";
import { keyOf, unquoted } from "./closure.ts";
import type { Field, FieldType } from "./field.ts";
import type { Predicate, Test } from "./predicate.ts";

type Condition = RawBuilder<SqlBool>;

/**
 * Where a condition stands: as one of those that must all hold (`joined`), within `or`, `not` or `case` (`within`), or
 * there on an engine that gathers the devices which a list means once for all of them (`gathered`).
 */
export type Standing = "joined" | "within" | "gathered";

/**
 * How a field is asked in SQL. `column` holds the key by which its values compare (`keyOf`; numbers as they are, flags
 * as 0 or 1) or null. Lists and labels say instead which devices have one of at least one text, and which have any
 * value; neither condition may ever be null.
 */
export type SqlField =
  | { readonly column: RawBuilder<unknown> }
  | {
      readonly among: (values: readonly string[], standing: Standing) => Condition;
      readonly known: (standing: Standing) => Condition;
    };

/** How each field is asked in SQL. */
export type SqlSource = (field: Field) => SqlField;

const nobody: Condition = sql<SqlBool>`(1 = 0)`;

/**
 * Compiles a checked predicate into a condition that holds for the same devices as `compileMatcher`'s function and is
 * never null: what is not known makes a comparison false before `not` is asked. It may stand anywhere in a `where`.
 * Throws what the source throws.
 */
export function compileSql(predicate: Predicate, source: SqlSource): Condition {
  return compile(predicate, source, new Set(conjuncts(predicate).slice(0, joinedMax)), "within");
}

/** As `compileSql`, for a condition that is asked of each device by itself, within a `case`. */
export function compileCase(predicate: Predicate, source: SqlSource, gathers: boolean): Condition {
  return compile(predicate, source, new Set(), gathers ? "gathered" : "within");
}

/** Conditions on other tables that the engine may begin with: planning takes far longer with each of them. */
const joinedMax = 4;

/** The lists and labels that are asked of all devices alike. */
function conjuncts(predicate: Predicate): Predicate[] {
  if (predicate.kind === "all") return predicate.parts.flatMap(conjuncts);
  if (predicate.kind !== "test") return [];
  return predicate.field.type === "list" || predicate.field.label !== undefined ? [predicate] : [];
}

function compile(
  predicate: Predicate,
  source: SqlSource,
  joined: ReadonlySet<Predicate>,
  others: Standing,
): Condition {
  if (predicate.kind === "test")
    return compileTest(predicate, source, joined.has(predicate) ? "joined" : others);
  if (predicate.kind === "not") return sql`(not ${compile(predicate.part, source, joined, others)})`;
  const parts = predicate.parts.map((part) => compile(part, source, joined, others));
  return balanced(parts, predicate.kind === "all" ? sql`and` : sql`or`);
}

/** Engines limit how deep a condition is, and `a or b or c …` is as deep as it is long; in halves it is not. */
function balanced(parts: readonly Condition[], joint: RawBuilder<unknown>): Condition {
  if (parts.length <= 1) return parts[0] ?? nobody;
  const middle = Math.ceil(parts.length / 2);
  return sql`(${balanced(parts.slice(0, middle), joint)} ${joint} ${balanced(parts.slice(middle), joint)})`;
}

function compileTest(test: Test, source: SqlSource, standing: Standing): Condition {
  const { field, comparison } = test;
  if (!isStorable(field.label ?? "")) return nobody;
  const asked = source(field);
  const wanted = wantedOf(test);
  if ("column" in asked) return compareColumn(asked.column, comparison, wanted);
  if (comparison !== "!=")
    return wanted.length === 0 ? nobody : sql`(${asked.among(wanted as string[], standing)})`;
  const known = asked.known(standing);
  if (wanted.length === 0) return sql`(${known})`;
  const beside = standing === "joined" ? "within" : standing;
  return sql`(${known} and not (${asked.among(wanted as string[], beside)}))`;
}

function compareColumn(
  column: RawBuilder<unknown>,
  comparison: Test["comparison"],
  wanted: readonly (string | number)[],
): Condition {
  const [only] = wanted;
  if (only === undefined) return comparison === "!=" ? sql`(${column} is not null)` : nobody;
  if (comparison === "!=") return sql`(${column} is not null and not (${oneOf(column, wanted)}))`;
  if (comparison === "==" || comparison === "in")
    return sql`(${column} is not null and ${oneOf(column, wanted)})`;
  return sql`(${column} is not null and ${column} ${orders[comparison]} ${typed(only)})`;
}

/** What may be stored where the device fits; there is nothing where no device can. */
function wantedOf({ field: { type }, values }: Test): (string | number)[] {
  const keys =
    type === "list"
      ? values.flatMap((value) => [String(value), unquoted(String(value))])
      : values.map((value) => keyOf(type, value));
  return [...new Set(keys.flatMap((key) => stored(type, key) ?? []))];
}

function stored(type: FieldType, key: ReturnType<typeof keyOf>): string | number | undefined {
  if (type === "flag") return typeof key === "boolean" ? Number(key) : undefined;
  if (type === "number") return typeof key === "number" ? key : undefined;
  return typeof key === "string" && isStorable(key) ? key : undefined;
}

/** No device has a text with these, and one of the engines takes none even as a parameter. */
function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes("\0");
}

const orders = { "<": sql`<`, "<=": sql`<=`, ">": sql`>`, ">=": sql`>=` };

/**
 * Says in SQL that a column, if it is not null, has one of some values, at least one. Texts travel as one parameter,
 * however many they are; numbers don't, for engines read them out of a text less exactly.
 */
export function oneOf(column: RawBuilder<unknown>, values: readonly (string | number)[]): Condition {
  const [only] = values;
  if (values.length === 1 && only !== undefined) return sql`${column} = ${typed(only)}`;
  if (typeof only === "number") return sql`${column} in (${sql.join(values.map(typed))})`;
  return sql`${column} in ${listed(values.map(String))}`;
}

function typed(value: string | number): RawBuilder<unknown> {
  return typeof value === "number" ? sql`cast(${value} as double precision)` : sql`cast(${value} as text)`;
}

import type { RawBuilder } from "kysely";
import { sql } from "kysely";
import { Marker } from "./once.ts";

/**
 * A list of values as a table with their position from 0 (`key`) and themselves as text (`value`), sent as one
 * parameter: `db.selectFrom(valueList(ids).as("wanted")).innerJoin("device", "device.id", "wanted.value")`.
 * Numbers are text too; compare them as `cast(wanted.value as bigint)`. Inside `once` it takes a placeholder.
 */
export function valueList(values: readonly (string | number)[]): RawBuilder<{ key: number; value: string }> {
  // On one engine the function has more columns than these two, and their names would be ambiguous.
  return sql`(select key, value from json_each(cast(${jsonOf(values)} as text)))`;
}

/** More values than any list has. */
const everyValue = sql.lit(2 ** 31 - 1);

/**
 * A list whose values belong to those of another one, place by place; a table as `valueList` is:
 * `.innerJoin(alongside(sizes).as("size"), "size.key", "wanted.key")`.
 */
export function alongside(values: readonly (string | number)[]): RawBuilder<{ key: number; value: string }> {
  // The limit has the embedded engine put the list aside with an index of its places: else it reads it through for
  // each row (measured: 72 us instead of 8 for each of a thousand).
  return sql`(select key, value from json_each(cast(${jsonOf(values)} as text)) limit ${everyValue})`;
}

/**
 * A list of texts to look one up in, sent as one parameter: `.where("id", "in", listed(ids))`. Inside `once` it takes a
 * placeholder.
 */
export function listed(values: readonly string[]): RawBuilder<string> {
  return sql`(select value from json_each(cast(${jsonOf(values)} as text)))`;
}

function jsonOf(values: readonly (string | number)[]): unknown {
  return (values as unknown) instanceof Marker ? values : JSON.stringify(values.map(String));
}

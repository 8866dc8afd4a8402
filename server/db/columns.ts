import type { Expression, Kysely } from "kysely";
import type { Portable } from "./engine/portable.ts";

/** The type of a text column, compared and sorted by its bytes: `addColumn("name", text(db), …)`. */
export function text(db: Kysely<any>): Expression<any> {
  return engineOf(db).columnTypes.text;
}

/** The type of a column of whole numbers of 64 bits: times, counts, sequences. */
export function integer(db: Kysely<any>): Expression<any> {
  return engineOf(db).columnTypes.integer;
}

/** The type of a column that holds 0 or 1. */
export function flag(db: Kysely<any>): Expression<any> {
  return engineOf(db).columnTypes.flag;
}

/** What the engine behind a handle says of itself. */
export function engineOf(db: Kysely<any>): Portable {
  return db.getExecutor().adapter as Portable;
}

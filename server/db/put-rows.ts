import { engineOf } from "./columns.ts";
import type { Handle, Rooms } from "./database.ts";

/** A row to write: every row of one call has the same members, named like columns. */
export type RowToPut = { readonly [column: string]: string | number | null };

/**
 * Inserts rows by the fastest way of the engine, at most some thousands at a time; rows whose keys are taken are left
 * out. Answers how many were inserted.
 */
export function insertRows(
  db: Handle,
  table: keyof Rooms & string,
  rows: readonly RowToPut[],
): Promise<number> {
  return rows.length === 0 ? Promise.resolve(0) : engineOf(db).putRows(db, { table, rows, keys: null });
}

/** As `insertRows`, but a row whose `keys` are taken gets the new values in all its other columns. */
export function putRows(
  db: Handle,
  table: keyof Rooms & string,
  keys: readonly string[],
  rows: readonly RowToPut[],
): Promise<number> {
  return rows.length === 0 ? Promise.resolve(0) : engineOf(db).putRows(db, { table, rows, keys });
}

import type { DialectAdapter, Expression, Kysely } from "kysely";

/** What the house needs to know of an engine: how it spells the few column types, and what it does in its own way. */
export interface Portable extends DialectAdapter {
  readonly columnTypes: {
    /** Text that sorts and compares by its bytes. */
    readonly text: Expression<unknown>;
    /** A whole number of 64 bits. */
    readonly integer: Expression<unknown>;
    /** 0 or 1. */
    readonly flag: Expression<unknown>;
  };
  /** Statements that bring the engine's SQL up to the common subset; run once per database. */
  readonly teaching: readonly string[];
  /**
   * Whether a list that is asked about each row, but does not depend on it, is gathered once, whatever its size; else
   * it may be read over again for each row.
   */
  readonly gathersLists: boolean;
  /** Writes many rows in the engine's fastest way; answers how many it wrote. */
  putRows(db: Kysely<any>, put: Put): Promise<number>;
}

/** Rows to write; where `keys` are taken, the row is left out (null), or gets the new values. */
export type Put = {
  readonly table: string;
  readonly rows: readonly Readonly<Record<string, string | number | null>>[];
  readonly keys: readonly string[] | null;
};

/** The end of an insert that says what happens where a row is there already. */
export function onConflict(keys: readonly string[] | null, columns: readonly string[]): string {
  if (keys === null) return "on conflict do nothing";
  const others = columns.filter((name) => !keys.includes(name));
  const set = others.map((name) => `"${name}" = excluded."${name}"`).join(", ");
  const target = keys.map((name) => `"${name}"`).join(", ");
  return others.length === 0
    ? `on conflict (${target}) do nothing`
    : `on conflict (${target}) do update set ${set}`;
}

import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from "node:sqlite";
import type { CompiledQuery, QueryResult } from "kysely";
import { failureOf, isLocked } from "./sqlite-failure.ts";

type Prepared = { readonly statement: StatementSync; readonly columns: readonly string[] };

/** Prepared statements kept per connection; one costs a few kilobytes. */
const maxPrepared = 1000;

/** One open connection with its prepared statements. Everything on it is synchronous. */
export class Connection {
  readonly database: DatabaseSync;
  readonly #prepared = new Map<string, Prepared>();

  constructor(database: DatabaseSync) {
    this.database = database;
  }

  /**
   * Runs one statement and answers its rows, and for writes how many rows it changed.
   * Throws a `Failure` of kind `unavailable` when the disk is full, broken or locked, else the engine's error.
   */
  run(query: CompiledQuery): QueryResult<any> {
    try {
      const { statement, columns } = this.#prepare(query.sql);
      const values = sendable(query.parameters);
      if (columns.length > 0) {
        const rows = statement.all(...values) as unknown as SQLOutputValue[][];
        return { rows: rows.map((row) => named(columns, row)) };
      }
      const { changes } = statement.run(...values);
      return { rows: [], numAffectedRows: BigInt(changes) };
    } catch (error) {
      throw failureOf(error);
    }
  }

  /** Runs one statement without parameters whose rows nobody wants. Throws as `run`. */
  do(text: string): void {
    try {
      this.#prepare(text).statement.run();
    } catch (error) {
      throw failureOf(error);
    }
  }

  /** As `do`, but answers false when another connection holds the lock that it needs. */
  tryLock(text: string): boolean {
    try {
      this.#prepare(text).statement.run();
      return true;
    } catch (error) {
      if (isLocked(error)) return false;
      throw failureOf(error);
    }
  }

  /** Forgets the prepared statements: after a change of the schema their columns may be others. */
  forget(): void {
    this.#prepared.clear();
  }

  #prepare(text: string): Prepared {
    const known = this.#prepared.get(text);
    if (known) return known;
    if (this.#prepared.size >= maxPrepared) this.#dropOldest();
    const statement = this.database.prepare(text);
    statement.setReturnArrays(true);
    const prepared = { statement, columns: statement.columns().map((column) => column.name) };
    this.#prepared.set(text, prepared);
    return prepared;
  }

  #dropOldest(): void {
    for (const text of this.#prepared.keys()) {
      this.#prepared.delete(text);
      return;
    }
  }
}

// The engine would take these for null and for numbers; the other one refuses them.
function sendable(values: readonly unknown[]): SQLInputValue[] {
  for (const value of values) {
    if (value === undefined || typeof value === "boolean") throw new TypeError(`a parameter is ${value}`);
  }
  return values as SQLInputValue[];
}

// Rows as arrays, named here, are faster than the engine's own objects and, unlike those, plain.
function named(
  columns: readonly string[],
  values: readonly SQLOutputValue[],
): Record<string, SQLOutputValue> {
  const row: Record<string, SQLOutputValue> = {};
  for (let i = 0; i < columns.length; i++) row[columns[i] as string] = values[i] as SQLOutputValue;
  return row;
}

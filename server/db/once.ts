import type { CompiledQuery, QueryResult } from "kysely";
import { DeleteResult, InsertResult, UpdateResult } from "kysely";
import type { Handle } from "./database.ts";

/** What may stand in the place of a value: a list travels as one JSON text (see `valueList`). */
export type Placeholder = string | number | null | readonly (string | number)[];

/** A query builder of Kysely's, or its raw SQL. */
export type Query<Row> = { compile(db: Handle): CompiledQuery<Row> };

type Built = { readonly query: CompiledQuery; readonly places: readonly (Marker | { fixed: unknown })[] };

/** Stands for a value while a query is built. It may be passed to Kysely, and to nothing that looks into it. */
export class Marker {
  readonly place: number;

  constructor(place: number) {
    this.place = place;
  }

  /** Always throws: a value that is not known yet can't be made part of a text. */
  [Symbol.toPrimitive](): never {
    throw new Error("a placeholder of `once` has no value yet: compute with it where the query is called");
  }

  /** Always throws, as above. */
  toJSON(): never {
    return this[Symbol.toPrimitive]();
  }
}

/**
 * A query that is built and compiled at its first call only, for operations that run often. `build` is called
 * with markers in place of the values, so it must pass them to Kysely as they are and not look at them; a list
 * goes only into `valueList`. The answered function takes a handle and the values and answers the rows, or for
 * a write without `returning` Kysely's one result, as `execute()` would.
 */
export function once<Row, P extends readonly Placeholder[]>(
  build: (db: Handle, ...placeholders: P) => Query<Row>,
): (db: Handle, ...values: P) => Promise<Row[]> {
  // Handles of one engine share its adapter, inside transactions and out of them.
  const builtByEngine = new WeakMap<object, Built>();
  return async (db, ...values) => {
    const executor = db.getExecutor();
    let built = builtByEngine.get(executor.adapter);
    if (!built) {
      built = placed(build(db, ...markers<P>(build.length - 1)).compile(db));
      builtByEngine.set(executor.adapter, built);
    }
    const { query, places } = built;
    const parameters = places.map((place) =>
      place instanceof Marker ? sent(values[place.place]) : place.fixed,
    );
    return outcome(query, await executor.executeQuery({ ...query, parameters })) as Row[];
  };
}

function markers<P>(count: number): P {
  return Array.from({ length: count }, (_, place) => new Marker(place)) as P;
}

function placed(query: CompiledQuery): Built {
  const places = query.parameters.map((value) => (value instanceof Marker ? value : { fixed: value }));
  return { query, places };
}

function sent(value: Placeholder | undefined): unknown {
  return typeof value === "object" && value !== null ? JSON.stringify(value.map(String)) : value;
}

function outcome({ query }: CompiledQuery, { rows, numAffectedRows = 0n }: QueryResult<unknown>): unknown[] {
  if ("returning" in query && query.returning) return rows;
  if (query.kind === "InsertQueryNode") return [new InsertResult(undefined, numAffectedRows)];
  if (query.kind === "UpdateQueryNode") return [new UpdateResult(numAffectedRows, undefined)];
  if (query.kind === "DeleteQueryNode") return [new DeleteResult(numAffectedRows)];
  return rows;
}

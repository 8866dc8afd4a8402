import type { CompiledQuery, DatabaseConnection, QueryResult } from "kysely";

/** Runs one statement on an engine's connection. */
export type Run = (query: CompiledQuery) => QueryResult<any> | Promise<QueryResult<any>>;

/**
 * The connection behind the handle of one piece of work. It refuses statements once the work is over, so that
 * a handle kept too long can't write outside its transaction, and once one of them has failed: on every engine
 * a failed statement fails the whole work, also where the work catches the error.
 */
export class WorkConnection implements DatabaseConnection {
  readonly #run: Run;
  #over = false;
  #failure: { error: unknown } | undefined;

  constructor(run: Run) {
    this.#run = run;
  }

  /** Runs one statement. Throws when the work is over or has failed. */
  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    if (this.#over) throw new Error("this transaction is over: its handle was used after its work had ended");
    if (this.#failure) throw this.#failure.error;
    try {
      return await this.#run(query);
    } catch (error) {
      this.#failure ??= { error };
      throw error;
    }
  }

  /** Always throws: long reads go by key in pages. */
  streamQuery(): never {
    return refuseStream();
  }

  /** No statement from now on. Throws the first failure of a statement, if there was one. */
  finish(): void {
    this.#over = true;
    if (this.#failure) throw this.#failure.error;
  }

  /** No statement from now on. */
  abandon(): void {
    this.#over = true;
  }
}

/** Always throws: nobody streams through a handle, for that would hold its connection while a client is slow. */
export function refuseStream(): never {
  throw new Error("a handle does not stream: read by key in pages");
}

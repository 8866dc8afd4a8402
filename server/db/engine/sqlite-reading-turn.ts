import type { Connection } from "./sqlite-connection.ts";

/**
 * Lets the reads of one turn of the event loop share a transaction: to take and give back the file's lock for
 * each of them costs as much as to look up a row by its key.
 */
export class ReadingTurn {
  readonly #connection: Connection;
  #open = false;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Called before every read. */
  begin(): void {
    if (this.#open) return;
    this.#connection.do("begin");
    this.#open = true;
    setImmediate(() => this.end());
  }

  /** Called before every commit of ours: the next read must see it, and it could not empty the log otherwise. */
  end(): void {
    if (!this.#open) return;
    this.#open = false;
    // An engine in trouble ends a transaction by itself.
    if (this.#connection.database.isTransaction) this.#connection.do("commit");
  }
}

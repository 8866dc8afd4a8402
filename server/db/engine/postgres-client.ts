import type { Socket } from "node:net";
import type { CompiledQuery, QueryResult } from "kysely";
import postgres from "postgres";
import { isLoss, isTooSlow, unavailable } from "./postgres-failure.ts";
import type { Target } from "./postgres-target.ts";
import { dial, driverOptions } from "./postgres-target.ts";

type Answer = { readonly command: string; readonly count: number; readonly rows: any[] };

/** Commands whose count is one of changed rows. */
const writes = new Set(["INSERT", "UPDATE", "DELETE", "MERGE"]);

/**
 * One connection, for one user at a time. It is never mended: the driver would run the next statement of a lost
 * transaction on a new connection, so a client that lost its connection refuses everything from then on.
 */
export class Client {
  readonly #target: Target;
  readonly #sql: postgres.Sql<any>;
  // The driver's own farewell leaves the socket of a frozen server open, and with it this process.
  #socket: Socket | undefined;
  #lost = false;
  // One statement at a time: what the driver itself keeps waiting, it repeats on a new connection after a loss.
  #last: Promise<unknown> = Promise.resolve();

  private constructor(target: Target) {
    this.#target = target;
    this.#sql = postgres(target.url, {
      ...driverOptions(target),
      max: 1,
      fetch_types: false,
      socket: async () => {
        this.#socket = await dial(target);
        if (this.#lost) this.#socket.destroy();
        return this.#socket;
      },
      onclose: () => {
        this.#lost = true;
      },
    } as postgres.Options<any>);
  }

  /** Connects to a server that takes writes. Throws the driver's error when this one doesn't. */
  static async connect(target: Target): Promise<Client> {
    const client = new Client(target);
    try {
      await client.#sql.unsafe("select 1");
      return client;
    } catch (error) {
      client.drop();
      throw error;
    }
  }

  /** True once the connection is gone. */
  get lost(): boolean {
    return this.#lost;
  }

  /** Runs one statement after those before it. Throws `unavailable` when it takes too long or the connection is lost. */
  async run(query: CompiledQuery): Promise<QueryResult<any>> {
    const options = { prepare: true, simple: false };
    const { command, count, rows } = await this.#next(query.sql, query.parameters, options);
    return writes.has(command) ? { rows, numAffectedRows: BigInt(count) } : { rows };
  }

  /** Runs one command without parameters, e.g. `begin`, and answers what the server says it did. Throws as `run`. */
  async command(text: string): Promise<string> {
    return (await this.#next(text, [], { simple: true })).command;
  }

  /** Lets go of the connection at once; the server undoes what was not committed. */
  drop(): void {
    this.#lost = true;
    this.#sql.end({ timeout: 0 }).finally(() => this.#socket?.destroy());
  }

  /** Says goodbye to the server and waits until the connection is closed. */
  async close(): Promise<void> {
    this.#lost = true;
    await this.#sql.end({ timeout: 1 });
    this.#socket?.destroy();
  }

  #next(text: string, parameters: readonly unknown[], options: object): Promise<Answer> {
    const answer = this.#last.then(() => this.#send(text, parameters, options));
    this.#last = answer.catch(() => {});
    return answer;
  }

  #send(text: string, parameters: readonly unknown[], options: object): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#lost) return reject(unavailable());
      const fail = (error: unknown) => {
        clearTimeout(silence);
        const lost = this.#lost || isLoss(error, this.#target.reading);
        if (lost) this.drop();
        reject(lost || isTooSlow(error) ? unavailable(error) : error);
      };
      const done = (rows: postgres.RowList<any[]>) => {
        clearTimeout(silence);
        resolve({ command: rows.command, count: rows.count, rows: Array.from(rows) });
      };
      const { silenceMs } = this.#target.limits;
      const silence = setTimeout(() => {
        this.drop();
        fail(new Error(`no answer within ${silenceMs} ms`));
      }, silenceMs);
      this.#sql.unsafe(text, [...parameters] as any[], options).then(done, fail);
    });
  }
}

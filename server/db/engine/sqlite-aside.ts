import { Worker } from "node:worker_threads";
import type { CompiledQuery, DatabaseConnection, QueryResult } from "kysely";
import type { Handle } from "../database.ts";
import type { Handles } from "./handle.ts";
import { failureOf, unavailable } from "./sqlite-failure.ts";
import { WorkConnection } from "./work.ts";

/** What a thread opens its connection with. */
export type AsideOptions = { readonly file: string; readonly lockMs: number; readonly cacheKib: number };

/** Threads that read at the same time; the next work waits for one of them. */
const threadsMax = 2;

type Said = { rows: any[] } | { failed: { message: string; errcode?: number; errstr?: string } };

/**
 * Reads that may take long, each in a snapshot of its own, on threads beside the one that answers requests. A
 * statement's way there and back costs as much as ten short ones: this is for scans and for large pages.
 */
export class Aside {
  readonly #handles: Handles;
  readonly #options: AsideOptions;
  readonly #idle: Thread[] = [];
  readonly #waiting: (() => void)[] = [];
  readonly #threads: Thread[] = [];
  #working = 0;
  #closed = false;

  constructor(handles: Handles, options: AsideOptions) {
    this.#handles = handles;
    this.#options = options;
  }

  /** Runs a work that only reads, all of it on one snapshot. Rejects as the work does. */
  async perform<T>(work: (db: Handle) => Promise<T>): Promise<T> {
    if (this.#closed) throw unavailable("it is closed");
    if (this.#working >= threadsMax) await new Promise<void>((resume) => this.#waiting.push(resume));
    else this.#working++;
    const thread = this.#idle.pop() ?? this.#start();
    const connection = new WorkConnection((query) => thread.run(query));
    try {
      await thread.run(plain("begin"));
      return await work(this.#handles.reader(connection as DatabaseConnection));
    } finally {
      connection.abandon();
      await thread.run(plain("commit")).catch(() => {});
      this.#leave(thread);
    }
  }

  /** Ends all threads, running works included. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#threads.map((thread) => thread.end()));
  }

  #start(): Thread {
    const thread = new Thread(this.#options);
    this.#threads.push(thread);
    return thread;
  }

  #leave(thread: Thread): void {
    if (thread.over) this.#threads.splice(this.#threads.indexOf(thread), 1);
    else this.#idle.push(thread);
    const next = this.#waiting.shift();
    if (next) next();
    else this.#working--;
  }
}

function plain(sql: string): CompiledQuery {
  return { sql, parameters: [] } as unknown as CompiledQuery;
}

/** One thread, which runs one statement at a time and answers in order. */
class Thread {
  readonly #worker: Worker;
  readonly #asked: { resolve(result: QueryResult<any>): void; reject(error: unknown): void }[] = [];
  over = false;

  constructor(options: AsideOptions) {
    this.#worker = new Worker(new URL("./sqlite-aside-thread.ts", import.meta.url), { workerData: options });
    this.#worker.unref();
    this.#worker.on("message", (said: Said) => {
      const asked = this.#asked.shift();
      if ("rows" in said) asked?.resolve(said);
      else asked?.reject(failureOf(Object.assign(new Error(said.failed.message), said.failed)));
    });
    this.#worker.on("error", (error) => this.#fail(error));
    this.#worker.on("exit", () => this.#fail(unavailable("it is closed")));
  }

  run({ sql, parameters }: CompiledQuery): Promise<QueryResult<any>> {
    if (this.over) return Promise.reject(unavailable("it is closed"));
    this.#worker.ref();
    return new Promise<QueryResult<any>>((resolve, reject) => {
      this.#asked.push({ resolve, reject });
      this.#worker.postMessage({ sql, parameters });
    }).finally(() => {
      if (this.#asked.length === 0) this.#worker.unref();
    });
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #fail(error: unknown): void {
    this.over = true;
    for (const { reject } of this.#asked.splice(0)) reject(error);
  }
}

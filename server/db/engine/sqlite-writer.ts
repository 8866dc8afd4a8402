import { setTimeout as pause } from "node:timers/promises";
import type { Failure } from "../../failure.ts";
import type { Handle, News } from "../database.ts";
import { toldWith } from "../news.ts";
import type { Handles } from "./handle.ts";
import type { Connection } from "./sqlite-connection.ts";
import { isUnavailable, unavailable } from "./sqlite-failure.ts";
import type { Log } from "./sqlite-log.ts";
import { WorkConnection } from "./work.ts";

/** What becomes of a work: it is kept, kept without moving the count of commits, or undone. */
export type End = "keep" | "keep quietly" | "undo";

/** Its answer, and what it told; the latter is spread before anybody can ask. */
type Done = { answer(): void; readonly news: readonly News[] };

type Job = {
  readonly end: End;
  readonly work: (db: Handle) => Promise<unknown>;
  readonly resolve: (answer: any) => void;
  readonly reject: (error: unknown) => void;
};

/** What the store does around commits. */
export type Hooks = {
  /** What was read so far is about to become old. */
  beforeCommit(): void;
  afterCommit(): void;
};

function isQuiet(job: Job | undefined): boolean {
  return job?.end === "keep quietly";
}

/** After this long, in ms, no more work joins a group: those in it wait for its commit. */
const groupMs = 20;

/** How long, in ms, a group waits for another thread's transaction on the same file. */
const lockMs = 5_000;

/**
 * The queue in front of the one writing connection: first in, first out. Works that wait together share one
 * transaction and one commit, each in a savepoint, and hear of their end only once that commit is on the disk. Quiet
 * ones don't wait for the disk in the commit: the next group runs meanwhile.
 */
export class Writer {
  readonly #connection: Connection;
  readonly #handles: Handles;
  readonly #queue: Job[] = [];
  readonly #log: Log;
  readonly #hooks: Hooks;
  #running: Promise<void> | undefined;
  /** Groups that wait for the disk. */
  readonly #landing = new Set<Promise<void>>();
  #lost: Failure | undefined;
  #commits = 0;
  /** Hear what transactions told, after their commit. */
  readonly listeners: ((news: News) => void)[] = [];

  /** `connection` must not wait for locks itself, for that would stop the event loop. */
  constructor(connection: Connection, handles: Handles, log: Log, hooks: Hooks) {
    this.#connection = connection;
    this.#handles = handles;
    this.#log = log;
    this.#hooks = hooks;
  }

  /** Moves with every commit that is not quiet; a thread with a writer of its own on the same file would have to move it, too. */
  get commits(): number {
    return this.#commits;
  }

  /** Throws where nothing can be written any more. */
  checkAlive(): void {
    if (this.#lost) throw this.#lost;
  }

  /** Runs a work in a transaction. */
  perform<T>(work: (db: Handle) => Promise<T>, end: End): Promise<T> {
    if (this.#lost) return Promise.reject(this.#lost);
    return new Promise((resolve, reject) => {
      this.#queue.push({ end, work, resolve, reject });
      this.#running ??= this.#drain();
    });
  }

  /** Resolves when nothing waits or runs any more. */
  async idle(): Promise<void> {
    while (this.#running || this.#landing.size > 0) await Promise.all([this.#running, ...this.#landing]);
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      // Requests that came in together are still being read; after their turn of the loop they share a commit.
      await new Promise((resume) => setImmediate(resume));
      await this.#group();
    }
    this.#running = undefined;
  }

  async #group(): Promise<void> {
    const jobs: Job[] = [];
    const quiet = isQuiet(this.#queue[0]);
    try {
      this.checkAlive();
      this.#log.waitInCommit(!quiet);
      await this.#begin();
      const done = await this.#works(jobs, quiet);
      // The disk may have been lost meanwhile.
      this.checkAlive();
      // Also before it: where it fails, nobody knows for certain that nothing was kept.
      if (jobs.some(({ end }) => end === "keep")) this.#commits++;
      this.#hooks.beforeCommit();
      this.#connection.do("commit");
      this.#hooks.afterCommit();
      for (const { news } of done) this.#spread(news);
      if (quiet) this.#land(jobs, done);
      else for (const { answer } of done) answer();
    } catch (error) {
      this.#undoAll();
      if (jobs.length === 0) jobs.push(...this.#queue.splice(0));
      for (const { reject } of jobs) reject(error);
    }
  }

  /** Answers a group once it is on the disk; where it may not be, what is written later might hang on it. */
  #land(jobs: readonly Job[], done: readonly Done[]): void {
    const landing = this.#log
      .onDisk()
      .then(() => {
        for (const { answer } of done) answer();
      })
      .catch((error) => {
        this.#lost ??= unavailable("the disk did not keep what was written; start anew once it does", error);
        for (const { reject } of jobs) reject(this.#lost);
      })
      .finally(() => this.#landing.delete(landing));
    this.#landing.add(landing);
  }

  async #begin(): Promise<void> {
    const until = performance.now() + lockMs;
    while (!this.#connection.tryLock("begin immediate")) {
      if (performance.now() > until) throw unavailable("another transaction holds it");
      await pause(1);
    }
  }

  async #works(jobs: Job[], quiet: boolean): Promise<Done[]> {
    const done: Done[] = [];
    const until = performance.now() + groupMs;
    do {
      const job = this.#queue.shift() as Job;
      jobs.push(job);
      done.push(await this.#one(job));
    } while (this.#queue.length > 0 && (!quiet || isQuiet(this.#queue[0])) && performance.now() < until);
    return done;
  }

  /** Runs one work. Throws when the whole group is lost. */
  async #one({ work, end, resolve, reject }: Job): Promise<Done> {
    this.#connection.do("savepoint work");
    const connection = new WorkConnection((query) => this.#connection.run(query));
    const handle = this.#handles.transaction(connection);
    try {
      const answer = await work(handle);
      connection.finish();
      this.#end(end !== "undo");
      return { answer: () => resolve(answer), news: end === "undo" ? [] : toldWith(handle) };
    } catch (error) {
      connection.abandon();
      // A full disk and its like end the transaction itself, and with it what the group had done so far.
      if (!this.#connection.database.isTransaction) {
        throw isUnavailable(error) ? error : unavailable("it gave a transaction up", error);
      }
      this.#end(false);
      return { answer: () => reject(error), news: [] };
    }
  }

  #spread(news: readonly News[]): void {
    for (const each of news) for (const listener of this.listeners) listener(each);
  }

  #end(keep: boolean): void {
    if (!keep) this.#connection.do("rollback to work");
    this.#connection.do("release work");
  }

  #undoAll(): void {
    try {
      if (this.#connection.database.isTransaction) this.#connection.do("rollback");
    } catch {
      // The next group can't begin then, and says so to its callers.
    }
  }
}

import type { StatementSync } from "node:sqlite";
import { Worker } from "node:worker_threads";
import type { Connection } from "./sqlite-connection.ts";

/** Pages that wait in the log before it is worth moving them. */
const worthMoving = 1500;

/** What the thread opens its connection with. */
export type CheckpointOptions = { readonly file: string; readonly lockMs: number; readonly durable: boolean };

/**
 * Moves pages from the write-ahead log into the file beside the thread that writes: a commit that had to move many
 * megabytes would stop all requests for as long as the disk takes. The log begins anew at a commit that finds all of it
 * moved; where commits follow too closely for that, the writer moves the little that is left, by its own limit.
 */
export class Checkpoints {
  readonly #options: CheckpointOptions;
  readonly #look: StatementSync;
  #thread: Worker | undefined;
  #moving = false;

  constructor(writing: Connection, options: CheckpointOptions) {
    this.#options = options;
    this.#look = writing.database.prepare("pragma wal_checkpoint(noop)");
  }

  /** Called after every commit: costs some microseconds. */
  afterCommit(): void {
    if (this.#moving || this.#waiting() < worthMoving) return;
    this.#moving = true;
    this.#thread ??= this.#start();
    this.#thread.postMessage("move");
  }

  /** What was committed is committed: nothing here may make it look as if it were not. */
  #waiting(): number {
    try {
      const { log, checkpointed } = this.#look.get() as { log: number; checkpointed: number };
      return log - checkpointed;
    } catch {
      return 0;
    }
  }

  /** Ends the thread. */
  async close(): Promise<void> {
    await this.#thread?.terminate();
  }

  #start(): Worker {
    const entry = new URL("./sqlite-checkpoint-thread.ts", import.meta.url);
    const thread = new Worker(entry, { workerData: this.#options });
    thread.unref();
    thread.on("message", () => {
      this.#moving = false;
    });
    // Without it the writer moves all pages by its own limit.
    thread.on("error", () => {});
    return thread;
  }
}

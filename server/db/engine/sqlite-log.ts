import { closeSync, fdatasync, openSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";

/** How the commits of one connection get to the disk. */
export interface Log {
  /**
   * Says of the next transaction whether its commit is to wait for the disk, and with it the whole thread; if not,
   * `onDisk` tells when it is there. Throws where that can't be found out.
   */
  waitInCommit(yes: boolean): void;
  /**
   * Resolves when all that was committed before is on the disk; rejects where nobody knows whether it is, and from then
   * on always: what is written later stands behind what may be lost.
   */
  onDisk(): Promise<void>;
  /** Only after what `onDisk` answered was settled. */
  close(): void;
}

/** Brings what was written to an open file to the disk. */
type Sync = (file: number) => Promise<void>;

/**
 * The write-ahead log beside a file. In WAL mode a commit is a few pages at the end of the log, and on the disk once the
 * log's file is (SQLite, "Write-Ahead Logging", "Durability"): which the engine can wait for in the commit, or anybody
 * afterwards.
 */
export class WriteAheadLog implements Log {
  readonly #database: DatabaseSync;
  readonly #path: string;
  readonly #sync: Sync;
  #waits = true;
  #file: number | undefined;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  /** The connection must be one that waits in its commits. */
  constructor(database: DatabaseSync, file: string, sync: Sync = promisify(fdatasync)) {
    this.#database = database;
    this.#sync = sync;
    this.#path = `${file}-wal`;
  }

  waitInCommit(yes: boolean): void {
    if (yes === this.#waits) return;
    if (!yes) this.#opened();
    this.#database.exec(`pragma synchronous = ${yes ? "full" : "normal"}`);
    this.#waits = yes;
  }

  /** What begins while the disk is at work may have come too late for that: it shares the next turn. */
  onDisk(): Promise<void> {
    if (!this.#running) return this.#begin();
    this.#next ??= this.#running.then(() => this.#begin());
    return this.#next;
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
  }

  #begin(): Promise<void> {
    this.#next = undefined;
    // One that failed stays: asked again, the system may say that all is well.
    const running = this.#sync(this.#opened()).then(() => {
      if (this.#running === running) this.#running = undefined;
    });
    this.#running = running;
    return running;
  }

  #opened(): number {
    this.#file ??= openSync(this.#path, "r+");
    return this.#file;
  }
}

/** Where safety against a loss of power was given up. */
export const noLog: Log = { waitInCommit() {}, async onDisk() {}, close() {} };

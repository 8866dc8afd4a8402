import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { CompiledQuery } from "kysely";
import type { Handle, Store } from "../database.ts";
import { handlesOf } from "./handle.ts";
import { Aside } from "./sqlite-aside.ts";
import { Checkpoints } from "./sqlite-checkpoint.ts";
import { Connection } from "./sqlite-connection.ts";
import { dialect } from "./sqlite-dialect.ts";
import { unavailable } from "./sqlite-failure.ts";
import { ownFolder } from "./sqlite-lock.ts";
import { type Log, noLog, WriteAheadLog } from "./sqlite-log.ts";
import { ReadingTurn } from "./sqlite-reading-turn.ts";
import { schemaText } from "./sqlite-schema.ts";
import { tellSizes } from "./sqlite-statistics.ts";
import { type End, Writer } from "./sqlite-writer.ts";
import { refuseStream } from "./work.ts";

/** How long, in ms, the reader waits in the rare moments when the file is locked for readers too. */
const readerLockMs = 1_000;

/** Pages of the file that each of the two connections keeps in memory, in KiB. */
const cacheKib = 32 * 1024;

/**
 * Pages in the write-ahead log from which on a commit moves them into the file. With the engine's own 1000 a
 * transaction of some megabytes is written twice at once; the more there are, the more often a page that is written
 * again and again (those of indexes, in an import) is moved only once. 64 MiB of them are still found quickly.
 */
const pagesInLog = 16_000;

/** What is left of the write-ahead log, in bytes, once a burst of writes is in the file. */
const largestLog = 64 * 1024 * 1024;

const handles = handlesOf(dialect);

/**
 * Opens the embedded store in a folder, which is made when it is missing. Throws an error of one line when
 * another process owns the folder.
 */
export function openSqlite(folder: string, durable: boolean): Store {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const release = ownFolder(folder);
  try {
    const file = join(folder, "flotilla.db");
    const writing = new Connection(openWriting(file, durable));
    const reading = new Connection(openReading(file));
    const aside = new Aside(handles, { file, lockMs: readerLockMs, cacheKib });
    const checkpoints = new Checkpoints(writing, { file, lockMs: readerLockMs, durable });
    const log = durable ? new WriteAheadLog(writing.database, file) : noLog;
    return storeOf({ writing, reading, aside, checkpoints, log }, release);
  } catch (error) {
    release();
    throw error;
  }
}

function openWriting(file: string, durable: boolean): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: 0, enableForeignKeyConstraints: true });
  database.exec(`pragma cache_size = -${cacheKib}`);
  database.exec("pragma journal_mode = wal");
  database.exec(`pragma wal_autocheckpoint = ${pagesInLog}`);
  database.exec(`pragma journal_size_limit = ${largestLog}`);
  database.exec(`pragma synchronous = ${durable ? "full" : "off"}`);
  database.exec("pragma temp_store = memory");
  return database;
}

function openReading(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: readerLockMs, readOnly: true });
  database.exec(`pragma cache_size = -${cacheKib}`);
  return database;
}

type Parts = {
  readonly writing: Connection;
  readonly reading: Connection;
  readonly aside: Aside;
  readonly checkpoints: Checkpoints;
  readonly log: Log;
};

function storeOf({ writing, reading, aside, checkpoints, log }: Parts, release: () => void): Store {
  const turn = new ReadingTurn(reading);
  const writer = new Writer(writing, handles, log, {
    beforeCommit: () => turn.end(),
    afterCommit: () => checkpoints.afterCommit(),
  });
  const reader = handles.reader({
    executeQuery: async (query: CompiledQuery) => {
      turn.begin();
      return reading.run(query);
    },
    streamQuery: refuseStream,
  });
  let closing: Promise<void> | undefined;
  const open = () => {
    if (closing) throw unavailable("it is closed");
  };
  const perform = async <T>(work: (db: Handle) => Promise<T>, end: End): Promise<T> => {
    open();
    return writer.perform(work, end);
  };
  const read = <T>(work: (db: Handle) => Promise<T>): Promise<T> =>
    closing ? Promise.reject(unavailable("it is closed")) : work(reader);
  const close = async () => {
    await aside.close();
    await writer.idle();
    await checkpoints.close();
    log.close();
    turn.end();
    reading.database.close();
    writing.database.close();
    release();
  };
  return {
    read,
    scan: (work) => aside.perform(work),
    write: (work) => perform(work, "keep"),
    report: (work) => perform(work, "keep quietly"),
    rehearse: (work) => perform(work, "undo"),
    version: () => writer.commits,
    listen: (listener) => void writer.listeners.push(listener),
    alive: () =>
      read(async () => {
        writer.checkAlive();
        reading.do("select 1");
      }),
    schema: () => read(schemaText),
    async migrator(work) {
      try {
        return await perform(async (db) => {
          const answer = await work(db);
          tellSizes(writing.database);
          return answer;
        }, "keep");
      } finally {
        reading.forget();
        writing.forget();
      }
    },
    close() {
      closing ??= close();
      return closing;
    },
  };
}

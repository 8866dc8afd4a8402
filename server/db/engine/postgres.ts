import { setTimeout as pause } from "node:timers/promises";
import type { CompiledQuery } from "kysely";
import { Kysely } from "kysely";
import type { Handle, Store } from "../database.ts";
import { handlesOf } from "./handle.ts";
import type { Client } from "./postgres-client.ts";
import { serverDialect } from "./postgres-dialect.ts";
import { isRepeatable } from "./postgres-failure.ts";
import { Pool } from "./postgres-pool.ts";
import { schemaText } from "./postgres-schema.ts";
import { Inserted, Statistics } from "./postgres-statistics.ts";
import type { Limits, Target } from "./postgres-target.ts";
import { targetsOf } from "./postgres-target.ts";
import { refuseStream, WorkConnection } from "./work.ts";

/** How a store on a server is opened. */
export type ServerOptions = {
  readonly poolSize: number;
  readonly durable: boolean;
  readonly limits?: Limits;
};

/** How often a transaction that the server undid for the sake of another one is run again. */
const maxRepeats = 3;

const usualLimits: Limits = { connectMs: 2_000, waitMs: 10_000, statementMs: 10_000, silenceMs: 12_000 };

/** A migration may take its time, and waits for other processes that migrate: Kysely's own limit is an hour. */
const patientLimits: Limits = { ...usualLimits, statementMs: 0, silenceMs: 2 * 60 * 60 * 1_000 };

/** A scan of a whole fleet may take its time, too. */
const scanLimits = { statementMs: 10 * 60_000, silenceMs: 11 * 60_000 };

/** Connections that read for long. */
const scansMax = 2;

const handles = handlesOf(serverDialect());

/**
 * A store on a server, or on that one of several which takes writes. Up to `poolSize` connections read and as
 * many write, so that reads don't wait behind writes that wait for a lock. Connects when it is first used.
 */
export function openPostgres(url: string, { poolSize, durable, limits = usualLimits }: ServerOptions): Store {
  const writing = new Pool(targetsOf(url, { reading: false, durable, limits }), poolSize);
  const reading = new Pool(targetsOf(url, { reading: true, durable, limits }), poolSize);
  const longLimits = { ...limits, ...scanLimits };
  const scanning = new Pool(targetsOf(url, { reading: true, durable, limits: longLimits }), scansMax);
  const readerOn = (pool: Pool) =>
    handles.reader({
      executeQuery: (query: CompiledQuery) => pool.use((client) => client.run(query)),
      streamQuery: refuseStream,
    });
  const reader = readerOn(reading);
  const scanner = readerOn(scanning);
  const statistics = new Statistics((table) =>
    scanning.use((client) => client.command(`analyze (skip_locked) "${table}"`)),
  );
  const perform = async <T>(work: (db: Handle) => Promise<T>, end: End) => {
    const { answer, inserted } = await repeated(() =>
      writing.use((client) => transaction(client, work, end)),
    );
    if (end === "commit") statistics.grown(inserted);
    return answer;
  };
  return {
    read: async (work) => work(reader),
    scan: async (work) => work(scanner),
    write: (work) => perform(work, "commit"),
    report: (work) => perform(work, "commit"),
    rehearse: (work) => perform(work, "rollback"),
    version: () => undefined,
    listen: () => {},
    alive: async () => {
      await reading.use((client) => client.command("select 1"));
    },
    schema: () => schemaText(reader),
    migrator: (work) => migrating(targetsOf(url, { reading: false, durable, limits: patientLimits }), work),
    async close() {
      await Promise.all([writing.close(), reading.close(), scanning.close()]);
    },
  };
}

type End = "commit" | "rollback";

async function transaction<T>(
  client: Client,
  work: (db: Handle) => Promise<T>,
  end: End,
): Promise<{ answer: T; inserted: Inserted }> {
  await client.command("begin");
  const inserted = new Inserted();
  const connection = new WorkConnection(async (query) => {
    const result = await client.run(query);
    inserted.note(query, result);
    return result;
  });
  try {
    const answer = await work(handles.transaction(connection));
    connection.finish();
    const done = await client.command(end);
    // The server answers a commit with a rollback, and no error, when a statement nobody waited for has failed.
    if (done.toLowerCase() !== end) throw new Error("a statement failed that its work had not waited for");
    return { answer, inserted };
  } catch (error) {
    connection.abandon();
    if (!client.lost) await client.command("rollback").catch(() => client.drop());
    throw error;
  }
}

async function repeated<T>(attempt: () => Promise<T>): Promise<T> {
  for (let repeats = 0; ; repeats++) {
    try {
      return await attempt();
    } catch (error) {
      if (repeats >= maxRepeats || !isRepeatable(error)) throw error;
      await pause(Math.random() * 10 * 2 ** repeats);
    }
  }
}

/** Kysely's migrator takes its lock on a connection and begins its transaction there, so it gets a whole one. */
async function migrating<T>(targets: readonly Target[], work: (db: Kysely<any>) => Promise<T>): Promise<T> {
  const pool = new Pool(targets, 1);
  try {
    return await pool.use((client) => work(new Kysely<any>({ dialect: serverDialect(client) })));
  } finally {
    await pool.close();
  }
}

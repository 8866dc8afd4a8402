import { DatabaseSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";
import type { CompiledQuery } from "kysely";
import { Connection } from "./sqlite-connection.ts";

// A thread that runs statements which may take long, one after the other, on a connection of its own that only reads.

const { file, lockMs, cacheKib } = workerData as { file: string; lockMs: number; cacheKib: number };
const database = new DatabaseSync(file, { timeout: lockMs, readOnly: true });
database.exec(`pragma cache_size = -${cacheKib}`);
const connection = new Connection(database);

parentPort?.on("message", (query: Pick<CompiledQuery, "sql" | "parameters">) => {
  try {
    parentPort?.postMessage({ rows: connection.run(query as CompiledQuery).rows });
  } catch (error) {
    const { message, cause } = error as Error;
    const { errcode, errstr } = (cause ?? error) as { errcode?: number; errstr?: string };
    parentPort?.postMessage({ failed: { message, errcode, errstr } });
  }
});

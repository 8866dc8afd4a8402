import { DatabaseSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";

// A thread that moves pages from the write-ahead log into the file, on a connection of its own.

const { file, lockMs, durable } = workerData as { file: string; lockMs: number; durable: boolean };
const database = new DatabaseSync(file, { timeout: lockMs });
database.exec(`pragma synchronous = ${durable ? "full" : "off"}`);
const move = database.prepare("pragma wal_checkpoint(passive)");

parentPort?.on("message", () => {
  try {
    move.all();
  } catch {
    // The writer moves them itself once there are too many.
  }
  parentPort?.postMessage("moved");
});

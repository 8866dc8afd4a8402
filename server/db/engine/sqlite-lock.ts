import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { isLocked } from "./sqlite-failure.ts";

/**
 * Makes this process the only owner of a data folder until the answered function is called or the process ends,
 * however it ends. Throws an error of one line when another one has it.
 */
export function ownFolder(folder: string): () => void {
  // The operating system lets go of a database's lock with its process; a file with a pid would be left behind.
  const lock = new DatabaseSync(join(folder, "flotilla.lock"), { timeout: 0 });
  try {
    lock.exec("begin exclusive");
  } catch (error) {
    lock.close();
    if (!isLocked(error)) throw error;
    throw new Error(`the data folder ${folder} is in use by another process`, { cause: error });
  }
  return () => lock.close();
}

import type { Soon } from "../soon.ts";
import type { Handle, Store } from "./database.ts";

/**
 * Answers what `look` finds, or at once what it found before under the same key if nothing was committed since: then
 * it would find the same. What is undefined is not remembered.
 */
export type Remember<T> = (key: string, look: (db: Handle) => Promise<T | undefined>) => Soon<T | undefined>;

/**
 * Remembers up to `max` findings on a store that knows of every commit; on any other it reads each time. Nothing
 * depends on time: what was committed before a call began, the call sees.
 */
export function remembering<T>(store: Pick<Store, "read" | "version">, max: number): Remember<T> {
  const kept = new Map<string, T>();
  let version: number | undefined;

  async function find(
    key: string,
    before: number | undefined,
    look: (db: Handle) => Promise<T | undefined>,
  ): Promise<T | undefined> {
    const found = await store.read(look);
    // Where there was a commit while it looked, it may have seen all of it, a part or nothing: what is kept under
    // the version before falls with it, and under another one it must not be kept.
    if (found === undefined || before === undefined || before !== version) return found;
    if (kept.size >= max) kept.clear();
    kept.set(key, found);
    return found;
  }

  return (key, look) => {
    const now = store.version();
    if (now !== version) {
      kept.clear();
      version = now;
    }
    return kept.get(key) ?? find(key, now, look);
  };
}

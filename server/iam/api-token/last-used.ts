import type { Store } from "../../db/database.ts";
import { noteUse } from "./store.ts";

/** A use is written down at most once in this many microseconds for each token. */
const interval = 60_000_000;

/** Writes down when tokens were last used, off the requests' path. */
export interface LastUsed {
  /** Notes a use; returns at once. */
  note(accountId: string, tokenId: string, lastUsedOn: number | null, now: number): void;
  /** Resolves when everything noted so far is written. */
  settled(): Promise<void>;
}

/**
 * A use that can't be written is dropped: the next one a minute later says more. Remembers what it wrote, so
 * that a storm of requests before the first write is one write.
 */
export function makeLastUsed(store: Pick<Store, "write">): LastUsed {
  const noted = new Map<string, number>();
  let pending: Promise<unknown> = Promise.resolve();
  return {
    note(accountId, tokenId, lastUsedOn, now) {
      if (now - Math.max(lastUsedOn ?? 0, noted.get(tokenId) ?? 0) < interval) return;
      noted.set(tokenId, now);
      const written = store.write((db) => noteUse(db, accountId, tokenId, now)).catch(() => undefined);
      pending = Promise.all([pending, written]);
    },
    async settled() {
      await pending;
    },
  };
}

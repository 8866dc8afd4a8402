import type { Handle, Store } from "../../db/database.ts";

/** A use is written down at most once in this many microseconds for each token. */
const interval = 60_000_000;

/** Writes one use down; a token belongs to an account, or to a user. */
export type NoteUse = (db: Handle, ownerId: string, tokenId: string, at: number) => Promise<void>;

/** Writes down when tokens were last used, off the requests' path. */
export interface LastUsed {
  /** Notes a use; returns at once. */
  note(ownerId: string, tokenId: string, lastUsedOn: number | null, now: number): void;
  /** Resolves when everything noted so far is written. */
  settled(): Promise<void>;
}

/**
 * A use that can't be written is dropped: the next one a minute later says more. Remembers what it wrote, so
 * that a storm of requests before the first write is one write.
 */
export function makeLastUsed(store: Pick<Store, "write">, noteUse: NoteUse): LastUsed {
  const noted = new Map<string, number>();
  let pending: Promise<unknown> = Promise.resolve();
  return {
    note(ownerId, tokenId, lastUsedOn, now) {
      if (now - Math.max(lastUsedOn ?? 0, noted.get(tokenId) ?? 0) < interval) return;
      noted.set(tokenId, now);
      const written = store.write((db) => noteUse(db, ownerId, tokenId, now)).catch(() => undefined);
      pending = Promise.all([pending, written]);
    },
    async settled() {
      await pending;
    },
  };
}

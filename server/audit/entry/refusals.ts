import type { Handle } from "../../db/database.ts";
import type { Refusal } from "../../operation/hall.ts";
import type { Refused } from "./entry.ts";

/** Refusals of one credential that are kept in one window; the others are counted. */
const keptMax = 10;
const windowUs = 60_000_000;

/** What is needed to leave an entry in a transaction of its own. */
export interface Desk {
  write(work: (db: Handle) => Promise<void>): Promise<void>;
  record(db: Handle, refusal: Refusal, details: Refused): Promise<void>;
}

/** Keeps refused writes: ten a minute for each credential and account, then one entry that counts the rest. */
export interface Refusals {
  note(refusal: Refusal): Promise<void>;
  /** Writes down what was only counted so far, of windows that have ended by `now`; all of them without it. */
  flush(now?: number): Promise<void>;
}

type Window = { since: number; kept: number; leftOut: number; last: Refusal };

/** Builds the keeper of refusals. */
export function makeRefusals(desk: Desk): Refusals {
  const windows = new Map<string, Window>();
  return { note, flush };

  async function note(refusal: Refusal): Promise<void> {
    await flush(refusal.now);
    const key = `${refusal.account.accountId} ${refusal.caller.id}`;
    const window = windows.get(key) ?? { since: refusal.now, kept: 0, leftOut: 0, last: refusal };
    windows.set(key, window);
    window.last = refusal;
    if (window.kept >= keptMax) {
      window.leftOut++;
      return;
    }
    window.kept++;
    const { resource, failure } = refusal;
    await desk.write((db) => desk.record(db, refusal, { resource, why: failure.message }));
  }

  async function flush(now = Number.POSITIVE_INFINITY): Promise<void> {
    for (const [key, { since, leftOut, last }] of windows) {
      if (now - since < windowUs) break;
      windows.delete(key);
      if (leftOut > 0) await desk.write((db) => desk.record(db, last, { leftOut }));
    }
  }
}

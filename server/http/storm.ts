import type { RateLimit } from "../config.ts";
import { makeRateLimit, type Standing } from "./rate-limit.ts";

/** Seconds after which somebody who was told to come back, and was due, is no longer waited for. */
const graceS = 60;

/** The most that anybody is told to wait, in seconds. */
const waitMaxS = 600;

/** Credentials whose backlogs are remembered before those that have come to an end are swept out. */
const sweepAt = 1000;

/**
 * A rate limit for a credential that a whole fleet shares. Whoever is refused is told to come back after a random
 * number of whole seconds, within the time that everybody who waits takes at the limit's rate: a storm of first calls
 * is spread out by that, and all get in.
 *
 * @param random a number from 0 to below 1, as `Math.random`
 */
export function makeStormLimit(
  limit: RateLimit,
  nowMs: () => number,
  random: () => number,
): (credential: string) => Standing {
  const standingOf = makeRateLimit(limit, nowMs);
  const perSecond = limit.requests / limit.windowS;
  const backlogs = new Map<string, Backlog>();
  return (credential) => {
    const standing = standingOf(credential);
    const second = Math.floor(nowMs() / 1000);
    const backlog = backlogs.get(credential);
    backlog?.arrived(second);
    if (!standing.exceeded) return standing;
    if (!backlog && backlogs.size >= sweepAt)
      for (const [key, old] of backlogs) if (old.waitingAt(second) === 0) backlogs.delete(key);
    const own = backlog ?? makeBacklog(second);
    backlogs.set(credential, own);
    const spreadS = Math.min(waitMaxS, Math.ceil((own.waitingAt(second) + 1) / perSecond));
    const retryAfterS = 1 + Math.floor(random() * spreadS);
    own.refused(second + retryAfterS);
    return { ...standing, retryAfterS };
  };
}

/** Those who were refused and have not come back yet, as far as anybody can know: by the second when they are due. */
interface Backlog {
  /** Somebody called: one of those who are due, if there are any, else somebody new. */
  arrived(second: number): void;
  refused(dueAt: number): void;
  /** How many still are to come. */
  waitingAt(second: number): number;
}

function makeBacklog(now: number): Backlog {
  const due = new Map<number, number>();
  let waiting = 0;
  // No second before this one has anybody left in it.
  let oldest = now;
  const take = (second: number, count: number) => {
    const left = (due.get(second) ?? 0) - count;
    if (left > 0) due.set(second, left);
    else due.delete(second);
    waiting -= count;
  };
  const forget = (second: number) => {
    if (waiting === 0) oldest = second;
    for (; oldest < second - graceS; oldest++) take(oldest, due.get(oldest) ?? 0);
  };
  return {
    arrived(second) {
      forget(second);
      while (oldest <= second && !due.has(oldest)) oldest++;
      if (oldest <= second) take(oldest, 1);
    },
    refused(dueAt) {
      due.set(dueAt, (due.get(dueAt) ?? 0) + 1);
      waiting++;
    },
    waitingAt(second) {
      forget(second);
      return waiting;
    },
  };
}

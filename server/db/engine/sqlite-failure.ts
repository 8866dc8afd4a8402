import { Failure } from "../../failure.ts";

/** The result code for a lock that another connection holds. */
const busy = 5;

/** Result codes that say something of the machine and not of the statement: busy, I/O, disk full, can't open. */
const machineTrouble = new Set([busy, 10, 13, 14]);

/** What callers are told of an error of the engine: trouble of the machine is `unavailable`, all else stays as it is. */
export function failureOf(error: unknown): unknown {
  if (!machineTrouble.has(resultCode(error))) return error;
  return unavailable((error as { errstr?: string }).errstr ?? "no reason given", error);
}

/** What callers are told of a store that can't be used now, and why. */
export function unavailable(reason: string, cause?: unknown): Failure {
  return new Failure("unavailable", `the store can't be used: ${reason}`, { retryAfterS: 1 }, { cause });
}

/** True for what `unavailable` made. */
export function isUnavailable(error: unknown): error is Failure {
  return error instanceof Failure && error.kind === "unavailable";
}

/** True where another connection holds the lock that a statement needs. */
export function isLocked(error: unknown): boolean {
  return resultCode(error) === busy;
}

// The higher bits tell kinds of one trouble apart.
function resultCode(error: unknown): number {
  return ((error as { errcode?: number }).errcode ?? 0) & 0xff;
}

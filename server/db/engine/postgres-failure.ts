import { Failure } from "../../failure.ts";

/**
 * A serialization failure, a deadlock, and a row that another transaction made or took away between two statements: what
 * refers to it and it itself don't fit together now. Nothing was kept, and another try may succeed.
 */
const repeatable = new Set(["40001", "40P01", "23503"]);

/** A server that is going down, was told to end this session, is not up yet, or has no room for another one. */
const serverCodes = new Set(["57P01", "57P02", "57P03", "53300", "25P03"]);

/** What the server, the driver and the operating system say of a connection that is not there. */
const connectionCodes = /^(08...|CONNECT_TIMEOUT|CONNECTION_\w+|E[A-Z]{3,})$/;

/** The server takes no writes (any more), or the session was opened for reading. */
const readOnlyCode = "25006";

/** What the server calls the place where it finds that a prepared `select *` has other columns by now. */
const stalePlan = "RevalidateCachedQuery";

/** True where nothing was kept and the same work may succeed when it is run again. */
export function isRepeatable(error: unknown): boolean {
  return repeatable.has(codeOf(error)) || (error as { routine?: unknown } | undefined)?.routine === stalePlan;
}

/** True where the connection is gone or useless. What ran on it may or may not have been done. */
export function isLoss(error: unknown, reading: boolean): boolean {
  const code = codeOf(error);
  if (code === readOnlyCode) return !reading;
  return serverCodes.has(code) || connectionCodes.test(code);
}

/** True where the server gave a statement up because it took, or had to wait, too long. */
export function isTooSlow(error: unknown): boolean {
  return codeOf(error) === "57014";
}

/** What a caller is told of a database that does not answer, or not in time. */
export function unavailable(cause?: unknown): Failure {
  return new Failure("unavailable", "the database does not answer", { retryAfterS: 1 }, { cause });
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === "string" ? code : "";
}

import type { Failure, FailureKind, UnauthenticatedReason } from "../../failure.ts";
import type { Face } from "../../operation/face.ts";
import type { Answer, Failed } from "../dialect.ts";
import { failure, type Message } from "./envelope.ts";

type Accent = { status: number; code: number; message?: string };

/** Status and code of each kind of failure; the two kinds that are worded by family or reason stand below. */
const byKind: Record<Exclude<FailureKind, "unauthenticated" | "forbidden">, Accent> = {
  invalid: { status: 400, code: 1001 },
  missing: { status: 404, code: 1404 },
  conflict: { status: 409, code: 1409 },
  precondition: { status: 412, code: 1412 },
  "too-large": { status: 413, code: 1413 },
  "not-json": { status: 415, code: 1415 },
  "wrong-verb": { status: 405, code: 1405 },
  "no-route": { status: 404, code: 7003 },
  "too-slow": { status: 408, code: 1408 },
  "rate-limited": { status: 429, code: 10429 },
  unavailable: { status: 503, code: 1503 },
};

const invalidToken = { status: 403, code: 9109, message: "Invalid access token" };

const byReason: Record<UnauthenticatedReason, Accent> = {
  "no-credential": { status: 400, code: 9106 },
  "malformed-authorization": { status: 400, code: 6111 },
  "malformed-key": { status: 400, code: 6103 },
  "unknown-key": { status: 403, code: 9103 },
  "unknown-token": invalidToken,
  "token-disabled": invalidToken,
  "token-expired": invalidToken,
  "token-not-yet-valid": invalidToken,
  "address-refused": { status: 403, code: 9109 },
  "key-wanted": { status: 400, code: 9106 },
  "token-wanted": { status: 400, code: 1001, message: 'Missing "Authorization" header' },
};

/** Words a failure as Cloudflare's clients know it. SDKs look at the status, people at code and message. */
export function wordFailure(failed: Failure, { face, url }: Failed): Answer {
  const accent = accentOf(failed, face);
  const { pointer, retryAfterS, allow } = failed.details;
  const headers = {
    // SDKs take a 409 for a lock that will open, and try again for minutes.
    ...(accent.status === 409 && { "x-should-retry": "false" }),
    ...(retryAfterS !== undefined && { "retry-after": String(retryAfterS) }),
    ...(allow && { allow: allow.join(", ") }),
  };
  const message = { code: accent.code, message: accent.message ?? textOf(failed, url, face) };
  const error = pointer === undefined ? message : { ...message, source: { pointer } };
  return { status: accent.status, headers, body: failure([chained(error)]) };
}

/** The body of an answer to a bug of ours. */
export const bugBody = failure([{ code: 1500, message: "Internal error" }]);

function accentOf({ kind, details }: Failure, face: Face | undefined): Accent {
  const product = face?.family === "product";
  if (kind === "forbidden")
    return { status: 403, code: details.needs?.decidedBy === "not-owner" ? 1002 : product ? 10000 : 9109 };
  if (kind !== "unauthenticated") return byKind[kind];
  const accent = byReason[details.reason ?? "no-credential"];
  if (accent !== invalidToken) return accent;
  if (face?.path.endsWith("/tokens/verify")) return { status: 401, code: 1000, message: "Invalid API Token" };
  return product ? { status: 403, code: 10000, message: "Authentication error" } : accent;
}

function textOf(failed: Failure, url: string, face: Face | undefined): string {
  if (failed.kind === "no-route")
    return `Could not route to ${url}, perhaps your object identifier is invalid?`;
  if (failed.kind === "invalid") return `Invalid request: ${failed.message}`;
  if (failed.kind !== "forbidden" || failed.details.needs?.decidedBy === "not-owner") return failed.message;
  const product = face?.family === "product";
  return `${product ? "Authentication error" : "Unauthorized to access requested resource"}: ${failed.message}`;
}

/** Malformed headers are one code with what exactly is malformed hung on it. */
function chained(error: Message): Message {
  if (error.code !== 6111 && error.code !== 6103) return error;
  return { code: 6003, message: "Invalid request headers", error_chain: [error] };
}

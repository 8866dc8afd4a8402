import Type, { type TSchema } from "typebox";
import type { Failure, FailureKind } from "../../failure.ts";
import type { Answer, Failed } from "../dialect.ts";

type Accent = { status: number; slug: string; code: string };

const byKind: Record<FailureKind, Accent> = {
  invalid: { status: 400, slug: "bad_request", code: "invalid_input" },
  unauthenticated: { status: 401, slug: "unauthorized", code: "invalid_api_key" },
  forbidden: { status: 403, slug: "forbidden", code: "insufficient_scope" },
  missing: { status: 404, slug: "not_found", code: "resource_not_found" },
  "no-route": { status: 404, slug: "not_found", code: "route_not_found" },
  "wrong-verb": { status: 405, slug: "bad_request", code: "method_not_allowed" },
  "too-slow": { status: 408, slug: "bad_request", code: "request_timeout" },
  conflict: { status: 409, slug: "conflict", code: "conflict" },
  precondition: { status: 412, slug: "precondition_failed", code: "precondition_failed" },
  "too-large": { status: 413, slug: "bad_request", code: "payload_too_large" },
  "not-json": { status: 415, slug: "bad_request", code: "unsupported_media_type" },
  "rate-limited": { status: 429, slug: "rate_limited", code: "rate_limited" },
  unavailable: { status: 503, slug: "unavailable", code: "unavailable" },
};

/** Cases that clients tell apart by a code of their own. */
const byCase: Readonly<Record<string, string>> = {
  "device-revoked": "device_revoked",
  "token-expired": "token_expired",
};

/** The schema of a body that says what went wrong: the same facts under the names of several client generations. */
export const failureBody: TSchema = Type.Object(
  {
    error: Type.String(),
    message: Type.String(),
    status_code: Type.Integer(),
    code: Type.String(),
    detail: Type.String(),
    details: Type.Object(
      {
        pointer: Type.Optional(Type.String()),
        permission: Type.Optional(Type.String()),
        accepted_permissions: Type.Optional(Type.Array(Type.String())),
        decided_by: Type.Optional(Type.String()),
      },
      { additionalProperties: false },
    ),
    request_id: Type.String(),
  },
  { additionalProperties: false },
);

/** Words a failure with a slug, and with what a person needs to mend it. */
export function wordFailure(failure: Failure, failed: Failed): Answer {
  const { status, slug, code } = byKind[failure.kind];
  const { pointer, retryAfterS, allow, needs, reason, case: named } = failure.details;
  const details = {
    ...(pointer !== undefined && { pointer }),
    ...(needs && {
      ...(needs.permission && { permission: needs.permission, accepted_permissions: needs.permissionGroups }),
      decided_by: needs.decidedBy,
    }),
  };
  const headers = {
    ...(retryAfterS !== undefined && { "retry-after": String(retryAfterS) }),
    ...(allow && { allow: allow.join(", ") }),
    ...(status === 401 && { "www-authenticate": "Bearer" }),
  };
  const exact = byCase[named ?? reason ?? ""] ?? code;
  return { status, headers, body: bodyOf(status, slug, exact, failure.message, details, failed) };
}

/** The answer to a bug of ours. */
export function wordBug(failed: Failed): Answer {
  return { status: 500, body: bodyOf(500, "internal_error", "server_error", "internal error", {}, failed) };
}

function bodyOf(
  status: number,
  error: string,
  code: string,
  message: string,
  details: object,
  { requestId }: Failed,
) {
  return { error, message, status_code: status, code, detail: message, details, request_id: requestId };
}

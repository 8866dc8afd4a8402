/**
 * The closed set of ways an operation can fail. Nothing here knows HTTP: each dialect turns a kind into
 * its own status, code and body. Anything thrown that is not a `Failure` is a bug and is answered as one,
 * with its message withheld.
 */
export type FailureKind =
  /** Input that breaks a rule; `pointer` names the member. */
  | "invalid"
  /** Nobody is calling, or the credential is not one of ours; `reason` says which. */
  | "unauthenticated"
  /** The caller is known and may not do this; `needs` says what was missing. */
  | "forbidden"
  /** No such object, or one that the caller may not know of. */
  | "missing"
  /** The state of the system does not allow it; trying again will not help. */
  | "conflict"
  /** A state that the caller required does not hold. */
  | "precondition"
  /** More bytes than the operation takes. */
  | "too-large"
  /** Content that is neither JSON nor a JSON merge patch. */
  | "not-json"
  /** A known route with another verb; `allow` lists the verbs it has. */
  | "wrong-verb"
  /** No such route. */
  | "no-route"
  /** The caller did not send its request in time. */
  | "too-slow"
  /** Too many calls by this credential; `retryAfterS` says when to come back. */
  | "rate-limited"
  /** The server or its store can't answer now; the same call may work later. */
  | "unavailable";

/** Why a caller could not be identified. */
export type UnauthenticatedReason =
  | "no-credential"
  | "malformed-authorization"
  | "malformed-key"
  | "unknown-key"
  | "unknown-token"
  | "token-disabled"
  | "token-expired"
  | "token-not-yet-valid"
  | "address-refused"
  | "token-wanted"
  | "key-wanted";

/** What a caller lacked: the permission, the permission groups that contain it, and what decided. */
export type Needs = {
  permission: string;
  permissionGroups: readonly string[];
  decidedBy: "deny" | "no-allow" | "grant-rule" | "no-membership" | "not-owner";
};

/** Everything a dialect may want to know about a failure beside its kind and message. */
export type FailureDetails = {
  /** JSON pointer (RFC 6901) of the member that is wrong, e.g. `/version_config/0/version`. */
  pointer?: string;
  reason?: UnauthenticatedReason;
  needs?: Needs;
  allow?: readonly string[];
  retryAfterS?: number;
  /** A name for this very case that a dialect may give a code of its own, e.g. `policy-id-taken`. */
  case?: string;
};

/** An expected failure of an operation. */
export class Failure extends Error {
  readonly kind: FailureKind;
  readonly details: FailureDetails;

  constructor(kind: FailureKind, message: string, details: FailureDetails = {}, options?: ErrorOptions) {
    super(message, options);
    this.name = "Failure";
    this.kind = kind;
    this.details = details;
  }
}

/** Input that breaks a rule: `pointer` is the JSON pointer of the member, the message says what was expected. */
export function invalid(pointer: string, message: string, named?: string): Failure {
  return new Failure("invalid", message, named ? { pointer, case: named } : { pointer });
}

/** No such object, or one that the caller may not know of. */
export function missing(what: string): Failure {
  return new Failure("missing", `${what} not found`);
}

/** The state of the system does not allow it. */
export function conflict(message: string, named?: string, pointer?: string): Failure {
  return new Failure("conflict", message, { ...(named && { case: named }), ...(pointer && { pointer }) });
}

import type { IncomingHttpHeaders } from "node:http";
import { Failure } from "../failure.ts";
import type { Caller } from "../operation/caller.ts";
import type { Credentials } from "../operation/credentials.ts";

/** What a secret may look like in a header: long enough for every format that was ever issued. */
const secretShape = /^[0-9A-Za-z._~+/=-]{1,512}$/;

/**
 * Reads who is calling out of a request's headers. Clients send all the credentials they have: a Bearer token
 * goes before the pair of e-mail and key, and that before `X-API-Key`.
 *
 * @throws Failure `unauthenticated`
 */
export function readCredentials(headers: IncomingHttpHeaders): Credentials {
  const { authorization, "x-auth-email": email, "x-auth-key": key, "x-api-key": apiKey } = headers;
  if (authorization !== undefined) return bearer(authorization);
  if (email !== undefined || key !== undefined) return pair(String(email ?? ""), String(key ?? ""));
  if (apiKey === undefined)
    throw new Failure("unauthenticated", "Missing X-Auth-Key, X-Auth-Email or Authorization headers", {
      reason: "no-credential",
    });
  if (!secretShape.test(String(apiKey))) throw malformedKey("X-API-Key");
  return { type: "token", secret: String(apiKey) };
}

/** Whether a request says who it is from. */
export function hasCredentials(headers: IncomingHttpHeaders): boolean {
  return ["authorization", "x-auth-email", "x-auth-key", "x-api-key"].some(
    (name) => headers[name] !== undefined,
  );
}

/** Somebody of whom nothing is known but the network address. */
export function strangerFrom(address: string): Caller {
  const who = { type: "stranger", id: address, label: "" } as const;
  return { ...who, address, ownsInstallation: false, standing: "active", memberships: [] };
}

function bearer(authorization: string): Credentials {
  const [, secret] = /^bearer +(\S+) *$/i.exec(authorization) ?? [];
  if (!secret || !secretShape.test(secret))
    throw new Failure("unauthenticated", "Invalid format for Authorization header", {
      reason: "malformed-authorization",
    });
  return { type: "token", secret };
}

function pair(email: string, key: string): Credentials {
  if (email === "" || key === "")
    throw new Failure("unauthenticated", "X-Auth-Email and X-Auth-Key belong together", {
      reason: "no-credential",
    });
  if (!secretShape.test(key)) throw malformedKey("X-Auth-Key");
  return { type: "key", email, key };
}

function malformedKey(header: string): Failure {
  return new Failure("unauthenticated", `Invalid format for ${header} header`, { reason: "malformed-key" });
}

import type { Handle } from "../db/database.ts";
import { Failure } from "../failure.ts";
import { admit, admitToKind, forbidden } from "./admit.ts";
import type { Caller, Membership } from "./caller.ts";
import type { Call, Input, Parts } from "./hall.ts";
import type { Context, ListOperation, Operation, StreamOperation } from "./operation.ts";
import { checkNamedAccount } from "./place.ts";

/** Throws Failure `unauthenticated` for a credential that is known but may not be used now. */
export function checkStanding(operation: Operation, { standing, address, type }: Caller): void {
  if (standing === "active") {
    checkIsParty(operation, type);
    return;
  }
  const asksAboutItself = "to" in operation.access && operation.access.to === "itself";
  if (asksAboutItself && standing !== "address-refused") return;
  if (standing === "address-refused")
    throw new Failure("unauthenticated", `Cannot use the access token from location: ${address}`, {
      reason: standing,
    });
  const kind = type === "enrolment" ? "enrolment" : "API";
  throw new Failure("unauthenticated", `this ${kind} token is ${standing.replaceAll("-", " ")}`, {
    reason: `token-${standing}`,
  });
}

/** What is open to everyone is open to people and their tokens: a device is nobody who may look around. */
function checkIsParty({ access }: Operation, type: Caller["type"]): void {
  if (!("to" in access) || access.to !== "everyone" || (type !== "device" && type !== "enrolment")) return;
  throw new Failure("forbidden", "a device's credential may act for its own device only", {
    needs: { permission: "", permissionGroups: [], decidedBy: "no-allow" },
  });
}

/** Whoever may do it to nothing at all learns nothing of what it takes. */
export function checkHoldsAny(parts: Parts, { access, resource }: Operation, account: Membership): void {
  if ("to" in access || account.holds(access.permission, resource)) return;
  const ofKind = account.authorize(access.permission, parts.chainOfKind(account.accountId, resource));
  throw forbidden(parts, access.permission, ofKind.decidedBy === "deny" ? "deny" : "no-allow");
}

type AimedOperation = Exclude<Operation, ListOperation<any, any> | StreamOperation<any, any>>;

/** Rights on what the path names; answers the noun that it names, if it names one. */
export async function aim(
  parts: Parts,
  operation: AimedOperation,
  db: Handle,
  call: Call,
  account: Membership,
): Promise<unknown> {
  if (!operation.target) return admitToKind(parts, account, operation.access, operation.resource);
  return admit(parts, account, operation, await operation.target(db, account, call.path));
}

/** What came, checked; it may name no other account than the call works in. */
export function inputOf(parts: Parts, operation: Operation, call: Call, account: Membership): Input {
  const input = call.input();
  if (account) checkNamedAccount(parts, operation, call.caller, account, input.account);
  return input;
}

/** What an operation may reach. */
export function contextOf(parts: Parts, db: Handle, call: Call, account: Membership): Context {
  const now = parts.now();
  return {
    db,
    caller: call.caller,
    account,
    ids: parts.ids,
    now,
    rehearsing: call.dryRun,
    alone: parts.alone,
    settings: parts.settings,
    hold: (accountId) => parts.lock(db, accountId),
    keysThrough: (kind, id) => parts.keysThrough(db, account.accountId, kind, id),
    permissionsIn: parts.permissionsIn,
    groupsContaining: parts.groupsContaining,
    referrers: parts.referrers,
    kept: parts.kept,
    changed: (kind, changes) => parts.changed(db, account.accountId, kind, changes, now),
    accountCreated: (created) => parts.accountCreated(db, created, { ids: parts.ids, now }),
  };
}

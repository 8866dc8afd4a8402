import { first } from "../server.ts";
import type { Caller } from "./callers.ts";
import { deviceFor, isAboutStandard, memberFor, type Operation, sourceFor, thingOf } from "./operations.ts";
import {
  isSuper,
  onKind,
  onSight,
  onThing,
  placeable,
  publicOperations,
  seesSome,
  superAdministrator,
  type Thing,
  type Verdict,
} from "./rights.ts";
import type { System, Things } from "./system.ts";

/** What the rules say of a request: the status, for v4 also the code, and for a refusal its grounds. */
export type Expected = {
  readonly status: number;
  readonly code?: number;
  readonly refusal?: { readonly permission: string; readonly decidedBy: string };
  /** True where the thing must look like one that is not there. */
  readonly hidden?: boolean;
};

/** Everything that decides: who asks, what for, and on which of the four things. */
export type Question = {
  readonly system: System;
  readonly operation: Operation;
  readonly caller: Caller;
  readonly which: keyof Things | undefined;
};

/** What must come of a request that names the first account wherever an account is named. */
export function expected(question: Question): Expected {
  const { operation, caller } = question;
  const refused = unidentified(operation, caller);
  if (refused) return refused;
  if (operation.kind === "user-token" && !operation.name.endsWith(".verify")) return ofOwnToken(question);
  const ofAccount =
    operation.name.startsWith("transfer.") || ["member.issue-key", "access.explain"].includes(operation.name);
  if (publicOperations.includes(operation.name) && !ofAccount) return ofPublic(operation, caller);
  if (namesAccount(operation) && caller.accountId !== first.accountId) return noPlace(operation);
  if (operation.name === "access.explain") return { status: 200 };
  if (operation.name.startsWith("transfer.")) return ofTransfer(operation, caller);
  return operation.name === "member.issue-key" ? ofKey(question) : rightsExpected(question);
}

/** Where a request says which account it is about; elsewhere that follows from the caller and the thing. */
export function namesAccount({ path, dialect, names }: Operation): boolean {
  return path.includes("{account_id}") || (dialect === "rest" && names === undefined);
}

/** The answer to a caller that has no place in the account it names, whether or not there is such an account. */
export function noPlace(operation: Operation): Expected {
  return {
    ...forbidden(operation),
    refusal: { permission: operation.permission ?? "", decidedBy: "no-membership" },
  };
}

function forbidden({ dialect, family }: Operation): Expected {
  return dialect === "rest" ? { status: 403 } : { status: 403, code: family === "product" ? 10000 : 9109 };
}

function unidentified(operation: Operation, { type, standing, headers }: Caller): Expected | undefined {
  const { dialect, name } = operation;
  // Strangers are welcome with an invitation.
  if (type === "nobody" && name === "member.accept-invitation") return undefined;
  if (type === "nobody") return dialect === "rest" ? { status: 401 } : { status: 400, code: 9106 };
  const asksOfItself = name.endsWith("-token.verify");
  const mayAsk = standing === "active" || (asksOfItself && standing !== "address-refused");
  if (type !== "unknown" && mayAsk) return undefined;
  if (dialect === "rest") return { status: 401 };
  if (headers["x-auth-key"]) return { status: 403, code: 9103 };
  if (standing === "address-refused") return { status: 403, code: 9109 };
  return asksOfItself ? { status: 401, code: 1000 } : forbidden(operation);
}

function ofPublic({ name, path }: Operation, { type, accountId, ownsInstallation }: Caller): Expected {
  if (name === "account.list" || name === "member.accept-invitation") return { status: 200 };
  if (name === "account.create") return ownsInstallation ? { status: 200 } : { status: 403, code: 1002 };
  if (type === "person") return { status: 400, code: 1001 };
  const elsewhere = path.includes("{account_id}") && accountId !== first.accountId;
  return elsewhere ? { status: 401, code: 1000 } : { status: 200 };
}

/** Tokens of one's own: for people alone, and of nobody else. */
function ofOwnToken({ system, operation, caller, which }: Question): Expected {
  if (caller.type !== "person") return { status: 403, code: 1002 };
  if (operation.names === undefined) return { status: 200 };
  const own =
    (which === "own" && caller.memberId === system.things.member?.own.id) ||
    (which === "hidden" && caller.ownsInstallation);
  return own ? { status: 200 } : { status: 404, hidden: true };
}

/** A key is everybody's own; others' are for a super administrator who sees them, once there is a user. */
function ofKey({ system, operation, caller, which }: Question): Expected {
  const thing = thingOf(system, operation, which);
  const { accountId, policies, memberId } = caller;
  if (thing.accountId !== accountId) return { status: 404, hidden: true };
  if (thing.id === memberId) return { status: 200 };
  if (onSight(policies, "member.read", thing) !== "allow") return { status: 404, hidden: true };
  if (!isSuper(policies, accountId))
    return {
      ...forbidden(operation),
      refusal: { permission: superAdministrator, decidedBy: "grant-rule" },
    };
  return { status: isPending(system, thing) ? 409 : 200 };
}

/** Imports are for who may bring a line of any kind, exports for who may see one. */
function ofTransfer(operation: Operation, { policies, accountId }: Caller): Expected {
  const brings = operation.name !== "transfer.export";
  const some = brings ? brought : given;
  if (some.some(([permission, kind]) => seesSome(policies, permission, accountId, kind)))
    return { status: 200 };
  const [[permission, kind]] = some;
  const verdict = onKind(policies, permission, accountId, kind);
  return refusal(operation, permission, brings ? "no-allow" : verdict);
}

const brought = [
  ["user-group.write", "user-group"],
  ["user-group.change-members", "user-group"],
  ["device-group.write", "device-group"],
  ["device-group.change-members", "device-group"],
  ["device.write", "device"],
  ["device-policy.write", "device-policy"],
  ["deployment-group.write", "deployment-group"],
] as const;

const given = [
  ["user-group.read", "user-group"],
  ["device-group.read", "device-group"],
  ["device.read", "device"],
  ["device-policy.read", "device-policy"],
  ["deployment-group.read", "deployment-group"],
] as const;

function isPending({ things }: System, { id }: Thing): boolean {
  return id === things.member?.hidden.id;
}

function rightsExpected(question: Question): Expected {
  const { system, operation, caller, which } = question;
  const { permission, kind, isList, names } = operation;
  if (permission === null) throw new Error(`${operation.name} takes no permission: is that meant to be?`);
  const { accountId, policies } = caller;
  if (isList)
    return seesSome(policies, permission, accountId, kind)
      ? { status: 200 }
      : refusal(operation, permission, onKind(policies, permission, accountId, kind));
  // The body names the device, and nobody reads a body from those who may speak for none.
  const isOfNamed = operation.name === "device.heartbeat-named";
  if (isOfNamed && !seesSome(policies, permission, accountId, kind))
    return refusal(operation, permission, onKind(policies, permission, accountId, kind));
  if (names === undefined && !isAboutStandard(operation) && !isOfNamed) {
    const verdict = onKind(policies, permission, accountId, kind);
    return verdict === "allow" ? done(question) : refusal(operation, permission, verdict);
  }
  return admitted(operation, caller, permission, thingOf(system, operation, which)) ?? done(question);
}

/** The rules of what is hidden, missing, or to be seen but not to be touched; undefined lets pass. */
function admitted(
  operation: Operation,
  { accountId, policies }: Caller,
  permission: string,
  thing: Thing,
): Expected | undefined {
  const { kind } = thing;
  const sees = `${kind}.read`;
  if (thing.accountId === accountId) {
    const sight = onSight(policies, sees, thing);
    const right = permission === sees ? sight : onThing(policies, permission, thing);
    if (right === "allow" && sight !== "deny") return undefined;
    if (sight === "allow") return refusal(operation, permission, right);
  }
  if (seesSome(policies, sees, accountId, kind)) return { status: 404, hidden: true };
  const verdict = onKind(policies, sees, accountId, kind);
  return { ...refusal(operation, permission, verdict), hidden: true };
}

function refusal(operation: Operation, permission: string, verdict: Verdict): Expected {
  const decidedBy = verdict === "deny" ? "deny" : "no-allow";
  return { ...forbidden(operation), refusal: { permission, decidedBy } };
}

/** Nobody lets others register devices who may not do it itself, or give any rights. */
function mayEnrol({ policies, accountId }: Caller): boolean {
  const may = (permission: string, kind: string) => onKind(policies, permission, accountId, kind) === "allow";
  return may("device.register", "device") || may("iam.grant", "account");
}

/** What comes of a request that was let pass; a device that may not be placed looks like one that is not there. */
function done({ system, operation, caller, which }: Question): Expected {
  if (operation.name === "device-group.add-device") {
    const group = thingOf(system, operation, which);
    const device = deviceFor(system, operation, which);
    return { status: placeable(caller.policies, device, group.id) ? 201 : 404 };
  }
  // Why a device is in a group is told to whoever may know of the device.
  if (operation.name === "device-group.explain") {
    const device = deviceFor(system, operation, which);
    return { status: onSight(caller.policies, "device.read", device) === "allow" ? 200 : 404 };
  }
  if (operation.name === "device-group.move-devices")
    return (
      admitted(operation, caller, "device-group.change-members", sourceFor(system, which)) ?? { status: 200 }
    );
  if (operation.name === "enrolment-token.create" && !mayEnrol(caller)) {
    const refused = { permission: "device.register", decidedBy: "grant-rule" };
    return { ...forbidden(operation), refusal: refused };
  }
  if (operation.name === "member.invite")
    return { status: isPending(system, thingOf(system, operation, which)) ? 200 : 409 };
  if (/^user-group\.(get|remove)-member$/.test(operation.name))
    return {
      status: onSight(caller.policies, "member.read", memberFor(system, which)) === "deny" ? 404 : 200,
    };
  if (/^user-group\.(add|replace)-members$/.test(operation.name)) {
    const hidden = onSight(caller.policies, "member.read", system.looseMember) === "deny";
    return { status: hidden ? 400 : 200 };
  }
  const made = operation.statuses.includes("201");
  return { status: made ? 201 : 200 };
}

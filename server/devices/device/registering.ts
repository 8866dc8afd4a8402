import { conflict, Failure, invalid } from "../../failure.ts";
import { hashSecret, mintSecret } from "../../iam/secret.ts";
import { type Change, type Context, type Written, write } from "../../operation/operation.ts";
import { groupsOfDevice } from "../membership/index.ts";
import { brought, essence, type Said } from "./bring.ts";
import { insertCredential, isClaimed } from "./credential-store.ts";
import {
  atTime,
  type Device,
  type DeviceNow,
  kind,
  permission,
  reservedIdentifiers,
  type VersionSource,
} from "./device.ts";
import { insertDevices, noteSeen, updateDevices } from "./keeping-store.ts";
import { findByIdentifier } from "./store.ts";
import { chainsOf } from "./targets.ts";

/** What a device says of itself when it registers; `once` refuses an identifier that is registered already. */
export type Registration = {
  readonly identifier: string;
  readonly once: boolean;
  readonly said: Saying;
};

/** What arrives of a device: a version has no time yet, and no source. */
export type Saying = Omit<Said, "clientVersion"> & { readonly clientVersion?: string };

/** A device that registered; `secret` is its credential, in the answer that issues it and never again. */
export type Registered = {
  readonly device: DeviceNow;
  readonly isNew: boolean;
  readonly secret: string | null;
};

/**
 * Registers a device, claims a record that nobody has claimed yet, or brings what is known of a device up to date,
 * which takes its own credential or the right to change it.
 */
export const registerDevice = write<Registration, Registered>({
  name: "device.register",
  summary: "Register a device",
  access: { permission: permission.register },
  resource: kind,
  sees: permission.read,
  raises: "nothing",
  async run(context, registration) {
    const { db, account } = context;
    checkIdentifier(registration.identifier);
    const known = await findByIdentifier(db, account.accountId, registration.identifier);
    checkItself(context, known);
    return known ? registerAgain(context, registration, known) : registerNew(context, registration);
  },
});

/** Throws Failure `invalid` for a word that stands for something else in paths. */
export function checkIdentifier(identifier: string): void {
  if (reservedIdentifiers.includes(identifier))
    throw invalid("/device_identifier", `device_identifier: "${identifier}" is a reserved word`);
}

/** Whether another device is there or not, a device is told the same. */
function checkItself({ caller }: Context, known: Device | undefined): void {
  if (caller.type !== "device") return;
  if (known?.id !== caller.id)
    throw new Failure("forbidden", "a device's credential may act for its own device only", {
      needs: { permission: permission.register, permissionGroups: [], decidedBy: "no-allow" },
    });
  checkNotRevoked(known);
}

/** A revoked device may look at itself, and nothing else. Throws Failure `forbidden`. */
export function checkNotRevoked({ status }: Pick<Device, "status">): void {
  if (status === "revoked")
    throw new Failure("forbidden", "the device is revoked", { case: "device-revoked" });
}

/** A device of which nothing is known yet but who it is. */
export function blankDevice(id: string, identifier: string, now: number): Device {
  return {
    ...{ id, identifier, platform: "python", status: "active", owners: {} },
    ...{ attributes: {}, labels: {}, capabilities: {}, metadata: {} },
    ...{ clientVersion: null, user: null, network: null },
    ...{ createdAt: now, updatedAt: now, lastSeenAt: null },
  };
}

/** With a version's time and source. */
export function timed({ clientVersion, ...said }: Saying, now: number, source: VersionSource): Said {
  if (clientVersion === undefined) return said;
  return { ...said, clientVersion: { version: clientVersion, reportedAt: now, source } };
}

/** What the one who calls says of a device, put over what is known; what enrols it fixes some of it. */
function heardBy({ caller, now }: Context, device: Device, saying: Saying): Device {
  const said = timed(saying, now, "register");
  const { user, ...own } = said;
  const mayNameUser = caller.type === "user" || caller.type === "token";
  const fixed = brought(device, (caller.fixed ?? {}) as Said, "enrolment");
  const reported = brought(fixed, own, "device");
  return mayNameUser && user !== undefined ? brought(reported, { user }, "operator") : reported;
}

async function registerNew(context: Context, registration: Registration): Promise<Written<Registered>> {
  const { db, account, ids, now } = context;
  const blank = blankDevice(ids.prefixed("dev"), registration.identifier, now);
  const device = { ...heardBy(context, blank, registration.said), lastSeenAt: now };
  await insertDevices(db, account.accountId, [device]);
  const secret = await issue(context, device);
  await context.changed(kind, [{ before: null, after: device }]);
  const result = { device: atTime(device, now), isNew: true, secret };
  return { result, changes: [changeOf(null, device)] };
}

async function registerAgain(
  context: Context,
  registration: Registration,
  known: Device,
): Promise<Written<Registered>> {
  const { db, account, now } = context;
  const unclaimed = await checkMayBecome(context, registration, known);
  const wanted = { ...heardBy(context, known, registration.said), lastSeenAt: now };
  await noteSeen(db, account.accountId, [{ id: known.id, at: now }]);
  const secret = unclaimed ? await issue(context, known) : null;
  const claimed: Change[] = unclaimed
    ? [{ resource: resourceOf(known), before: { claimed: false }, after: { claimed: true } }]
    : [];
  if (essence(wanted) === essence(known))
    return { result: { device: atTime(wanted, now), isNew: false, secret }, changes: claimed };
  const device = { ...wanted, updatedAt: now };
  await updateDevices(db, account.accountId, [{ before: known, after: device }]);
  await context.changed(kind, [{ before: known, after: device }]);
  return { result: { device: atTime(device, now), isNew: false, secret }, changes: claimed };
}

/** Answers whether the record is to be claimed. A hidden device answers like one that is somebody else's. */
async function checkMayBecome(
  { db, account, caller }: Context,
  { once }: Registration,
  known: Device,
): Promise<boolean> {
  const groupIds = await groupsOfDevice(db, account.accountId, known.id);
  const { chain, readChain } = chainsOf(account.accountId, known.id, groupIds);
  const hidden = account.authorize(permission.read, readChain).decidedBy === "deny";
  const unclaimed = !(await isClaimed(db, account.accountId, known.id));
  const itself = caller.type === "device" && caller.id === known.id;
  const mayChange = itself || account.authorize(permission.write, chain).allowed;
  const mayClaim = unclaimed && known.status !== "revoked" && caller.type !== "device";
  if (hidden || !(mayClaim || (mayChange && !once)))
    throw conflict(
      `a device with the identifier ${known.identifier} is registered already`,
      "device-registered",
    );
  return mayClaim;
}

async function issue({ db, account, now }: Context, { id }: Device): Promise<string> {
  const secret = mintSecret("fld");
  await insertCredential(db, account.accountId, id, hashSecret(secret), now);
  return secret;
}

function resourceOf({ id, identifier }: Device): Change["resource"] {
  return { kind, id, name: identifier };
}

/** A device's change, for the audit trail. */
export function changeOf(before: Device | null, after: Device | null): Change {
  return { resource: resourceOf((after ?? before) as Device), before, after };
}

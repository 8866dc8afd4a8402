import type { Handle } from "../../db/database.ts";
import { conflict, invalid } from "../../failure.ts";
import { chainOf, objectKey } from "../../iam/scope.ts";
import type { Membership } from "../../operation/caller.ts";
import {
  type Change,
  type Context,
  list,
  type Path,
  read,
  type Target,
  type Written,
  write,
} from "../../operation/operation.ts";
import type { Page } from "../../operation/page.ts";
import { groupsOfDevice } from "../membership/index.ts";
import {
  type Attributes,
  connectivity,
  type Device,
  type DeviceNow,
  freeFormMaxBytes,
  kind,
  labelsMax,
  metadataMax,
  permission,
  reservedIdentifiers,
} from "./device.ts";
import {
  deleteDevice,
  type Filter,
  findByIdentifier,
  findDevice,
  insertDevice,
  listDevices,
  noteSeen,
  updateDevice,
} from "./store.ts";

/** What a device says of itself when it registers; `once` refuses an identifier that is registered already. */
export type Registration = {
  identifier: string;
  once: boolean;
  platform?: string;
  attributes: Attributes;
  labels?: Readonly<Record<string, string>>;
  capabilities?: Readonly<Record<string, unknown>>;
  metadata?: Readonly<Record<string, unknown>>;
};

type Registered = { device: DeviceNow; isNew: boolean };

/** Finds the device that a path names, by id or identifier. It is read through the groups it is in, too. */
export async function deviceTarget(db: Handle, account: Membership, path: Path): Promise<Target<Device>> {
  const target = await deviceInGroupsTarget(db, account, path);
  return "missing" in target ? target : { ...target, noun: target.noun.device };
}

/** A device and the ids of the groups that it is in. */
export type DeviceInGroups = { readonly device: Device; readonly groupIds: readonly string[] };

/** As `deviceTarget`, for operations that look at the groups themselves. */
export async function deviceInGroupsTarget(
  db: Handle,
  account: Membership,
  path: Path,
): Promise<Target<DeviceInGroups>> {
  const device = await findDevice(db, account.accountId, path.device_id ?? "");
  if (!device) return { missing: "device" };
  const groupIds = await groupsOfDevice(db, account.accountId, device.id);
  return { noun: { device, groupIds }, ...chainsOf(account.accountId, device.id, groupIds) };
}

/** The scope keys of a device: for changing it its own, for reading it those of its groups as well. */
export function chainsOf(accountId: string, deviceId: string, groupIds: readonly string[]) {
  const ofGroups = groupIds.map((id) => objectKey("device-group", id));
  return {
    chain: chainOf(accountId, kind, deviceId),
    readChain: chainOf(accountId, kind, deviceId, ...ofGroups),
  };
}

/** The devices of the account. */
export const listAllDevices = list<{ filter: Filter; page: Page }, DeviceNow>({
  name: "device.list",
  summary: "List devices",
  access: { permission: permission.read },
  resource: kind,
  async run({ db, account, now }, { filter, page }, visible) {
    const { groupId } = filter;
    if (groupId !== undefined) {
      const chain = chainOf(account.accountId, "device-group", groupId);
      // A hidden group answers like one that is not there.
      if (!account.authorize("device-group.read", chain).allowed) return { items: [], total: 0, next: null };
    }
    const listed = await listDevices(db, account.accountId, filter, visible, page);
    return { ...listed, items: listed.items.map((device) => atTime(device, now)) };
  },
});

/** One device. */
export const getDevice = read<unknown, DeviceNow, Device>({
  name: "device.get",
  summary: "Get a device",
  access: { permission: permission.read },
  resource: kind,
  sees: permission.read,
  target: deviceTarget,
  run: async ({ now }, _input, device) => atTime(device, now),
});

/** Registers a device, or brings what is known of it up to date. */
export const registerDevice = write<Registration, Registered>({
  name: "device.register",
  summary: "Register a device",
  access: { permission: permission.write },
  resource: kind,
  sees: permission.read,
  raises: "fleet",
  async run(context, registration) {
    const { db, account } = context;
    if (reservedIdentifiers.includes(registration.identifier))
      throw invalid(
        "/device_identifier",
        `device_identifier: "${registration.identifier}" is a reserved word`,
      );
    const known = await findByIdentifier(db, account.accountId, registration.identifier);
    return known ? registerAgain(context, registration, known) : registerNew(context, registration);
  },
});

/** Forgets a device; whatever names it lets go of it. */
export const removeDevice = write<unknown, Device, Device>({
  name: "device.delete",
  summary: "Delete a device",
  access: { permission: permission.write },
  resource: kind,
  sees: permission.read,
  raises: "fleet",
  target: deviceTarget,
  async run({ db, account, referrers, now }, _input, device) {
    const released = await referrers(kind).release(db, account.accountId, device.id, now);
    await deleteDevice(db, account.accountId, device.id);
    return { result: device, changes: [changeOf(device, null), ...released] };
  },
});

async function registerNew(context: Context, registration: Registration): Promise<Written<Registered>> {
  const { db, account, ids, now } = context;
  const blank = { id: ids.prefixed("dev"), status: "active", platform: "python", createdAt: now } as const;
  const empty = {
    attributes: {},
    labels: {},
    capabilities: {},
    metadata: {},
    updatedAt: now,
    lastSeenAt: now,
  };
  const device = brought({ ...blank, ...empty, identifier: registration.identifier }, registration);
  await insertDevice(db, account.accountId, device);
  return { result: { device: atTime(device, now), isNew: true }, changes: [changeOf(null, device)] };
}

async function registerAgain(
  { db, account, now }: Context,
  registration: Registration,
  known: Device,
): Promise<Written<Registered>> {
  const { chain, readChain } = chainsOf(
    account.accountId,
    known.id,
    await groupsOfDevice(db, account.accountId, known.id),
  );
  const mayChange = account.authorize(permission.write, chain).allowed;
  const hidden = account.authorize(permission.read, readChain).decidedBy === "deny";
  if (registration.once || !mayChange || hidden)
    throw conflict(
      `a device with the identifier ${known.identifier} is registered already`,
      "device-registered",
    );
  const wanted = brought({ ...known, lastSeenAt: now }, registration);
  await noteSeen(db, account.accountId, known.id, now);
  if (essence(wanted) === essence(known))
    return { result: { device: atTime(wanted, now), isNew: false }, changes: [] };
  const device = { ...wanted, updatedAt: now };
  await updateDevice(db, account.accountId, device);
  return { result: { device: atTime(device, now), isNew: false }, changes: [changeOf(known, device)] };
}

/** A device with what a registration says put over what is known: what is not mentioned stays. */
function brought(
  device: Device,
  { platform, attributes, labels, capabilities, metadata }: Registration,
): Device {
  const allLabels = { ...device.labels, ...labels };
  if (Object.keys(allLabels).length > labelsMax)
    throw invalid("/labels", `labels: expected at most ${labelsMax} on one device`);
  const allMetadata = { ...device.metadata, ...metadata };
  if (Object.keys(allMetadata).length > metadataMax)
    throw invalid("/metadata", `metadata: expected at most ${metadataMax} on one device`);
  checkSize("metadata", allMetadata);
  checkSize("capabilities", capabilities ?? {});
  return {
    ...device,
    platform: platform ?? device.platform,
    attributes: { ...device.attributes, ...attributes },
    labels: allLabels,
    capabilities: capabilities ?? device.capabilities,
    metadata: allMetadata,
  };
}

function checkSize(name: string, members: Readonly<Record<string, unknown>>): void {
  if (Buffer.byteLength(JSON.stringify(members)) > freeFormMaxBytes)
    throw invalid(`/${name}`, `${name}: expected at most ${freeFormMaxBytes} bytes on one device`);
}

function essence({ lastSeenAt, updatedAt, attributes, labels, ...device }: Device): string {
  const sorted = (members: object) => Object.entries(members).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([device, sorted(attributes), sorted(labels)]);
}

function atTime(device: Device, now: number): DeviceNow {
  return { ...device, connectivity: connectivity(device, now) };
}

function changeOf(before: Device | null, after: Device | null): Change {
  const { id, identifier } = (after ?? before) as Device;
  return { resource: { kind, id, name: identifier }, before, after };
}

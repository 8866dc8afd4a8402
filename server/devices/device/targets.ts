import type { Handle } from "../../db/database.ts";
import { chainOf, objectKey } from "../../iam/scope.ts";
import type { Membership } from "../../operation/caller.ts";
import type { Path, Target } from "../../operation/operation.ts";
import { showsAll } from "../../operation/visible.ts";
import { groupsOfDevice } from "../membership/index.ts";
import { itselfIn } from "./credential.ts";
import { type Device, kind, permission } from "./device.ts";
import { type Brief, findBrief, findDevice } from "./store.ts";

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

/** As `deviceTarget`, for reports: they look at no more of the device than deciding about it takes. */
export function briefTarget(db: Handle, account: Membership, path: Path): Promise<Target<Brief>> {
  return briefly(db, account, path.device_id ?? "");
}

/** As `briefTarget`, without looking, where the device itself calls. */
export function briefAtHand(account: Membership, path: Path): Target<Brief> | undefined {
  return itselfIn(account, path.device_id ?? "");
}

/** Finds the device with an id or identifier. */
export async function briefly(db: Handle, account: Membership, ref: string): Promise<Target<Brief>> {
  const noun = await findBrief(db, account.accountId, ref);
  if (!noun) return { missing: "device" };
  const chain = chainOf(account.accountId, kind, noun.id);
  if (isPlain(account, chain)) return { noun, chain };
  const groupIds = await groupsOfDevice(db, account.accountId, noun.id);
  return { noun, ...chainsOf(account.accountId, noun.id, groupIds) };
}

/** Whether a device's groups make no difference to who reads it: then they need not be looked up. */
function isPlain(account: Membership, chain: readonly string[]): boolean {
  const visible = account.visible(permission.read, kind);
  if (showsAll(visible)) return true;
  const throughGroups = visible.some(
    ({ through }) => through.groups.length + through.exceptGroups.length > 0,
  );
  return !throughGroups && account.authorize(permission.read, chain).allowed;
}

/** The scope keys of a device: for changing it its own, for reading it those of its groups as well. */
export function chainsOf(accountId: string, deviceId: string, groupIds: readonly string[]) {
  const ofGroups = groupIds.map((id) => objectKey("device-group", id));
  return {
    chain: chainOf(accountId, kind, deviceId),
    readChain: chainOf(accountId, kind, deviceId, ...ofGroups),
  };
}

import { conflict, invalid, missing } from "../../failure.ts";
import { type Change, read, type Written, write } from "../../operation/operation.ts";
import type { Listed, Page } from "../../operation/page.ts";
import { type Device, deviceTarget, permission as ofDevice } from "../device/index.ts";
import {
  findMembership,
  listMembers,
  type Member,
  type Membership,
  membershipsOfDevice,
} from "../membership/index.ts";
import { addBatch, type Batch, moveBatch, removeBatch } from "./batch.ts";
import { type DeviceGroup, kind, permission } from "./device-group.ts";
import { rejoin } from "./follow.ts";
import { declared, groupById, groupTarget } from "./operations.ts";
import { findGroups } from "./store.ts";

type One = { ref: string; addedBy: string | null };
type Many = { refs: readonly string[]; addedBy: string | null };

/** What every operation on who is in a group by hand has in common. */
export const changing = {
  ...declared,
  access: { permission: permission.changeMembers },
  raises: "fleet",
  target: groupTarget,
} as const;

/** Throws Failure `conflict` for a group that only its rules fill. */
export function checkByHand({ type, name }: DeviceGroup): void {
  if (type !== "dynamic") return;
  throw conflict(`the members of the dynamic group ${name} follow from its rules alone`, "dynamic-group");
}

/** The devices in a group: all but those that a deny hides from the caller. */
export const listGroupDevices = read<{ page: Page }, Listed<Member>, DeviceGroup>({
  ...declared,
  name: "device-group.list-devices",
  summary: "List the devices in a device group",
  access: { permission: permission.read },
  target: groupTarget,
  run({ db, account }, { page }, group) {
    return listMembers(db, account.accountId, group, account.notDenied(ofDevice.read, "device"), page);
  },
});

/** A device's groups as far as the caller may see them, with the memberships. */
export type GroupsOfDevice = {
  device: Device;
  memberships: readonly { group: DeviceGroup; membership: Membership }[];
};

/** The groups that a device is in. */
export const listGroupsOfDevice = read<unknown, GroupsOfDevice, Device>({
  name: "device-group.list-of-device",
  summary: "List the device groups that a device is in",
  access: { permission: ofDevice.read },
  resource: "device",
  sees: ofDevice.read,
  target: deviceTarget,
  async run({ db, account, caller }, _input, device) {
    // A device may know the groups that it is in, although it may look at no other; what fills them is not its business.
    const itself = caller.type === "device";
    const visible = itself ? [] : account.visible(permission.read, kind);
    const held = await membershipsOfDevice(db, account.accountId, device.id, visible);
    const ids = held.map(({ groupId }) => groupId);
    const groups = await findGroups(db, account.accountId, ids);
    const memberships = held.flatMap((membership) => {
      const group = groups.get(membership.groupId);
      return group ? [{ group: itself ? { ...group, rules: null } : group, membership }] : [];
    });
    return { device, memberships };
  },
});

/** Puts one device into a group; to do so again changes nothing. */
export const addDevice = write<One, { membership: Membership; isNew: boolean }, DeviceGroup>({
  ...changing,
  name: "device-group.add-device",
  summary: "Add a device to a device group",
  async run({ db, account, now }, { ref, addedBy }, group) {
    checkByHand(group);
    const batch = await addBatch({ db, account, groupId: group.id, refs: [ref] }, now, addedBy);
    const [skipped] = batch.skipped;
    if (skipped?.reason === "excluded")
      throw conflict("the device is excluded from this device group", "excluded");
    if (skipped && skipped.reason !== "already_member") throw missing("device");
    const deviceId = batch.found.get(ref)?.id ?? "";
    const membership = await findMembership(db, account.accountId, group.id, deviceId);
    if (!membership) throw missing("device");
    return { ...asWritten({ membership, isNew: !skipped }, "added", group, batch), ...labelled(addedBy) };
  },
});

/** Takes one device out of a group; a device that is not in it is left as it is. */
export const removeDeviceFromGroup = write<{ ref: string }, null, DeviceGroup>({
  ...changing,
  name: "device-group.remove-device",
  summary: "Remove a device from a device group",
  async run({ db, account, now }, { ref }, group) {
    checkByHand(group);
    const batch = await removeBatch({ db, account, groupId: group.id, refs: [ref] });
    const reason = batch.skipped[0]?.reason;
    if (reason === "not_found") throw missing("device");
    if (reason === "dynamic_member")
      throw conflict("the device is a member by the group's rules: exclude it instead", "dynamic-member");
    return asWritten(
      null,
      "removed",
      group,
      batch,
      await rejoin(db, account.accountId, group, batch.deviceIds, now),
    );
  },
});

/** Puts up to 10 000 devices into a group, those that can be. */
export const addDevices = write<Many, { group: DeviceGroup; batch: Batch }, DeviceGroup>({
  ...changing,
  name: "device-group.add-devices",
  summary: "Add devices to a device group",
  async run({ db, account, now }, { refs, addedBy }, group) {
    checkByHand(group);
    const batch = await addBatch({ db, account, groupId: group.id, refs }, now, addedBy);
    return { ...asWritten({ group, batch }, "added", group, batch), ...labelled(addedBy) };
  },
});

/** Takes up to 10 000 devices out of a group, those that are in it. */
export const removeDevices = write<
  { refs: readonly string[] },
  { group: DeviceGroup; batch: Batch },
  DeviceGroup
>({
  ...changing,
  name: "device-group.remove-devices",
  summary: "Remove devices from a device group",
  async run({ db, account, now }, { refs }, group) {
    checkByHand(group);
    const batch = await removeBatch({ db, account, groupId: group.id, refs });
    const still = await rejoin(db, account.accountId, group, batch.deviceIds, now);
    return asWritten({ group, batch }, "removed", group, batch, still);
  },
});

/** Moves up to 10 000 devices from another group into this one, those that are in the other. */
export const moveDevices = write<
  Many & { from: string },
  { from: string; to: string; batch: Batch },
  DeviceGroup
>({
  ...changing,
  name: "device-group.move-devices",
  summary: "Move devices from one device group to another",
  async needs(db, account, { from }) {
    return [{ ...declared, ...changing.access, target: await groupById(db, account, from) }];
  },
  async run({ db, account, now }, { from, refs, addedBy }, to) {
    if (from === to.id) throw invalid("/from", "from: expected another device group than the one to move to");
    const source = await groupById(db, account, from);
    if ("missing" in source) throw missing(source.missing);
    for (const group of [source.noun, to]) checkByHand(group);
    const batch = await moveBatch({ db, account, groupId: from, refs }, to.id, now, addedBy);
    const moved = asWritten({ from, to: to.id, batch }, "added", to, batch);
    const still = await rejoin(db, account.accountId, source.noun, batch.deviceIds, now);
    const left = asWritten(null, "removed", source.noun, batch, still);
    return { ...moved, changes: [...left.changes, ...moved.changes], ...labelled(addedBy) };
  },
});

/** What was done of a batch, for the audit trail. `still` are members by rule now. */
export function asWritten<Result>(
  result: Result,
  verb: "added" | "removed",
  { id, name }: DeviceGroup,
  { deviceIds }: Batch,
  still: ReadonlySet<string> = new Set(),
): Written<Result> {
  const moved = deviceIds.filter((each) => !still.has(each));
  const change: Change = {
    resource: { kind, id, name },
    before: null,
    after: { [verb]: moved.length, ...(still.size > 0 && { by_rule: still.size }) },
    ids: { [verb]: moved, ...(still.size > 0 && { by_rule: [...still] }) },
  };
  return { result, changes: deviceIds.length > 0 ? [change] : [] };
}

/** The label that a caller gave for who did it, if it gave one. */
export function labelled(addedBy: string | null): { label?: string } {
  return addedBy === null ? {} : { label: addedBy };
}

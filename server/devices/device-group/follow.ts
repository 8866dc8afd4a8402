import type { Handle } from "../../db/database.ts";
import type { Follower } from "../../operation/room.ts";
import { type Device, findDevices, kind as ofDevice, subjectOf } from "../device/index.ts";
import {
  type DynamicRow,
  insertDynamic,
  membersAmong,
  membershipTypes,
  removePairs,
} from "../membership/index.ts";
import type { DeviceGroup } from "./device-group.ts";
import { exclusionsOf } from "./exclusion-store.ts";
import { type RuledGroup, ruledGroups } from "./rule-store.ts";
import { matcherOfRules } from "./selector.ts";
import { count } from "./store.ts";

/** Groups that fill themselves follow what devices are like: in the same transaction, so that no reader sees it otherwise. */
export const followDevices: Follower = {
  of: ofDevice,
  async changed(db, accountId, changes: readonly { before: Device | null; after: Device | null }[], now) {
    const groups = await ruledGroups(db, accountId);
    const devices = changes.flatMap(({ after }) => (after ? [after] : []));
    if (groups.length > 0 && devices.length > 0) await bringInLine(db, accountId, groups, devices, now);
  },
};

/**
 * Lets devices that were just taken out of a group by hand be members by rule where its rules fit them; answers those
 * that are in it still.
 */
export async function rejoin(
  db: Handle,
  accountId: string,
  group: DeviceGroup,
  deviceIds: readonly string[],
  now: number,
): Promise<ReadonlySet<string>> {
  if (!group.rules || deviceIds.length === 0) return new Set();
  const devices = await findDevices(db, accountId, deviceIds);
  const same = [...devices.values()].map((device) => ({ before: device, after: device }));
  await followDevices.changed(db, accountId, same, now);
  return new Set((await membersAmong(db, accountId, group.id, deviceIds)).keys());
}

async function bringInLine(
  db: Handle,
  accountId: string,
  groups: readonly RuledGroup[],
  devices: readonly Device[],
  now: number,
): Promise<void> {
  const ids = devices.map(({ id }) => id);
  const present = await membershipTypes(db, accountId, ids);
  const excluded = await exclusionsOf(db, accountId, ids);
  const keptOut = new Set(excluded.map(({ groupId, deviceId }) => `${groupId} ${deviceId}`));
  const joining: DynamicRow[] = [];
  const leaving: { groupId: string; deviceId: string }[] = [];
  for (const device of devices) {
    const subject = subjectOf(accountId, device, []);
    const own = present.get(device.id);
    for (const { groupId, rules, revision } of groups) {
      const fits = matcherOfRules(rules)(subject) && !keptOut.has(`${groupId} ${device.id}`);
      const type = own?.get(groupId);
      if (fits && type === undefined) joining.push({ groupId, deviceId: device.id, revision });
      if (!fits && type === "dynamic") leaving.push({ groupId, deviceId: device.id });
    }
  }
  await insertDynamic(db, accountId, joining, now);
  await removePairs(db, accountId, leaving);
  await countAll(db, accountId, joining, leaving);
}

/** In the order of their ids, so that nobody waits in a circle. */
async function countAll(
  db: Handle,
  accountId: string,
  joining: readonly { groupId: string }[],
  leaving: readonly { groupId: string }[],
): Promise<void> {
  const differences = new Map<string, number>();
  for (const { groupId } of joining) differences.set(groupId, (differences.get(groupId) ?? 0) + 1);
  for (const { groupId } of leaving) differences.set(groupId, (differences.get(groupId) ?? 0) - 1);
  for (const [groupId, difference] of [...differences].sort(([a], [b]) => (a < b ? -1 : 1)))
    await count(db, accountId, groupId, difference);
}

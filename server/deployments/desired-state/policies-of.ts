import type { Handle } from "../../db/database.ts";
import { type Device, subjectOf } from "../../devices/device/index.ts";
import { namesOfGroups } from "../../devices/device-group/index.ts";
import { allDevicePolicies, type DevicePolicy } from "../../devices/device-policy/index.ts";
import { groupsOfDevices } from "../../devices/membership/index.ts";
import { matcherOf } from "./matchers.ts";

/**
 * The device policies of some devices, by the device's id, at most some hundreds of devices at a time. What it answers
 * does not depend on whether a device is revoked.
 */
export async function devicePoliciesOf(
  db: Handle,
  accountId: string,
  devices: readonly Device[],
): Promise<ReadonlyMap<string, DevicePolicy>> {
  if (devices.length === 0) return new Map();
  const devicePolicies = await allDevicePolicies(db, accountId);
  const ids = devices.map(({ id }) => id);
  const groupsOf = await groupsOfDevices(db, accountId, ids);
  const groupIds = [...new Set([...groupsOf.values()].flat())];
  const groups = await namesOfGroups(db, accountId, groupIds);
  const byId = new Map(groups.map((group) => [group.id, group]));
  const found = devices.flatMap((device) => {
    const inGroups = (groupsOf.get(device.id) ?? []).flatMap((id) => byId.get(id) ?? []);
    const subject = subjectOf(accountId, device, inGroups);
    const own = devicePolicies.find(
      ({ match, enabled, isDefault }) =>
        isDefault || (enabled && match !== null && matcherOf(match)(subject)),
    );
    return own ? [[device.id, own] as const] : [];
  });
  return new Map(found);
}

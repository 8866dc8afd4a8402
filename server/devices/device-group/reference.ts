import type { Handle } from "../../db/database.ts";
import type { Change } from "../../operation/operation.ts";
import type { Reference } from "../../operation/reference.ts";
import { groupsOfDevice, groupsOfDevices, removeFromAll } from "../membership/index.ts";
import { kind } from "./device-group.ts";
import { dropExclusionsOfDevice } from "./exclusion-store.ts";
import { countOut, findGroups } from "./store.ts";

/** Device groups hold devices: a device that is deleted leaves them. */
export const ofDevices: Reference = {
  to: "device",
  from: kind,
  columns: ["device_group_member.device_id", "device_group_exclusion.device_id"],
  async find(db, accountId, ids) {
    const held = await groupsOfDevices(db, accountId, ids);
    const pairs = [...held].flatMap(([refersTo, groups]) => groups.map((id) => ({ refersTo, id })));
    const groups = await findGroups(
      db,
      accountId,
      pairs.map(({ id }) => id),
    );
    return pairs.map(({ refersTo, id }) => ({ kind, id, refersTo, name: groups.get(id)?.name ?? id }));
  },
  release: leaveGroups,
};

async function leaveGroups(db: Handle, accountId: string, deviceId: string): Promise<Change[]> {
  await dropExclusionsOfDevice(db, accountId, deviceId);
  const left = (await groupsOfDevice(db, accountId, deviceId)).sort();
  if (left.length === 0) return [];
  await removeFromAll(db, accountId, deviceId);
  await countOut(db, accountId, left);
  const resource = { kind: "device", id: deviceId };
  return [{ resource, before: null, after: { left: left.length }, ids: { left } }];
}

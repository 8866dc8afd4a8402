import type { Handle } from "../../db/database.ts";
import type { Change } from "../../operation/operation.ts";
import type { Reference } from "../../operation/reference.ts";
import { groupsOfDevice, groupsOfDevices, removeMembers } from "../membership/index.ts";
import { kind } from "./device-group.ts";
import { count, findGroups } from "./store.ts";

/** Device groups hold devices: a device that is deleted leaves them. */
export const ofDevices: Reference = {
  to: "device",
  from: kind,
  columns: ["device_group_member.device_id"],
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
  const changes: Change[] = [];
  for (const groupId of (await groupsOfDevice(db, accountId, deviceId)).sort()) {
    await count(db, accountId, groupId, -(await removeMembers(db, accountId, groupId, [deviceId])));
    const after = { removed: 1 };
    changes.push({ resource: { kind, id: groupId }, before: null, after, ids: { removed: [deviceId] } });
  }
  return changes;
}

import type { Handle } from "../../db/database.ts";
import type { Steps } from "../../operation/operation.ts";
import { removeMembers, someMembers } from "../membership/index.ts";
import type { DeviceGroup } from "./device-group.ts";
import { dropExclusions } from "./exclusion-store.ts";
import { deleteRules } from "./rule-store.ts";
import { deleteGroup, letGroupGo } from "./store.ts";
import { makeUnderWay } from "./under-way.ts";

/** Memberships that one transaction ends: more would hold the writer for too long. */
const chunkMax = 1000;

/** Deletes a group; answers false where it has so many members that it is only out of sight, and is to be sent away. */
export async function letGo(db: Handle, accountId: string, group: DeviceGroup): Promise<boolean> {
  await deleteRules(db, accountId, group.id);
  if (group.deviceCount > chunkMax) {
    await letGroupGo(db, accountId, group.id);
    return false;
  }
  await leaveChunk(db, accountId, group.id);
  await dropExclusions(db, accountId, group.id);
  await deleteGroup(db, accountId, group.id);
  return true;
}

/** Takes away what is left of a group that is out of sight already, in short transactions. */
export async function sendAway<Group extends { readonly id: string }>(
  steps: Steps,
  accountId: string,
  group: Group,
): Promise<Group> {
  if (steps.rehearsing) return group;
  await beingSentAway.during(group.id, async () => {
    while (await steps.write((db) => leaveChunk(db, accountId, group.id)));
    await steps.write(async (db) => {
      await dropExclusions(db, accountId, group.id);
      await deleteGroup(db, accountId, group.id);
    });
  });
  return group;
}

/** The groups that this process sends away. */
export const beingSentAway = makeUnderWay();

/** Answers whether there was anybody to leave. */
async function leaveChunk(db: Handle, accountId: string, groupId: string): Promise<boolean> {
  const members = await someMembers(db, accountId, groupId, chunkMax);
  if (members.length > 0) await removeMembers(db, accountId, groupId, members);
  return members.length > 0;
}

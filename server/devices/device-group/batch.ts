import type { Handle } from "../../db/database.ts";
import type { Membership as Place } from "../../operation/caller.ts";
import type { Found } from "../device/index.ts";
import { resolveDevices } from "../device/index.ts";
import { addMembers, type Membership, membersAmong, removeMembers } from "../membership/index.ts";
import { excludedAmong } from "./exclusion-store.ts";
import { type Reach, reachFrom } from "./reach.ts";
import { count } from "./store.ts";

/** Why something that was asked for was not done. */
export type Reason =
  | "already_member"
  | "not_member"
  | "not_found"
  | "revoked"
  | "duplicate"
  | "dynamic_member"
  | "excluded"
  | "not_excluded";

/** What became of a batch: what was asked for, as it was spelled and in the order of asking. */
export type Batch = {
  readonly done: readonly string[];
  readonly skipped: readonly { readonly ref: string; readonly reason: Reason }[];
  /** The ids of the devices that were done. */
  readonly deviceIds: readonly string[];
  /** What each thing that was asked for names, as far as there is such a device. */
  readonly found: ReadonlyMap<string, Found>;
};

type Asked = { db: Handle; account: Place; groupId: string; refs: readonly string[] };

/** Puts devices into a group, those that can be. */
export async function addBatch(asked: Asked, addedAt: number, addedBy: string | null): Promise<Batch> {
  const { db, account, groupId } = asked;
  const batch = await sort(asked, (found, { type, excluded, denied, placeable }) => {
    if (denied) return "not_found";
    if (type) return "already_member";
    if (!placeable) return "not_found";
    if (excluded) return "excluded";
    return found.status === "revoked" ? "revoked" : null;
  });
  const membership = { groupId, type: "manual", addedAt, addedBy } as const;
  if (batch.deviceIds.length > 0)
    await count(
      db,
      account.accountId,
      groupId,
      await addMembers(db, account.accountId, membership, batch.deviceIds),
    );
  return batch;
}

/** Takes devices out of a group, those that are in it. */
export async function removeBatch(asked: Asked): Promise<Batch> {
  const { db, account, groupId } = asked;
  const batch = await sort(asked, (_found, { type, denied, known }) => {
    if (denied) return "not_found";
    if (type) return type === "dynamic" ? "dynamic_member" : null;
    return known ? "not_member" : "not_found";
  });
  if (batch.deviceIds.length > 0)
    await count(
      db,
      account.accountId,
      groupId,
      -(await removeMembers(db, account.accountId, groupId, batch.deviceIds)),
    );
  return batch;
}

/** Takes devices out of one group and puts them into another, those that are in the first. */
export async function moveBatch(
  asked: Asked,
  to: string,
  addedAt: number,
  addedBy: string | null,
): Promise<Batch> {
  const { db, account, groupId: from } = asked;
  const reach = await reachOfRefs(asked, to);
  const excluded = await excludedAmong(db, account.accountId, to, [...reach.ids]);
  const batch = await sort(asked, (found, { type, denied, known }) => {
    if (denied) return "not_found";
    if (!type) return known ? "not_member" : "not_found";
    if (type === "dynamic") return "dynamic_member";
    if (excluded.has(found.id)) return "excluded";
    if (!reach.of(found.id).placeable) return "not_found";
    return found.status === "revoked" ? "revoked" : null;
  });
  if (batch.deviceIds.length === 0) return batch;
  const removed = await removeMembers(db, account.accountId, from, batch.deviceIds);
  const membership = { groupId: to, type: "manual", addedAt, addedBy } as const;
  const added = await addMembers(db, account.accountId, membership, batch.deviceIds);
  const differences: [string, number][] = [
    [from, -removed],
    [to, added],
  ];
  for (const [id, difference] of differences.sort(([a], [b]) => (a < b ? -1 : 1)))
    await count(db, account.accountId, id, difference);
  return batch;
}

async function reachOfRefs({ db, account, refs }: Asked, groupId: string) {
  const found = await resolveDevices(db, account.accountId, refs);
  const ids = [...found.values()].map(({ id }) => id);
  return { ids, of: await reachFrom(db, account, groupId, ids) };
}

/** How a device stands to the group and to the caller. */
type Standing = Reach & { readonly type: Membership["type"] | undefined; readonly excluded: boolean };

/** Sorts what was asked for into what can be done and what is skipped, by `judge`'s word: null lets it pass. */
async function sort(
  { db, account, groupId, refs }: Asked,
  judge: (found: Found, standing: Standing) => Reason | null,
): Promise<Batch> {
  const asked = [...new Set(refs)];
  const found = await resolveDevices(db, account.accountId, asked);
  const ids = [...found.values()].map(({ id }) => id);
  const members = await membersAmong(db, account.accountId, groupId, ids);
  const reach = await reachFrom(db, account, groupId, ids);
  const excluded = await excludedAmong(db, account.accountId, groupId, ids);
  const standing = (id: string) => ({ ...reach(id), type: members.get(id), excluded: excluded.has(id) });
  const handled = new Set<string>();
  const done: string[] = [];
  const deviceIds: string[] = [];
  const skipped: { ref: string; reason: Reason }[] = [];
  for (const ref of asked) {
    const device = found.get(ref);
    const reason = !device
      ? "not_found"
      : handled.has(device.id)
        ? "duplicate"
        : judge(device, standing(device.id));
    if (reason) skipped.push({ ref, reason });
    else done.push(ref);
    if (!device) continue;
    if (!reason) deviceIds.push(device.id);
    handled.add(device.id);
  }
  return { done, skipped, found, deviceIds };
}

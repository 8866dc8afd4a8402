import type { Handle } from "../../db/database.ts";
import { once } from "../../db/once.ts";
import { insertRows } from "../../db/put-rows.ts";
import { valueList } from "../../db/value-list.ts";
import type { Steps } from "../../operation/operation.ts";
import { seen } from "../../operation/seen.ts";
import type { Visible } from "../../operation/visible.ts";
import { inOneOf, type Pair } from "../membership/index.ts";
import type { DeviceGroup, GroupType } from "./device-group.ts";
import type { Exclusion } from "./exclusion-store.ts";
import { fill } from "./filling.ts";
import { putRules } from "./rule-store.ts";
import { predicateOf } from "./selector.ts";
import { findGroups, insertGroup, updateGroup } from "./store.ts";

const named = once((db, accountId: string, foldedNames: readonly string[]) =>
  db
    .selectFrom("device_group as g")
    .innerJoin(valueList(foldedNames).as("wanted"), "wanted.value", "g.name_folded")
    .select(["g.id", "g.name_folded as foldedName"])
    .where("g.account_id", "=", accountId)
    .where("g.type", "in", ["static", "dynamic", "hybrid"]),
);

/** The ids of the groups that have one of some names, by the name as it is folded. */
export async function groupIdsNamed(
  db: Handle,
  accountId: string,
  foldedNames: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (foldedNames.length === 0) return new Map();
  return new Map((await named(db, accountId, foldedNames)).map(({ id, foldedName }) => [foldedName, id]));
}

const typed = once((db, accountId: string, ids: readonly string[]) =>
  db
    .selectFrom("device_group as g")
    .innerJoin(valueList(ids).as("wanted"), "wanted.value", "g.id")
    .select(["g.id", "g.type"])
    .where("g.account_id", "=", accountId)
    .where("g.type", "in", ["static", "dynamic", "hybrid"]),
);

/** The types of those of some groups that there are, by their ids. */
export async function groupTypes(
  db: Handle,
  accountId: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, GroupType>> {
  if (ids.length === 0) return new Map();
  return new Map((await typed(db, accountId, ids)).map(({ id, type }) => [id, type as GroupType]));
}

/** Up to `limit` groups behind an id that may be seen, in the order of their ids. */
export async function groupsBehind(
  db: Handle,
  accountId: string,
  visible: Visible,
  after: string,
  limit: number,
): Promise<DeviceGroup[]> {
  const rows = await db
    .selectFrom("device_group as g")
    .select("g.id")
    .where("g.account_id", "=", accountId)
    .where("g.type", "in", ["static", "dynamic", "hybrid"])
    .where("g.id", ">", after)
    .where(seen(visible, "g.id"))
    .orderBy("g.id")
    .limit(limit)
    .execute();
  const ids = rows.map(({ id }) => id);
  const found = await findGroups(db, accountId, ids);
  return ids.flatMap((id) => found.get(id) ?? []);
}

/** Keeps a group with its rules, new or as it is now. */
export async function keepGroup(
  db: Handle,
  accountId: string,
  before: DeviceGroup | null,
  after: DeviceGroup,
): Promise<void> {
  if (before) await updateGroup(db, accountId, after);
  else await insertGroup(db, accountId, after);
  if (!before || before.rulesRevision !== after.rulesRevision) await putRules(db, accountId, after);
}

/** Brings a group's members in line with its rules, once these are kept; nothing to do where they are. */
export async function converge(steps: Steps, accountId: string, group: DeviceGroup): Promise<void> {
  const { id, rules, rulesRevision, evaluating } = group;
  if (!evaluating) return;
  const predicate = predicateOf(rules ?? {});
  await fill(steps, { accountId, groupId: id, predicate, revision: rulesRevision });
}

const counting = once((db, accountId: string, id: string, difference: number) =>
  db
    .updateTable("device_group")
    .set((eb) => ({ device_count: eb("device_count", "+", difference) }))
    .where("account_id", "=", accountId)
    .where("id", "=", id),
);

/** Counts devices into groups, in the order of their ids, so that nobody waits in a circle. */
export async function countInto(
  db: Handle,
  accountId: string,
  differences: ReadonlyMap<string, number>,
): Promise<void> {
  for (const [id, difference] of [...differences].sort(([a], [b]) => (a < b ? -1 : 1)))
    await counting(db, accountId, id, difference);
}

/** That a device is kept out of a group. */
export type ExcludedPair = Pair & Pick<Exclusion, "addedAt" | "addedBy">;

/** Keeps devices out of groups that they are not members of. */
export async function keepExclusions(
  db: Handle,
  accountId: string,
  pairs: readonly ExcludedPair[],
): Promise<void> {
  const rows = pairs.map(({ groupId, deviceId, addedAt, addedBy }) => ({
    ...{ account_id: accountId, group_id: groupId, device_id: deviceId },
    ...{ added_at: addedAt, added_by: addedBy },
  }));
  await insertRows(db, "device_group_exclusion", rows);
}

/** Up to `limit` exclusions behind one that may be seen, in the order of their groups and devices. */
export async function exclusionsBehind(
  db: Handle,
  accountId: string,
  sight: { readonly groups: Visible; readonly devices: Visible },
  after: Pair,
  limit: number,
): Promise<ExcludedPair[]> {
  return db
    .selectFrom("device_group_exclusion as x")
    .select(["x.group_id as groupId", "x.device_id as deviceId"])
    .select(["x.added_at as addedAt", "x.added_by as addedBy"])
    .where("x.account_id", "=", accountId)
    .where((eb) => eb(eb.refTuple("x.group_id", "x.device_id"), ">", eb.tuple(after.groupId, after.deviceId)))
    .where(seen(sight.groups, "x.group_id"))
    .where(seen(sight.devices, "x.device_id", inOneOf("x.account_id", "x.device_id")))
    .orderBy("x.group_id")
    .orderBy("x.device_id")
    .limit(limit)
    .execute();
}

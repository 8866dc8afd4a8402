import { sql } from "kysely";
import type { Handle } from "../../db/database.ts";
import { tell } from "../../db/news.ts";
import { once } from "../../db/once.ts";
import { insertRows } from "../../db/put-rows.ts";
import { listed, valueList } from "../../db/value-list.ts";
import { seen } from "../../operation/seen.ts";
import type { Visible } from "../../operation/visible.ts";
import { type Membership, shownMax } from "./membership.ts";
import { inOneOf } from "./sight-sql.ts";

interface MemberTable {
  account_id: string;
  group_id: string;
  device_id: string;
  type: string;
  added_at: number;
  added_by: string | null;
  /** The revision of the group's rules by which a dynamic member came in. */
  rules_revision: number | null;
}

declare module "../../db/database.ts" {
  interface Rooms {
    device_group_member: MemberTable;
  }
}

const groupsOfOne = once((db, accountId: string, deviceId: string) =>
  db
    .selectFrom("device_group_member")
    .select("group_id")
    .where("account_id", "=", accountId)
    .where("device_id", "=", deviceId),
);

/** Tells that devices are in other groups than before: device policies may ask for them. */
export function moved(db: Handle, accountId: string, deviceIds: readonly string[]): void {
  tell(db, { accountId, kind: "device", ids: deviceIds });
}

/** The ids of the groups that a device is in. */
export async function groupsOfDevice(db: Handle, accountId: string, deviceId: string): Promise<string[]> {
  return (await groupsOfOne(db, accountId, deviceId)).map(({ group_id }) => group_id);
}

/** The ids of the groups that each of some devices is in; a device that is in none is not in the answer. */
export async function groupsOfDevices(
  db: Handle,
  accountId: string,
  deviceIds: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const rows = await db
    .selectFrom("device_group_member as m")
    .innerJoin(valueList(deviceIds).as("wanted"), "wanted.value", "m.device_id")
    .select(["m.device_id", "m.group_id"])
    .where("m.account_id", "=", accountId)
    .execute();
  const groups = new Map<string, string[]>();
  for (const { device_id, group_id } of rows)
    groups.set(device_id, [...(groups.get(device_id) ?? []), group_id]);
  return groups;
}

/** The memberships of a device in groups that may be seen, oldest first, as many as one answer shows. */
export async function membershipsOfDevice(
  db: Handle,
  accountId: string,
  deviceId: string,
  visible: Visible,
): Promise<Membership[]> {
  const rows = await db
    .selectFrom("device_group_member")
    .selectAll()
    .where("account_id", "=", accountId)
    .where("device_id", "=", deviceId)
    .where(seen(visible, "group_id"))
    .orderBy("added_at")
    .orderBy("group_id")
    .limit(shownMax)
    .execute();
  return rows.map(fromRow);
}

/** One membership, or undefined. */
export async function findMembership(
  db: Handle,
  accountId: string,
  groupId: string,
  deviceId: string,
): Promise<Membership | undefined> {
  const row = await db
    .selectFrom("device_group_member")
    .selectAll()
    .where("account_id", "=", accountId)
    .where("group_id", "=", groupId)
    .where("device_id", "=", deviceId)
    .executeTakeFirst();
  return row && fromRow(row);
}

/** Those of some devices that are in a group, and how. */
export async function membersAmong(
  db: Handle,
  accountId: string,
  groupId: string,
  deviceIds: readonly string[],
): Promise<ReadonlyMap<string, Membership["type"]>> {
  const rows = await db
    .selectFrom("device_group_member as m")
    .innerJoin(valueList(deviceIds).as("wanted"), "wanted.value", "m.device_id")
    .select(["m.device_id", "m.type"])
    .where("m.account_id", "=", accountId)
    .where("m.group_id", "=", groupId)
    .execute();
  return new Map(rows.map(({ device_id, type }) => [device_id, type as Membership["type"]]));
}

/** What type of membership each of some devices has in each of its groups. */
export async function membershipTypes(
  db: Handle,
  accountId: string,
  deviceIds: readonly string[],
): Promise<ReadonlyMap<string, ReadonlyMap<string, Membership["type"]>>> {
  const rows = await db
    .selectFrom("device_group_member as m")
    .innerJoin(valueList(deviceIds).as("wanted"), "wanted.value", "m.device_id")
    .select(["m.device_id", "m.group_id", "m.type"])
    .where("m.account_id", "=", accountId)
    .execute();
  const types = new Map<string, Map<string, Membership["type"]>>();
  for (const { device_id, group_id, type } of rows) {
    const own = types.get(device_id) ?? new Map<string, Membership["type"]>();
    types.set(device_id, own.set(group_id, type as Membership["type"]));
  }
  return types;
}

/** A membership by rule that begins. */
export type DynamicRow = { readonly groupId: string; readonly deviceId: string; readonly revision: number };

/** Makes devices members by rule. */
export async function insertDynamic(
  db: Handle,
  accountId: string,
  joining: readonly DynamicRow[],
  now: number,
): Promise<void> {
  moved(
    db,
    accountId,
    joining.map(({ deviceId }) => deviceId),
  );
  const rows = joining.map(({ groupId, deviceId, revision }) => ({
    ...{ account_id: accountId, group_id: groupId, device_id: deviceId, type: "dynamic" },
    ...{ added_at: now, added_by: null, rules_revision: revision },
  }));
  await insertRows(db, "device_group_member", rows);
}

/** Ends memberships. */
export async function removePairs(
  db: Handle,
  accountId: string,
  pairs: readonly { readonly groupId: string; readonly deviceId: string }[],
): Promise<void> {
  const byGroup = Map.groupBy(pairs, ({ groupId }) => groupId);
  for (const [groupId, leaving] of byGroup)
    await removeMembers(
      db,
      accountId,
      groupId,
      leaving.map(({ deviceId }) => deviceId),
    );
}

/** Up to `limit` members by hand of a group that may be seen, by their ids. */
export async function manualMembers(
  db: Handle,
  accountId: string,
  groupId: string,
  visible: Visible,
  limit: number,
): Promise<string[]> {
  const rows = await db
    .selectFrom("device_group_member as m")
    .select("m.device_id")
    .where("m.account_id", "=", accountId)
    .where("m.group_id", "=", groupId)
    .where("m.type", "=", "manual")
    .where(seen(visible, "m.device_id", inOneOf("m.account_id", "m.device_id")))
    .limit(limit)
    .execute();
  return rows.map(({ device_id }) => device_id);
}

/** Up to `limit` members of a group, by their ids. */
export async function someMembers(
  db: Handle,
  accountId: string,
  groupId: string,
  limit: number,
): Promise<string[]> {
  const rows = await db
    .selectFrom("device_group_member")
    .select("device_id")
    .where("account_id", "=", accountId)
    .where("group_id", "=", groupId)
    .limit(limit)
    .execute();
  return rows.map(({ device_id }) => device_id);
}

/** Puts devices into a group in one statement; answers how many were not in it before. */
export async function addMembers(
  db: Handle,
  accountId: string,
  membership: Omit<Membership, "deviceId">,
  deviceIds: readonly string[],
): Promise<number> {
  moved(db, accountId, deviceIds);
  const { groupId, type, addedAt, addedBy } = membership;
  const columns = ["account_id", "group_id", "device_id", "type", "added_at", "added_by"] as const;
  const rows = db
    .selectFrom(valueList(deviceIds).as("wanted"))
    .select([
      sql<string>`cast(${accountId} as text)`.as("account_id"),
      sql<string>`cast(${groupId} as text)`.as("group_id"),
      "wanted.value",
      sql<string>`cast(${type} as text)`.as("type"),
      sql<number>`cast(${addedAt} as bigint)`.as("added_at"),
      sql<string | null>`cast(${addedBy} as text)`.as("added_by"),
    ])
    // Without a condition the embedded engine reads "on conflict" as the join's "on".
    .where(sql<boolean>`1 = 1`);
  const { numInsertedOrUpdatedRows } = await db
    .insertInto("device_group_member")
    .columns([...columns])
    .expression(rows)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow();
  return Number(numInsertedOrUpdatedRows);
}

/** Takes devices out of a group in one statement; answers how many were in it. */
export async function removeMembers(
  db: Handle,
  accountId: string,
  groupId: string,
  deviceIds: readonly string[],
): Promise<number> {
  moved(db, accountId, deviceIds);
  const { numDeletedRows } = await db
    .deleteFrom("device_group_member")
    .where("account_id", "=", accountId)
    .where("group_id", "=", groupId)
    .where("device_id", "in", listed(deviceIds))
    .executeTakeFirstOrThrow();
  return Number(numDeletedRows);
}

/** Takes a device out of every group that it is in. */
export async function removeFromAll(db: Handle, accountId: string, deviceId: string): Promise<void> {
  moved(db, accountId, [deviceId]);
  await db
    .deleteFrom("device_group_member")
    .where("account_id", "=", accountId)
    .where("device_id", "=", deviceId)
    .execute();
}

/** A membership out of its row. */
export function fromRow(row: MemberTable): Membership {
  return {
    groupId: row.group_id,
    deviceId: row.device_id,
    type: row.type as Membership["type"],
    addedAt: row.added_at,
    addedBy: row.added_by,
  };
}

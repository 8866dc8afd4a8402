import { sql } from "kysely";
import type { Handle } from "../../db/database.ts";
import { once } from "../../db/once.ts";
import { valueList } from "../../db/value-list.ts";
import { type Listed, type Page, pageOf } from "../../operation/page.ts";
import { type InOneOf, seen } from "../../operation/seen.ts";
import { showsAll, type Visible } from "../../operation/visible.ts";
import { type Membership, shownMax } from "./membership.ts";

interface MemberTable {
  account_id: string;
  group_id: string;
  device_id: string;
  type: string;
  added_at: number;
  added_by: string | null;
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

/** Those of some devices that are in a group. */
export async function membersAmong(
  db: Handle,
  accountId: string,
  groupId: string,
  deviceIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await db
    .selectFrom("device_group_member as m")
    .innerJoin(valueList(deviceIds).as("wanted"), "wanted.value", "m.device_id")
    .select("m.device_id")
    .where("m.account_id", "=", accountId)
    .where("m.group_id", "=", groupId)
    .execute();
  return new Set(rows.map(({ device_id }) => device_id));
}

/** Puts devices into a group in one statement; answers how many were not in it before. */
export async function addMembers(
  db: Handle,
  accountId: string,
  membership: Omit<Membership, "deviceId">,
  deviceIds: readonly string[],
): Promise<number> {
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
  const { numDeletedRows } = await db
    .deleteFrom("device_group_member")
    .where("account_id", "=", accountId)
    .where("group_id", "=", groupId)
    .where("device_id", "in", db.selectFrom(valueList(deviceIds).as("wanted")).select("wanted.value"))
    .executeTakeFirstOrThrow();
  return Number(numDeletedRows);
}

/** Takes a device out of every group that it is in. */
export async function removeFromAll(db: Handle, accountId: string, deviceId: string): Promise<void> {
  await db
    .deleteFrom("device_group_member")
    .where("account_id", "=", accountId)
    .where("device_id", "=", deviceId)
    .execute();
}

/** Takes everything out of a group; answers how much it was. */
export async function clearGroup(db: Handle, accountId: string, groupId: string): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom("device_group_member")
    .where("account_id", "=", accountId)
    .where("group_id", "=", groupId)
    .executeTakeFirstOrThrow();
  return Number(numDeletedRows);
}

/** A device in a group, as much of it as a list of members shows. */
export type Member = Membership & {
  readonly identifier: string;
  readonly platform: string;
  readonly status: string;
  readonly lastSeenAt: number | null;
};

/**
 * The members of a group, longest first; what `visible` hides is left out. Without exceptions the total is the
 * count that the group keeps, so that a page of a large group costs what the page costs: it is chosen on
 * the index of the memberships alone, and only then joined to the devices.
 */
export async function listMembers(
  db: Handle,
  accountId: string,
  group: { id: string; deviceCount: number },
  visible: Visible,
  page: Page,
): Promise<Listed<Member>> {
  let chosen = db
    .selectFrom("device_group_member as m")
    .where("m.account_id", "=", accountId)
    .where("m.group_id", "=", group.id)
    .where(seen(visible, "m.device_id", inOneOf("m.account_id", "m.device_id")));
  const total = !showsAll(visible)
    ? (await chosen.select((eb) => eb.fn.countAll<number>().as("total")).executeTakeFirstOrThrow()).total
    : group.deviceCount;
  if (page.after) {
    const [addedAt, deviceId] = page.after;
    chosen = chosen.where((eb) =>
      eb(eb.refTuple("m.added_at", "m.device_id"), ">", eb.tuple(addedAt, deviceId)),
    );
  }
  const onePage = chosen
    .selectAll("m")
    .orderBy("m.added_at")
    .orderBy("m.device_id")
    .limit(page.limit + 1)
    .offset(page.after ? 0 : page.offset);
  const rows = await db
    .selectFrom(onePage.as("p"))
    .innerJoin("device as d", (join) =>
      join.onRef("d.account_id", "=", "p.account_id").onRef("d.id", "=", "p.device_id"),
    )
    .leftJoin("device_seen as s", (join) =>
      join.onRef("s.account_id", "=", "p.account_id").onRef("s.device_id", "=", "p.device_id"),
    )
    .selectAll("p")
    .select(["d.device_identifier", "d.platform", "d.status", "s.last_seen_at"])
    .orderBy("p.added_at")
    .orderBy("p.device_id")
    .execute();
  const members = rows.map((row) => ({
    ...fromRow(row),
    identifier: row.device_identifier,
    platform: row.platform,
    status: row.status,
    lastSeenAt: row.last_seen_at,
  }));
  return pageOf(members, total, page, ({ addedAt, deviceId }) => [addedAt, deviceId]);
}

/** Says in SQL that a device is in one of some groups; `account` and `device` are columns of the outer query. */
export function inOneOf(account: string, device: string): InOneOf {
  return (groups) => {
    const which =
      groups === "any"
        ? sql`1 = 1`
        : sql`x.group_id in (select value from json_each(cast(${JSON.stringify(groups)} as text)))`;
    return sql`exists (select 1 from device_group_member as x
      where x.account_id = ${sql.ref(account)} and x.device_id = ${sql.ref(device)} and ${which})`;
  };
}

function fromRow(row: MemberTable): Membership {
  return {
    groupId: row.group_id,
    deviceId: row.device_id,
    type: row.type as Membership["type"],
    addedAt: row.added_at,
    addedBy: row.added_by,
  };
}

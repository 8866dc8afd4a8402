import type { Handle } from "../../db/database.ts";
import { once } from "../../db/once.ts";
import { listed } from "../../db/value-list.ts";

interface MembershipTable {
  account_id: string;
  group_id: string;
  member_id: string;
  /** Counts up within the group: the order in which members came. */
  position: number;
  created_at: number;
}

declare module "../../db/database.ts" {
  interface Rooms {
    user_group_member: MembershipTable;
  }
}

/** Rows of one insert, so that no engine's limit on parameters is met. */
const rowsAtOnce = 1000;

const groupsOf = once((db, accountId: string, memberIds: readonly string[]) =>
  db
    .selectFrom("user_group_member")
    .select(["group_id", "member_id"])
    .where("account_id", "=", accountId)
    .where("member_id", "in", listed(memberIds))
    .orderBy("group_id"),
);

const membersOf = once((db, accountId: string, groupIds: readonly string[]) =>
  db
    .selectFrom("user_group_member")
    .select(["group_id", "member_id", "position", "created_at"])
    .where("account_id", "=", accountId)
    .where("group_id", "in", listed(groupIds))
    .orderBy("position"),
);

/** The ids of the user groups that each of some members is in; every member that was asked for has an entry. */
export async function groupsOfMembers(
  db: Handle,
  accountId: string,
  memberIds: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const groups = new Map<string, string[]>(memberIds.map((id) => [id, []]));
  if (memberIds.length === 0) return groups;
  for (const { member_id, group_id } of await groupsOf(db, accountId, memberIds))
    groups.get(member_id)?.push(group_id);
  return groups;
}

/** The ids of the members that are in at least one of some user groups. */
export async function membersOfGroups(
  db: Handle,
  accountId: string,
  groupIds: readonly string[],
): Promise<string[]> {
  if (groupIds.length === 0) return [];
  return [...new Set((await membersOf(db, accountId, groupIds)).map(({ member_id }) => member_id))];
}

/** Those of some members who can act: who were accepted and have a key. */
export async function activeAmong(
  db: Handle,
  accountId: string,
  memberIds: readonly string[],
): Promise<string[]> {
  const rows = await db
    .selectFrom("member as m")
    .innerJoin("user as u", "u.id", "m.user_id")
    .select("m.id")
    .where("m.account_id", "=", accountId)
    .where("m.id", "in", listed(memberIds))
    .where("m.status", "=", "accepted")
    .where("u.has_key", "=", 1)
    .execute();
  return rows.map(({ id }) => id);
}

/** The e-mail addresses of members, by their ids. */
export async function memberNames(
  db: Handle,
  accountId: string,
  memberIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await db
    .selectFrom("member")
    .select(["id", "email"])
    .where("account_id", "=", accountId)
    .where("id", "in", listed(memberIds))
    .execute();
  return new Map(rows.map(({ id, email }) => [id, email]));
}

/** Puts members into a user group that are not in it, behind those that are, in the order that is given. */
export async function addMemberships(
  db: Handle,
  accountId: string,
  groupId: string,
  memberIds: readonly string[],
  now: number,
): Promise<void> {
  const { last } = await db
    .selectFrom("user_group_member")
    .where("account_id", "=", accountId)
    .where("group_id", "=", groupId)
    .select((eb) => eb.fn.max("position").as("last"))
    .executeTakeFirstOrThrow();
  const behind = (last ?? -1) + 1;
  await insert(
    db,
    memberIds.map((id, index) => rowOf(accountId, groupId, id, behind + index, now)),
  );
}

/** Makes these members, in this order, those of a user group; who stays keeps the time of coming. */
export async function replaceMemberships(
  db: Handle,
  accountId: string,
  groupId: string,
  memberIds: readonly string[],
  now: number,
): Promise<void> {
  const came = new Map((await membersOf(db, accountId, [groupId])).map((row) => [row.member_id, row]));
  await removeGroup(db, accountId, groupId);
  await insert(
    db,
    memberIds.map((id, index) => rowOf(accountId, groupId, id, index, came.get(id)?.created_at ?? now)),
  );
}

/** Takes a member out of a user group. */
export async function removeMembership(
  db: Handle,
  accountId: string,
  groupId: string,
  memberId: string,
): Promise<void> {
  await db
    .deleteFrom("user_group_member")
    .where("account_id", "=", accountId)
    .where("group_id", "=", groupId)
    .where("member_id", "=", memberId)
    .execute();
}

/** Takes everybody out of a user group. */
export async function removeGroup(db: Handle, accountId: string, groupId: string): Promise<void> {
  await db
    .deleteFrom("user_group_member")
    .where("account_id", "=", accountId)
    .where("group_id", "=", groupId)
    .execute();
}

/** Takes a member out of all its user groups. */
export async function removeMember(db: Handle, accountId: string, memberId: string): Promise<void> {
  await db
    .deleteFrom("user_group_member")
    .where("account_id", "=", accountId)
    .where("member_id", "=", memberId)
    .execute();
}

function rowOf(
  accountId: string,
  groupId: string,
  memberId: string,
  position: number,
  at: number,
): MembershipTable {
  return { account_id: accountId, group_id: groupId, member_id: memberId, position, created_at: at };
}

async function insert(db: Handle, rows: readonly MembershipTable[]): Promise<void> {
  for (let from = 0; from < rows.length; from += rowsAtOnce)
    await db
      .insertInto("user_group_member")
      .values(rows.slice(from, from + rowsAtOnce))
      .execute();
}

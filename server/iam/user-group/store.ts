import { emailKey } from "../../accounts/user/index.ts";
import { contains } from "../../db/contains.ts";
import type { Handle } from "../../db/database.ts";
import { listed } from "../../db/value-list.ts";
import { type Listed, type Page, pageOf } from "../../operation/page.ts";
import { seen } from "../../operation/seen.ts";
import { fold } from "../../operation/text.ts";
import type { Visible } from "../../operation/visible.ts";
import { policiesOf, policiesOfAll, replacePolicies } from "../iam-policy/index.ts";
import { removeGroup } from "../membership/index.ts";
import { type GroupMember, kind, type UserGroup } from "./user-group.ts";

interface UserGroupTable {
  account_id: string;
  id: string;
  name: string;
  name_folded: string;
  lists_policies: number;
  created_on: number;
  modified_on: number;
}

declare module "../../db/database.ts" {
  interface Rooms {
    user_group: UserGroupTable;
  }
}

/** The user group with an id, or undefined. */
export async function findUserGroup(
  db: Handle,
  accountId: string,
  id: string,
): Promise<UserGroup | undefined> {
  const row = await db
    .selectFrom("user_group")
    .selectAll()
    .where("account_id", "=", accountId)
    .where("id", "=", id)
    .executeTakeFirst();
  return row && { ...fromRow(row), iamPolicies: await policiesOf(db, accountId, { kind, id }) };
}

/** The ids of up to two user groups with a name, as it is written. */
export async function userGroupsNamed(db: Handle, accountId: string, name: string): Promise<string[]> {
  const rows = await db
    .selectFrom("user_group")
    .select("id")
    .where("account_id", "=", accountId)
    .where("name", "=", name)
    .limit(2)
    .execute();
  return rows.map(({ id }) => id);
}

/** The names of user groups, by their ids. */
export async function userGroupNames(
  db: Handle,
  accountId: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await db
    .selectFrom("user_group")
    .select(["id", "name"])
    .where("account_id", "=", accountId)
    .where("id", "in", listed(ids))
    .execute();
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/** How user groups can be picked and sorted: by the whole name, or by a part of it in any case. */
export type Filter = {
  readonly id?: string;
  readonly name?: string;
  readonly part?: string;
  readonly direction: "asc" | "desc";
};

/** The user groups of an account that may be seen, by name. */
export async function listUserGroups(
  db: Handle,
  accountId: string,
  { id, name, part, direction }: Filter,
  visible: Visible,
  page: Page,
): Promise<Listed<UserGroup>> {
  let query = db.selectFrom("user_group").where("account_id", "=", accountId).where(seen(visible, "id"));
  if (id !== undefined) query = query.where("id", "=", id);
  if (name !== undefined) query = query.where("name", "=", name);
  if (part !== undefined) query = query.where(contains("name_folded", fold(part)));
  const { total } = await query
    .select((eb) => eb.fn.countAll<number>().as("total"))
    .executeTakeFirstOrThrow();
  const rows = await query
    .selectAll()
    .orderBy("name_folded", direction)
    .orderBy("id", direction)
    .limit(page.limit + 1)
    .offset(page.offset)
    .execute();
  const groups = await withPolicies(db, accountId, rows);
  return pageOf(groups, total, page, ({ createdOn, id }) => [createdOn, id]);
}

/** Up to `limit` user groups behind the id `after` that may be seen, by their ids. */
export async function userGroupsBehind(
  db: Handle,
  accountId: string,
  visible: Visible,
  after: string,
  limit: number,
): Promise<UserGroup[]> {
  const rows = await db
    .selectFrom("user_group")
    .selectAll()
    .where("account_id", "=", accountId)
    .where("id", ">", after)
    .where(seen(visible, "id"))
    .orderBy("id")
    .limit(limit)
    .execute();
  return withPolicies(db, accountId, rows);
}

async function withPolicies(
  db: Handle,
  accountId: string,
  rows: readonly UserGroupTable[],
): Promise<UserGroup[]> {
  const ids = rows.map(({ id }) => id);
  const held = await policiesOfAll(db, accountId, kind, ids);
  return rows.map((row) => ({ ...fromRow(row), iamPolicies: held.get(row.id) ?? [] }));
}

/** Keeps a new user group. */
export async function insertUserGroup(db: Handle, accountId: string, group: UserGroup): Promise<void> {
  await db
    .insertInto("user_group")
    .values({ account_id: accountId, id: group.id, created_on: group.createdOn, ...toRow(group) })
    .execute();
  await replacePolicies(db, accountId, { kind, id: group.id }, group.iamPolicies);
}

/** Keeps the present state of a user group. */
export async function updateUserGroup(db: Handle, accountId: string, group: UserGroup): Promise<void> {
  await db
    .updateTable("user_group")
    .set(toRow(group))
    .where("account_id", "=", accountId)
    .where("id", "=", group.id)
    .execute();
  await replacePolicies(db, accountId, { kind, id: group.id }, group.iamPolicies);
}

/** Forgets a user group, its policies and who was in it. */
export async function deleteUserGroup(db: Handle, accountId: string, id: string): Promise<void> {
  await removeGroup(db, accountId, id);
  await replacePolicies(db, accountId, { kind, id }, []);
  await db.deleteFrom("user_group").where("account_id", "=", accountId).where("id", "=", id).execute();
}

/** How the members of a group can be picked and sorted: by a part of the address, in any case. */
export type MemberFilter = { readonly part?: string; readonly direction?: "asc" | "desc" };

/** The members of a user group that may be seen: in the order they came, or by e-mail address where that is asked for. */
export async function listGroupMembers(
  db: Handle,
  accountId: string,
  groupId: string,
  { part, direction }: MemberFilter,
  visible: Visible,
  page: Page,
): Promise<Listed<GroupMember>> {
  let query = membersIn(db, accountId, groupId).where(seen(visible, "m.id"));
  if (part !== undefined) query = query.where(contains("m.email_key", emailKey(part)));
  const { total } = await query
    .select((eb) => eb.fn.countAll<number>().as("total"))
    .executeTakeFirstOrThrow();
  const sorted =
    direction === undefined && part === undefined
      ? query.orderBy("g.position")
      : query.orderBy("m.email_key", direction ?? "asc");
  const rows = await sorted
    .select(shownColumns)
    .limit(page.limit + 1)
    .offset(page.offset)
    .execute();
  return pageOf(rows.map(memberFromRow), total, page, ({ createdAt, id }) => [createdAt, id]);
}

/** Those of some members that are in a user group, in the order they came. */
export async function findGroupMembers(
  db: Handle,
  accountId: string,
  groupId: string,
  memberIds: readonly string[],
): Promise<GroupMember[]> {
  const rows = await membersIn(db, accountId, groupId)
    .where("g.member_id", "in", listed(memberIds))
    .orderBy("g.position")
    .select(shownColumns)
    .execute();
  return rows.map(memberFromRow);
}

/** The ids of all the members of a user group, in the order they came. */
export async function memberIdsIn(db: Handle, accountId: string, groupId: string): Promise<string[]> {
  const rows = await membersIn(db, accountId, groupId).orderBy("g.position").select("m.id").execute();
  return rows.map(({ id }) => id);
}

const shownColumns = ["m.id", "m.user_id", "m.email", "m.status", "g.created_at"] as const;

function membersIn(db: Handle, accountId: string, groupId: string) {
  return db
    .selectFrom("user_group_member as g")
    .innerJoin("member as m", (join) =>
      join.onRef("m.account_id", "=", "g.account_id").onRef("m.id", "=", "g.member_id"),
    )
    .where("g.account_id", "=", accountId)
    .where("g.group_id", "=", groupId);
}

function toRow(group: UserGroup) {
  return {
    name: group.name,
    name_folded: fold(group.name),
    lists_policies: group.listsPolicies ? 1 : 0,
    modified_on: group.modifiedOn,
  };
}

function fromRow(row: UserGroupTable): Omit<UserGroup, "iamPolicies"> {
  return {
    id: row.id,
    name: row.name,
    listsPolicies: row.lists_policies === 1,
    createdOn: row.created_on,
    modifiedOn: row.modified_on,
  };
}

type MemberRow = { id: string; user_id: string | null; email: string; status: string; created_at: number };

function memberFromRow({ id, user_id, email, status, created_at }: MemberRow): GroupMember {
  return { id, userId: user_id, email, status: status as GroupMember["status"], createdAt: created_at };
}

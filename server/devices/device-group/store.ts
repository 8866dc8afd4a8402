import { contains } from "../../db/contains.ts";
import type { Handle } from "../../db/database.ts";
import { tell } from "../../db/news.ts";
import { once } from "../../db/once.ts";
import { listed, valueList } from "../../db/value-list.ts";
import { type Listed, type Page, pageOf } from "../../operation/page.ts";
import { seen } from "../../operation/seen.ts";
import { fold } from "../../operation/text.ts";
import type { Visible } from "../../operation/visible.ts";
import type { DeviceGroup, GroupType } from "./device-group.ts";
import { type RuleColumns, ruleColumns } from "./rule-store.ts";

interface DeviceGroupTable {
  account_id: string;
  id: string;
  name: string;
  name_folded: string;
  description: string | null;
  type: string;
  tags: string;
  is_active: number;
  device_count: number;
  created_at: number;
  updated_at: number;
}

declare module "../../db/database.ts" {
  interface Rooms {
    device_group: DeviceGroupTable;
    device_group_tag: { account_id: string; group_id: string; tag: string };
  }
}

type Row = DeviceGroupTable & RuleColumns;

/** Groups with their rules; one that is on its way out is not there any more. */
const groups = (db: Handle) =>
  db
    .selectFrom("device_group as g")
    .leftJoin("device_group_rule as r", (join) =>
      join.onRef("r.account_id", "=", "g.account_id").onRef("r.group_id", "=", "g.id"),
    )
    .selectAll("g")
    .select(ruleColumns)
    .where("g.type", "<>", leaving);

/** Stands in the place of the type of a group that is deleted, while its memberships go. */
const leaving = "leaving";

const byId = once((db, accountId: string, id: string) =>
  groups(db).where("g.account_id", "=", accountId).where("g.id", "=", id),
);

/** The group with an id, or undefined. */
export async function findGroup(db: Handle, accountId: string, id: string): Promise<DeviceGroup | undefined> {
  const [row] = await byId(db, accountId, id);
  return row && fromRow(row);
}

/** Those of some groups that there are, by id. */
export async function findGroups(
  db: Handle,
  accountId: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, DeviceGroup>> {
  const rows = await groups(db)
    .innerJoin(valueList(ids).as("wanted"), "wanted.value", "g.id")
    .where("g.account_id", "=", accountId)
    .execute();
  return new Map(rows.map((row) => [row.id, fromRow(row)]));
}

/** The names of device groups. */
export async function namesOfGroups(
  db: Handle,
  accountId: string,
  ids: readonly string[],
): Promise<{ id: string; name: string }[]> {
  if (ids.length === 0) return [];
  return db
    .selectFrom("device_group as g")
    .innerJoin(valueList(ids).as("wanted"), "wanted.value", "g.id")
    .select(["g.id", "g.name"])
    .where("g.account_id", "=", accountId)
    .where("g.type", "<>", leaving)
    .execute();
}

/** Another group than `exceptId` that has the same name but for case and spaces around it, if there is one. */
export async function findSameName(
  db: Handle,
  accountId: string,
  name: string,
  exceptId = "",
): Promise<DeviceGroup | undefined> {
  const row = await groups(db)
    .where("g.account_id", "=", accountId)
    .where("g.name_folded", "=", fold(name))
    .where("g.id", "!=", exceptId)
    .executeTakeFirst();
  return row && fromRow(row);
}

/** What a list of groups can be narrowed to: a type, tags that all must be there, a part of the name. */
export type Filter = { type?: GroupType; tags: readonly string[]; search?: string };

/** The groups of an account that may be seen, oldest first. */
export async function listGroups(
  db: Handle,
  accountId: string,
  filter: Filter,
  visible: Visible,
  page: Page,
): Promise<Listed<DeviceGroup>> {
  let query = db
    .selectFrom("device_group as g")
    .where("g.account_id", "=", accountId)
    .where("g.type", "<>", leaving)
    .where(seen(visible, "g.id"));
  if (filter.type !== undefined) query = query.where("g.type", "=", filter.type);
  for (const tag of filter.tags)
    query = query.where((eb) =>
      eb.exists(
        eb
          .selectFrom("device_group_tag as t")
          .select("t.tag")
          .whereRef("t.account_id", "=", "g.account_id")
          .whereRef("t.group_id", "=", "g.id")
          .where("t.tag", "=", tag),
      ),
    );
  if (filter.search !== undefined) query = query.where(contains("g.name_folded", fold(filter.search)));
  const { total } = await query
    .select((eb) => eb.fn.countAll<number>().as("total"))
    .executeTakeFirstOrThrow();
  if (page.after) {
    const [createdAt, id] = page.after;
    query = query.where((eb) => eb(eb.refTuple("g.created_at", "g.id"), ">", eb.tuple(createdAt, id)));
  }
  const rows = await query
    .leftJoin("device_group_rule as r", (join) =>
      join.onRef("r.account_id", "=", "g.account_id").onRef("r.group_id", "=", "g.id"),
    )
    .selectAll("g")
    .select(ruleColumns)
    .orderBy("g.created_at")
    .orderBy("g.id")
    .limit(page.limit + 1)
    .offset(page.after ? 0 : page.offset)
    .execute();
  return pageOf(rows.map(fromRow), total, page, ({ createdAt, id }) => [createdAt, id]);
}

/** Keeps a new group. */
export async function insertGroup(db: Handle, accountId: string, group: DeviceGroup): Promise<void> {
  const { id, createdAt, deviceCount } = group;
  await db
    .insertInto("device_group")
    .values({ account_id: accountId, id, created_at: createdAt, device_count: deviceCount, ...toRow(group) })
    .execute();
  await insertTags(db, accountId, group);
}

/** Keeps the present state of a group, but for its count. */
export async function updateGroup(db: Handle, accountId: string, group: DeviceGroup): Promise<void> {
  tellRenamed(db, accountId);
  await db
    .updateTable("device_group")
    .set(toRow(group))
    .where("account_id", "=", accountId)
    .where("id", "=", group.id)
    .execute();
  await deleteTags(db, accountId, group.id);
  await insertTags(db, accountId, group);
}

/** Counts devices in or out; groups must be counted in the order of their ids, so that nobody waits in a circle. */
export async function count(db: Handle, accountId: string, id: string, difference: number): Promise<void> {
  if (difference === 0) return;
  await db
    .updateTable("device_group")
    .set((eb) => ({ device_count: eb("device_count", "+", difference) }))
    .where("account_id", "=", accountId)
    .where("id", "=", id)
    .execute();
}

/** Counts one device out of each of some groups. */
export async function countOut(db: Handle, accountId: string, ids: readonly string[]): Promise<void> {
  await db
    .updateTable("device_group")
    .set((eb) => ({ device_count: eb("device_count", "-", 1) }))
    .where("account_id", "=", accountId)
    .where("id", "in", listed(ids))
    .execute();
}

/** Device policies may name a group: one that gets another name, or none, may move all devices. */
function tellRenamed(db: Handle, accountId: string): void {
  tell(db, { accountId, kind: "device", ids: "all" });
}

/** Lets a group go from everybody's sight, and its name with it, while its memberships are taken away. */
export async function letGroupGo(db: Handle, accountId: string, id: string): Promise<void> {
  tellRenamed(db, accountId);
  await deleteTags(db, accountId, id);
  await db
    .updateTable("device_group")
    .set({ type: leaving, name: "", name_folded: `leaving ${id}` })
    .where("account_id", "=", accountId)
    .where("id", "=", id)
    .execute();
}

/** The groups that are on their way out, of all accounts. */
export async function leavingGroups(db: Handle): Promise<{ accountId: string; id: string }[]> {
  return db
    .selectFrom("device_group")
    .select(["account_id as accountId", "id"])
    .where("type", "=", leaving)
    .execute();
}

/** Forgets a group; its memberships, rules and exclusions must be gone. */
export async function deleteGroup(db: Handle, accountId: string, id: string): Promise<void> {
  await deleteTags(db, accountId, id);
  await db.deleteFrom("device_group").where("account_id", "=", accountId).where("id", "=", id).execute();
}

async function insertTags(db: Handle, accountId: string, { id, tags }: DeviceGroup): Promise<void> {
  const rows = tags.map((tag) => ({ account_id: accountId, group_id: id, tag }));
  if (rows.length > 0) await db.insertInto("device_group_tag").values(rows).execute();
}

async function deleteTags(db: Handle, accountId: string, groupId: string): Promise<void> {
  await db
    .deleteFrom("device_group_tag")
    .where("account_id", "=", accountId)
    .where("group_id", "=", groupId)
    .execute();
}

function toRow(group: DeviceGroup) {
  return {
    name: group.name,
    name_folded: fold(group.name),
    description: group.description,
    type: group.type,
    tags: JSON.stringify(group.tags),
    is_active: group.isActive ? 1 : 0,
    updated_at: group.updatedAt,
  };
}

function fromRow(row: Row): DeviceGroup {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    type: row.type as GroupType,
    tags: JSON.parse(row.tags),
    isActive: row.is_active === 1,
    rules: row.rules === null ? null : JSON.parse(row.rules),
    rulesRevision: row.rules_revision ?? 0,
    evaluating: row.evaluating === 1,
    evaluatedAt: row.evaluated_at,
    deviceCount: row.device_count,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

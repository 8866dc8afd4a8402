import type { Handle } from "../../db/database.ts";
import { listed } from "../../db/value-list.ts";
import { type Listed, type Page, pageOf } from "../../operation/page.ts";
import { seen } from "../../operation/seen.ts";
import type { Visible } from "../../operation/visible.ts";
import type { ResourceGroupScope } from "../scope.ts";
import { fingerprintOf, type ResourceGroup } from "./resource-group.ts";

interface ResourceGroupTable {
  account_id: string;
  id: string;
  name: string | null;
  origin: string;
  scope: string;
  /** Of an inline group, which is found by it; empty for the others. */
  fingerprint: string;
  created_on: number;
  modified_on: number;
}

declare module "../../db/database.ts" {
  interface Rooms {
    resource_group: ResourceGroupTable;
  }
}

/** Those of some resource groups that there are, by id. */
export async function findResourceGroups(
  db: Handle,
  accountId: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, ResourceGroup>> {
  const rows = await db
    .selectFrom("resource_group")
    .selectAll()
    .where("account_id", "=", accountId)
    .where("id", "in", listed(ids))
    .execute();
  return new Map(rows.map((row) => [row.id, fromRow(row)]));
}

/** The inline resource group with a scope, or undefined. */
export async function findInline(
  db: Handle,
  accountId: string,
  scope: ResourceGroupScope,
): Promise<ResourceGroup | undefined> {
  const row = await db
    .selectFrom("resource_group")
    .selectAll()
    .where("account_id", "=", accountId)
    .where("fingerprint", "=", fingerprintOf(scope))
    .executeTakeFirst();
  return row && fromRow(row);
}

/** The account-wide resource group, which every account has. */
export async function accountWide(db: Handle, accountId: string): Promise<ResourceGroup> {
  const row = await db
    .selectFrom("resource_group")
    .selectAll()
    .where("account_id", "=", accountId)
    .where("origin", "=", "built-in")
    .executeTakeFirstOrThrow();
  return fromRow(row);
}

/** The resource groups of an account that have a name and may be seen, oldest first. */
export async function listResourceGroups(
  db: Handle,
  accountId: string,
  filter: { id?: string; name?: string },
  visible: Visible,
  page: Page,
): Promise<Listed<ResourceGroup>> {
  let query = db
    .selectFrom("resource_group")
    .where("account_id", "=", accountId)
    .where("origin", "!=", "inline")
    .where(seen(visible, "id"));
  if (filter.id !== undefined) query = query.where("id", "=", filter.id);
  if (filter.name !== undefined) query = query.where("name", "=", filter.name);
  const { total } = await query
    .select((eb) => eb.fn.countAll<number>().as("total"))
    .executeTakeFirstOrThrow();
  const rows = await query
    .selectAll()
    .orderBy("created_on")
    .orderBy("id")
    .limit(page.limit + 1)
    .offset(page.offset)
    .execute();
  return pageOf(rows.map(fromRow), total, page, ({ createdOn, id }) => [createdOn, id]);
}

/** Keeps a new resource group. */
export async function insertResourceGroup(
  db: Handle,
  accountId: string,
  group: ResourceGroup,
): Promise<void> {
  await db
    .insertInto("resource_group")
    .values({
      account_id: accountId,
      id: group.id,
      name: group.name,
      origin: group.origin,
      scope: JSON.stringify(group.scope),
      fingerprint: group.origin === "inline" ? fingerprintOf(group.scope) : "",
      created_on: group.createdOn,
      modified_on: group.modifiedOn,
    })
    .execute();
}

/** Keeps the present state of a resource group with a name. */
export async function updateResourceGroup(
  db: Handle,
  accountId: string,
  group: ResourceGroup,
): Promise<void> {
  const { name, scope, modifiedOn } = group;
  await db
    .updateTable("resource_group")
    .set({ name, scope: JSON.stringify(scope), modified_on: modifiedOn })
    .where("account_id", "=", accountId)
    .where("id", "=", group.id)
    .execute();
}

/** Forgets a resource group that no policy names. */
export async function deleteResourceGroup(db: Handle, accountId: string, id: string): Promise<void> {
  await db.deleteFrom("resource_group").where("account_id", "=", accountId).where("id", "=", id).execute();
}

/** Forgets those of some inline resource groups that no policy names any more. */
export async function dropUnused(db: Handle, accountId: string, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const named = db
    .selectFrom("iam_policy_resource_group")
    .select("resource_group_id")
    .where("account_id", "=", accountId);
  await db
    .deleteFrom("resource_group")
    .where("account_id", "=", accountId)
    .where("origin", "=", "inline")
    .where("id", "in", listed(ids))
    .where("id", "not in", named)
    .execute();
}

function fromRow(row: ResourceGroupTable): ResourceGroup {
  return {
    id: row.id,
    name: row.name,
    origin: row.origin as ResourceGroup["origin"],
    scope: JSON.parse(row.scope),
    createdOn: row.created_on,
    modifiedOn: row.modified_on,
  };
}

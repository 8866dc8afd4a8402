import type { Handle } from "../../db/database.ts";
import { once } from "../../db/once.ts";
import { listed, valueList } from "../../db/value-list.ts";
import { type Listed, type Page, pageOf } from "../../operation/page.ts";
import { seen } from "../../operation/seen.ts";
import type { Visible } from "../../operation/visible.ts";
import type { DeploymentGroup } from "./deployment-group.ts";

interface DeploymentGroupTable {
  account_id: string;
  id: string;
  name: string;
  targets: string;
  policy_ids: string | null;
  created_at: number;
  updated_at: number;
  assigned_at: number;
}

declare module "../../db/database.ts" {
  interface Rooms {
    deployment_group: DeploymentGroupTable;
    deployment_group_policy: { account_id: string; device_policy_id: string; group_id: string };
  }
}

const byId = once((db, accountId: string, id: string) =>
  db.selectFrom("deployment_group").selectAll().where("account_id", "=", accountId).where("id", "=", id),
);

/** The group with an id, or undefined. */
export async function findDeploymentGroup(
  db: Handle,
  accountId: string,
  id: string,
): Promise<DeploymentGroup | undefined> {
  const [row] = await byId(db, accountId, id);
  return row && fromRow(row);
}

/** All deployment groups of an account. */
export async function allDeploymentGroups(db: Handle, accountId: string): Promise<DeploymentGroup[]> {
  const rows = await db
    .selectFrom("deployment_group")
    .selectAll()
    .where("account_id", "=", accountId)
    .orderBy("created_at")
    .orderBy("id")
    .execute();
  return rows.map(fromRow);
}

/** The groups of an account that may be seen, oldest first. */
export async function listDeploymentGroups(
  db: Handle,
  accountId: string,
  visible: Visible,
  page: Page,
): Promise<Listed<DeploymentGroup>> {
  const query = db
    .selectFrom("deployment_group")
    .where("account_id", "=", accountId)
    .where(seen(visible, "id"));
  const { total } = await query
    .select((eb) => eb.fn.countAll<number>().as("total"))
    .executeTakeFirstOrThrow();
  const rows = await query
    .selectAll()
    .orderBy("created_at")
    .orderBy("id")
    .limit(page.limit + 1)
    .offset(page.offset)
    .execute();
  return pageOf(rows.map(fromRow), total, page, ({ createdAt, id }) => [createdAt, id]);
}

/** Up to `limit` groups that may be seen behind another one, oldest first; from the first on where that is undefined. */
export async function deploymentGroupsBehind(
  db: Handle,
  accountId: string,
  visible: Visible,
  last: Pick<DeploymentGroup, "createdAt" | "id"> | undefined,
  limit: number,
): Promise<DeploymentGroup[]> {
  let query = db
    .selectFrom("deployment_group")
    .selectAll()
    .where("account_id", "=", accountId)
    .where(seen(visible, "id"));
  if (last)
    query = query.where((eb) => eb(eb.refTuple("created_at", "id"), ">", eb.tuple(last.createdAt, last.id)));
  const rows = await query.orderBy("created_at").orderBy("id").limit(limit).execute();
  return rows.map(fromRow);
}

/** Keeps a new group; the device policies that it holds are taken with `takePolicies`. */
export async function insertDeploymentGroup(
  db: Handle,
  accountId: string,
  group: DeploymentGroup,
): Promise<void> {
  await db
    .insertInto("deployment_group")
    .values({ account_id: accountId, id: group.id, created_at: group.createdAt, ...toRow(group) })
    .execute();
}

/** Keeps the present state of a group. */
export async function updateDeploymentGroup(
  db: Handle,
  accountId: string,
  group: DeploymentGroup,
): Promise<void> {
  await db
    .updateTable("deployment_group")
    .set(toRow(group))
    .where("account_id", "=", accountId)
    .where("id", "=", group.id)
    .execute();
}

/** Forgets a group and lets go of its device policies. */
export async function deleteDeploymentGroup(db: Handle, accountId: string, id: string): Promise<void> {
  await db
    .deleteFrom("deployment_group_policy")
    .where("account_id", "=", accountId)
    .where("group_id", "=", id)
    .execute();
  await db.deleteFrom("deployment_group").where("account_id", "=", accountId).where("id", "=", id).execute();
}

/** A device policy and the deployment group that holds it. */
export type Held = { readonly policyId: string; readonly group: DeploymentGroup };

/** Those of some device policies that a deployment group holds, with the group. */
export async function holdersOf(
  db: Handle,
  accountId: string,
  policyIds: readonly string[],
): Promise<Held[]> {
  const rows = await db
    .selectFrom("deployment_group_policy as p")
    .innerJoin(valueList(policyIds).as("wanted"), "wanted.value", "p.device_policy_id")
    .innerJoin("deployment_group as g", (join) =>
      join.onRef("g.account_id", "=", "p.account_id").onRef("g.id", "=", "p.group_id"),
    )
    .selectAll("g")
    .select("p.device_policy_id")
    .where("p.account_id", "=", accountId)
    .orderBy("wanted.key")
    .execute();
  return rows.map(({ device_policy_id, ...group }) => ({
    policyId: device_policy_id,
    group: fromRow(group),
  }));
}

/** Makes a group the holder of device policies; answers false, and leaves it to the caller to undo, if another has one. */
export async function takePolicies(
  db: Handle,
  accountId: string,
  groupId: string,
  policyIds: readonly string[],
): Promise<boolean> {
  if (policyIds.length === 0) return true;
  const rows = policyIds.map((id) => ({ account_id: accountId, device_policy_id: id, group_id: groupId }));
  const { numInsertedOrUpdatedRows } = await db
    .insertInto("deployment_group_policy")
    .values(rows)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow();
  return Number(numInsertedOrUpdatedRows) === policyIds.length;
}

/** Lets go of device policies. */
export async function dropPolicies(
  db: Handle,
  accountId: string,
  policyIds: readonly string[],
): Promise<void> {
  if (policyIds.length === 0) return;
  await db
    .deleteFrom("deployment_group_policy")
    .where("account_id", "=", accountId)
    .where("device_policy_id", "in", listed(policyIds))
    .execute();
}

function toRow(group: DeploymentGroup) {
  return {
    name: group.name,
    targets: JSON.stringify(group.targets),
    policy_ids: group.policyIds && JSON.stringify(group.policyIds),
    updated_at: group.updatedAt,
    assigned_at: group.assignedAt,
  };
}

function fromRow(row: DeploymentGroupTable): DeploymentGroup {
  return {
    id: row.id,
    name: row.name,
    targets: JSON.parse(row.targets),
    policyIds: row.policy_ids === null ? null : JSON.parse(row.policy_ids),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    assignedAt: row.assigned_at,
  };
}

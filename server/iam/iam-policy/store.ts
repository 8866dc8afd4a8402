import type { Handle } from "../../db/database.ts";
import { once } from "../../db/once.ts";
import { listed } from "../../db/value-list.ts";
import type { Access, IamPolicy, NamedResources, Owner } from "./iam-policy.ts";

interface IamPolicyTable {
  account_id: string;
  owner_kind: string;
  owner_id: string;
  position: number;
  id: string;
  access: string;
  permission_groups: string;
  resources: string;
}

interface PartTable {
  account_id: string;
  policy_id: string;
  position: number;
  resource_group_id: string;
}

declare module "../../db/database.ts" {
  interface Rooms {
    iam_policy: IamPolicyTable;
    iam_policy_resource_group: PartTable;
  }
}

const ofOwners = once((db, accountId: string, kind: string, ids: readonly string[]) =>
  db
    .selectFrom("iam_policy")
    .selectAll()
    .where("account_id", "=", accountId)
    .where("owner_kind", "=", kind)
    .where("owner_id", "in", listed(ids))
    .orderBy("owner_id")
    .orderBy("position"),
);

const namedBy = once((db, accountId: string, policyIds: readonly string[]) =>
  db
    .selectFrom("iam_policy_resource_group as p")
    .innerJoin("resource_group as g", (join) =>
      join.onRef("g.account_id", "=", "p.account_id").onRef("g.id", "=", "p.resource_group_id"),
    )
    .select(["p.policy_id", "g.id", "g.name", "g.origin", "g.scope"])
    .where("p.account_id", "=", accountId)
    .where("p.policy_id", "in", listed(policyIds))
    .orderBy("p.position"),
);

const naming = once((db, accountId: string, resourceGroupIds: readonly string[]) =>
  db
    .selectFrom("iam_policy_resource_group as p")
    .innerJoin("iam_policy as i", (join) =>
      join.onRef("i.account_id", "=", "p.account_id").onRef("i.id", "=", "p.policy_id"),
    )
    .distinct()
    .select(["i.owner_kind", "i.owner_id", "p.resource_group_id"])
    .where("p.account_id", "=", accountId)
    .where("p.resource_group_id", "in", listed(resourceGroupIds))
    .orderBy("i.owner_kind")
    .orderBy("i.owner_id"),
);

/** The policies of an owner, in the order that they were given. */
export async function policiesOf(db: Handle, accountId: string, owner: Owner): Promise<IamPolicy[]> {
  return [...((await policiesOfAll(db, accountId, owner.kind, [owner.id])).get(owner.id) ?? [])];
}

/** The policies of several owners of one kind, by the owner's id; every id that was asked for has an entry. */
export async function policiesOfAll(
  db: Handle,
  accountId: string,
  kind: Owner["kind"],
  ids: readonly string[],
): Promise<ReadonlyMap<string, readonly IamPolicy[]>> {
  const held = new Map<string, IamPolicy[]>(ids.map((id) => [id, []]));
  if (ids.length === 0) return held;
  const rows = await ofOwners(db, accountId, kind, ids);
  const named = kind === "api-token" ? new Map() : await resourcesOf(db, accountId, rows);
  for (const row of rows) held.get(row.owner_id)?.push(fromRow(row, named.get(row.id) ?? []));
  return held;
}

/** Who has policies that name one of some resource groups. */
export async function ownersNaming(
  db: Handle,
  accountId: string,
  resourceGroupIds: readonly string[],
): Promise<readonly { readonly owner: Owner; readonly resourceGroupId: string }[]> {
  const rows = await naming(db, accountId, resourceGroupIds);
  return rows.map(({ owner_kind, owner_id, resource_group_id }) => ({
    owner: { kind: owner_kind as Owner["kind"], id: owner_id },
    resourceGroupId: resource_group_id,
  }));
}

/** The ids of the owners of a kind that have a policy which names a permission group. */
export async function ownersHolding(
  db: Handle,
  accountId: string,
  kind: Owner["kind"],
  permissionGroupId: string,
): Promise<string[]> {
  const rows = await db
    .selectFrom("iam_policy")
    .distinct()
    .select("owner_id")
    .where("account_id", "=", accountId)
    .where("owner_kind", "=", kind)
    .where("access", "=", "allow")
    .where("permission_groups", "like", `%"${permissionGroupId}"%`)
    .execute();
  return rows.map(({ owner_id }) => owner_id);
}

/** Those of some ids that are policies' of an account. */
export async function policyIdsAmong(
  db: Handle,
  accountId: string,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await db
    .selectFrom("iam_policy")
    .select("id")
    .where("account_id", "=", accountId)
    .where("id", "in", listed(ids))
    .execute();
  return new Set(rows.map(({ id }) => id));
}

/** Puts these policies in the place of an owner's present ones. */
export async function replacePolicies(
  db: Handle,
  accountId: string,
  owner: Owner,
  iamPolicies: readonly IamPolicy[],
): Promise<void> {
  const own = db
    .selectFrom("iam_policy")
    .select("id")
    .where("account_id", "=", accountId)
    .where("owner_kind", "=", owner.kind)
    .where("owner_id", "=", owner.id);
  await db
    .deleteFrom("iam_policy_resource_group")
    .where("account_id", "=", accountId)
    .where("policy_id", "in", own)
    .execute();
  await db
    .deleteFrom("iam_policy")
    .where("account_id", "=", accountId)
    .where("owner_kind", "=", owner.kind)
    .where("owner_id", "=", owner.id)
    .execute();
  if (iamPolicies.length === 0) return;
  const rows = iamPolicies.map((iamPolicy, position) => ({
    account_id: accountId,
    owner_kind: owner.kind,
    owner_id: owner.id,
    position,
    id: iamPolicy.id,
    access: iamPolicy.access,
    permission_groups: JSON.stringify(iamPolicy.permissionGroupIds),
    resources: JSON.stringify(iamPolicy.resources),
  }));
  await db.insertInto("iam_policy").values(rows).execute();
  const parts = iamPolicies.flatMap(({ id, resourceGroups }) =>
    resourceGroups.map((group, position) => ({
      account_id: accountId,
      policy_id: id,
      position,
      resource_group_id: group.id,
    })),
  );
  for (let from = 0; from < parts.length; from += partsAtOnce)
    await db
      .insertInto("iam_policy_resource_group")
      .values(parts.slice(from, from + partsAtOnce))
      .execute();
}

/** Rows of one insert, so that no engine's limit on parameters is met. */
const partsAtOnce = 1000;

async function resourcesOf(db: Handle, accountId: string, rows: readonly IamPolicyTable[]) {
  const named = new Map<string, NamedResources[]>();
  const policyIds = rows.map(({ id }) => id);
  const read = new Map<string, NamedResources>();
  for (const { policy_id, id, name, origin, scope } of await namedBy(db, accountId, policyIds)) {
    const group = read.get(id) ?? {
      ...{ id, name, origin: origin as NamedResources["origin"] },
      scope: JSON.parse(scope),
    };
    read.set(id, group);
    const groups = named.get(policy_id);
    if (groups) groups.push(group);
    else named.set(policy_id, [group]);
  }
  return named;
}

function fromRow(row: IamPolicyTable, resourceGroups: readonly NamedResources[]): IamPolicy {
  return {
    id: row.id,
    access: row.access as Access,
    permissionGroupIds: JSON.parse(row.permission_groups),
    resources: JSON.parse(row.resources),
    resourceGroups,
  };
}

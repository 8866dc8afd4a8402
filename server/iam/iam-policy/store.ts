import type { Handle } from "../../db/database.ts";
import { once } from "../../db/once.ts";
import { valueList } from "../../db/value-list.ts";
import type { Access, IamPolicy, Owner } from "./iam-policy.ts";

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

declare module "../../db/database.ts" {
  interface Rooms {
    iam_policy: IamPolicyTable;
  }
}

const ofOwner = once((db, accountId: string, kind: string, id: string) =>
  db
    .selectFrom("iam_policy")
    .selectAll()
    .where("account_id", "=", accountId)
    .where("owner_kind", "=", kind)
    .where("owner_id", "=", id)
    .orderBy("position"),
);

/** The policies of an owner, in the order that they were given. */
export async function policiesOf(db: Handle, accountId: string, owner: Owner): Promise<IamPolicy[]> {
  return (await ofOwner(db, accountId, owner.kind, owner.id)).map(fromRow);
}

/** The policies of several owners of one kind, by the owner's id. */
export async function policiesOfAll(
  db: Handle,
  accountId: string,
  kind: Owner["kind"],
  ids: readonly string[],
): Promise<ReadonlyMap<string, readonly IamPolicy[]>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom("iam_policy")
    .selectAll()
    .where("account_id", "=", accountId)
    .where("owner_kind", "=", kind)
    .where("owner_id", "in", db.selectFrom(valueList(ids).as("wanted")).select("wanted.value"))
    .orderBy("position")
    .execute();
  return new Map(ids.map((id) => [id, rows.filter((row) => row.owner_id === id).map(fromRow)]));
}

/** Puts these policies in the place of an owner's present ones. */
export async function replacePolicies(
  db: Handle,
  accountId: string,
  owner: Owner,
  iamPolicies: readonly IamPolicy[],
): Promise<void> {
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
}

function fromRow(row: IamPolicyTable): IamPolicy {
  return {
    id: row.id,
    access: row.access as Access,
    permissionGroupIds: JSON.parse(row.permission_groups),
    resources: JSON.parse(row.resources),
  };
}

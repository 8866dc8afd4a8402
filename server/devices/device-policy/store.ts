import type { Handle } from "../../db/database.ts";
import { tell } from "../../db/news.ts";
import { once } from "../../db/once.ts";
import { listed } from "../../db/value-list.ts";
import { type Listed, type Page, pageOf } from "../../operation/page.ts";
import { seen } from "../../operation/seen.ts";
import type { Visible } from "../../operation/visible.ts";
import type { DevicePolicy } from "./device-policy.ts";

interface DevicePolicyTable {
  account_id: string;
  id: string;
  name: string;
  description: string;
  expression: string | null;
  precedence: number | null;
  enabled: number;
  is_default: number;
  settings: string;
  created_at: number;
  updated_at: number;
}

declare module "../../db/database.ts" {
  interface Rooms {
    device_policy: DevicePolicyTable;
  }
}

const byId = once((db, accountId: string, id: string) =>
  db.selectFrom("device_policy").selectAll().where("account_id", "=", accountId).where("id", "=", id),
);

/** The device policy with an id, or undefined. */
export async function findDevicePolicy(
  db: Handle,
  accountId: string,
  id: string,
): Promise<DevicePolicy | undefined> {
  const [row] = await byId(db, accountId, id);
  return row && fromRow(row);
}

/** The account's default device policy, which every account has. */
export async function findDefault(db: Handle, accountId: string): Promise<DevicePolicy> {
  const row = await db
    .selectFrom("device_policy")
    .selectAll()
    .where("account_id", "=", accountId)
    .where("is_default", "=", 1)
    .executeTakeFirstOrThrow();
  return fromRow(row);
}

/** Those of some ids that are device policies of the account. */
export async function knownDevicePolicies(
  db: Handle,
  accountId: string,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await db
    .selectFrom("device_policy")
    .select("id")
    .where("account_id", "=", accountId)
    .where("id", "in", listed(ids))
    .execute();
  return new Set(rows.map(({ id }) => id));
}

/** The device policy that has a precedence, or undefined. */
export async function findByPrecedence(
  db: Handle,
  accountId: string,
  precedence: number,
): Promise<DevicePolicy | undefined> {
  const row = await db
    .selectFrom("device_policy")
    .selectAll()
    .where("account_id", "=", accountId)
    .where("precedence", "=", precedence)
    .executeTakeFirst();
  return row && fromRow(row);
}

const inOrder = once((db, accountId: string) =>
  db
    .selectFrom("device_policy")
    .selectAll()
    .where("account_id", "=", accountId)
    .orderBy("is_default")
    .orderBy("precedence"),
);

/** All device policies of an account in the order that they are tried, the default one last. */
export async function allDevicePolicies(db: Handle, accountId: string): Promise<DevicePolicy[]> {
  return (await inOrder(db, accountId)).map(fromRow);
}

/** How many device policies an account has. */
export async function countDevicePolicies(db: Handle, accountId: string): Promise<number> {
  const { total } = await db
    .selectFrom("device_policy")
    .where("account_id", "=", accountId)
    .select((eb) => eb.fn.countAll<number>().as("total"))
    .executeTakeFirstOrThrow();
  return total;
}

/** The device policies of an account that may be seen, in the order that they are tried; the default one last, or not. */
export async function listDevicePolicies(
  db: Handle,
  accountId: string,
  withDefault: boolean,
  visible: Visible,
  page: Page,
): Promise<Listed<DevicePolicy>> {
  let query = db.selectFrom("device_policy").where("account_id", "=", accountId).where(seen(visible, "id"));
  if (!withDefault) query = query.where("is_default", "=", 0);
  const { total } = await query
    .select((eb) => eb.fn.countAll<number>().as("total"))
    .executeTakeFirstOrThrow();
  const rows = await query
    .selectAll()
    .orderBy("is_default")
    .orderBy("precedence")
    .orderBy("id")
    .limit(page.limit + 1)
    .offset(page.offset)
    .execute();
  return pageOf(rows.map(fromRow), total, page, ({ createdAt, id }) => [createdAt, id]);
}

/** Keeps a new device policy. */
export async function insertDevicePolicy(db: Handle, accountId: string, given: DevicePolicy): Promise<void> {
  tellMoved(db, accountId);
  await db
    .insertInto("device_policy")
    .values({
      ...{ account_id: accountId, id: given.id, is_default: given.isDefault ? 1 : 0 },
      ...{ created_at: given.createdAt, ...toRow(given) },
    })
    .execute();
}

/** Keeps the present state of a device policy. */
export async function updateDevicePolicy(db: Handle, accountId: string, given: DevicePolicy): Promise<void> {
  tellMoved(db, accountId);
  await db
    .updateTable("device_policy")
    .set(toRow(given))
    .where("account_id", "=", accountId)
    .where("id", "=", given.id)
    .execute();
}

/** Forgets a device policy. */
export async function deleteDevicePolicy(db: Handle, accountId: string, id: string): Promise<void> {
  tellMoved(db, accountId);
  await db.deleteFrom("device_policy").where("account_id", "=", accountId).where("id", "=", id).execute();
}

/** Every device may have another device policy now. */
function tellMoved(db: Handle, accountId: string): void {
  tell(db, { accountId, kind: "device", ids: "all" });
}

function toRow(given: DevicePolicy) {
  return {
    name: given.name,
    description: given.description,
    expression: given.match,
    precedence: given.precedence,
    enabled: given.enabled ? 1 : 0,
    settings: JSON.stringify(given.settings),
    updated_at: given.updatedAt,
  };
}

function fromRow(row: DevicePolicyTable): DevicePolicy {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    match: row.expression,
    precedence: row.precedence,
    enabled: row.enabled === 1,
    isDefault: row.is_default === 1,
    settings: JSON.parse(row.settings),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

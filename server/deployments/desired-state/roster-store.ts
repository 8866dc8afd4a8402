import type { Handle } from "../../db/database.ts";
import { allDevicePolicies } from "../../devices/device-policy/index.ts";
import { policyIndexSql } from "./policy-sql.ts";
import type { Sort } from "./sort.ts";

/** Devices that are read at a time: reading them elsewhere, their way here still takes time on this thread. */
const pageMax = 2000;

/** Some devices behind `after`, by their ids, with what decides about their desired states; `next` goes on. */
export async function fleetPage(
  db: Handle,
  accountId: string,
  after: string,
): Promise<{ devices: (Sort & { id: string })[]; next: string | undefined }> {
  const devicePolicies = await allDevicePolicies(db, accountId);
  const rows = await db
    .selectFrom("device as d")
    .select(["d.id", "d.platform_key as environment", "d.status"])
    .select(policyIndexSql(accountId, devicePolicies).as("position"))
    .where("d.account_id", "=", accountId)
    .where("d.id", ">", after)
    .orderBy("d.id")
    .limit(pageMax)
    .execute();
  const devices = rows.map(({ status, ...row }) => ({ ...row, isRevoked: status === "revoked" }));
  return { devices, next: rows.length < pageMax ? undefined : rows.at(-1)?.id };
}

/** How many devices each account has. */
export function deviceTotals(db: Handle): Promise<{ accountId: string; devices: number }[]> {
  return db
    .selectFrom("device_total")
    .select(["account_id as accountId", "device_count as devices"])
    .execute();
}

import type { Handle } from "../../db/database.ts";
import { once } from "../../db/once.ts";
import { listed } from "../../db/value-list.ts";
import { type OpenedDevice, placeOf } from "./credential.ts";
import type { Brief } from "./store.ts";

declare module "../../db/database.ts" {
  interface Rooms {
    device_credential: { hash: string; account_id: string; device_id: string; issued_at: number };
  }
}

const bySecret = once((db, hash: string) =>
  db
    .selectFrom("device_credential as c")
    .innerJoin("device as d", (join) =>
      join.onRef("d.account_id", "=", "c.account_id").onRef("d.id", "=", "c.device_id"),
    )
    .innerJoin("account as a", "a.id", "c.account_id")
    .select([
      "c.account_id",
      "c.device_id",
      "d.device_identifier",
      "d.status",
      "a.org_id",
      "a.rights_revision",
    ])
    .where("c.hash", "=", hash),
);

/** The device that a secret with this hash opens, in one statement, or undefined; `asOf` is the store's version before. */
export async function openDevice(
  db: Handle,
  hash: string,
  asOf: number | undefined,
): Promise<OpenedDevice | undefined> {
  const [row] = await bySecret(db, hash);
  if (!row) return undefined;
  const device = { id: row.device_id, identifier: row.device_identifier, status: row.status } as Brief;
  const place = { accountId: row.account_id, orgId: row.org_id, rightsRevision: row.rights_revision, asOf };
  return { device, memberships: [placeOf(device, place)] };
}

/** Keeps a device's secret, only as a hash. */
export async function insertCredential(
  db: Handle,
  accountId: string,
  deviceId: string,
  hash: string,
  now: number,
): Promise<void> {
  await db
    .insertInto("device_credential")
    .values({ hash, account_id: accountId, device_id: deviceId, issued_at: now })
    .execute();
}

/** Whether a device has a credential: then it is claimed, and nobody else can become it. */
export async function isClaimed(db: Handle, accountId: string, deviceId: string): Promise<boolean> {
  const row = await db
    .selectFrom("device_credential")
    .select("hash")
    .where("account_id", "=", accountId)
    .where("device_id", "=", deviceId)
    .executeTakeFirst();
  return row !== undefined;
}

/** Forgets the credentials of some devices; answers the ids of those that had any. */
export async function dropCredentialsOf(
  db: Handle,
  accountId: string,
  deviceIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await db
    .deleteFrom("device_credential")
    .where("account_id", "=", accountId)
    .where("device_id", "in", listed(deviceIds))
    .returning("device_id")
    .execute();
  return new Set(rows.map((row) => row.device_id));
}

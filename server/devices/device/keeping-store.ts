import { type InsertResult, sql } from "kysely";
import type { Handle } from "../../db/database.ts";
import { tell } from "../../db/news.ts";
import { once } from "../../db/once.ts";
import { insertRows, putRows } from "../../db/put-rows.ts";
import { alongside, listed } from "../../db/value-list.ts";
import { type Device, kind } from "./device.ts";
import { presentAmong } from "./last-store.ts";
import { toWholeRow } from "./row.ts";
import { type ClaimKind, claims } from "./subject.ts";

/** A device before and after a change. */
export type DeviceChange = { readonly before: Device; readonly after: Device };

const claimKinds: readonly ClaimKind[] = ["group_id", "group_name", "group_email", "saml"];

/** Keeps new devices, at most some thousands at a time; their ids and identifiers must be free. */
export async function insertDevices(
  db: Handle,
  accountId: string,
  devices: readonly Device[],
): Promise<void> {
  const inserted = await insertRows(
    db,
    "device",
    devices.map((device) => toWholeRow(accountId, device)),
  );
  if (inserted !== devices.length) throw new Error("a device's id or identifier was taken");
  tellOf(db, accountId, devices);
  await insertRows(db, "device_label", labelRows(accountId, devices));
  await insertRows(db, "device_identity", claimRows(accountId, devices));
  await noteSeen(
    db,
    accountId,
    devices.flatMap(({ id, lastSeenAt: at }) => (at === null ? [] : [{ id, at }])),
  );
  await changeTotal(db, accountId, devices.length);
}

/** Keeps the present state of devices. */
export async function updateDevices(
  db: Handle,
  accountId: string,
  changes: readonly DeviceChange[],
): Promise<void> {
  if (changes.length === 0) return;
  const devices = changes.map(({ after }) => after);
  tellOf(db, accountId, devices);
  const rows = devices.map((device) => toWholeRow(accountId, device));
  await putRows(db, "device", ["account_id", "id"], rows);
  await forgetHeard(
    db,
    accountId,
    devices.map(({ id }) => id),
  );
  const relabelled = changes.filter(({ before, after }) => !sameMembers(before.labels, after.labels));
  await replace(db, accountId, "device_label", relabelled, labelRows);
  const otherUser = changes.filter(
    ({ before, after }) => JSON.stringify(before.user) !== JSON.stringify(after.user),
  );
  await replace(db, accountId, "device_identity", otherUser, claimRows);
}

/** Notes when devices were heard of. */
export async function noteSeen(
  db: Handle,
  accountId: string,
  seen: readonly { readonly id: string; readonly at: number }[],
): Promise<void> {
  const rows = seen.map(({ id, at }) => ({ account_id: accountId, device_id: id, last_seen_at: at }));
  await putRows(db, "device_seen", ["account_id", "device_id"], rows);
}

const seenAt = once((db, accountId: string, at: number, ids: readonly string[]) =>
  db
    .insertInto("device_seen")
    .columns(["account_id", "device_id", "last_seen_at"])
    .expression(presentAmong(db, accountId, ids).select(sql<number>`cast(${at} as bigint)`.as("at")))
    .onConflict((conflict) =>
      conflict
        .columns(["account_id", "device_id"])
        .doUpdateSet((eb) => ({ last_seen_at: eb.ref("excluded.last_seen_at") })),
    ),
);

/** Notes that devices were heard of, all at one time; answers how many of them there are. */
export async function noteSeenOf(
  db: Handle,
  accountId: string,
  ids: readonly string[],
  at: number,
): Promise<number> {
  const [written] = await seenAt(db, accountId, at, ids);
  return Number((written as unknown as InsertResult | undefined)?.numInsertedOrUpdatedRows ?? 0);
}

/** Notes what devices said last; they must have been heard of before. */
export async function noteHeard(
  db: Handle,
  accountId: string,
  heard: readonly { readonly id: string; readonly at: number; readonly key: string }[],
): Promise<void> {
  const rows = heard.map(({ id, at, key }) => {
    return { account_id: accountId, device_id: id, last_seen_at: at, heard: key };
  });
  await putRows(db, "device_seen", ["account_id", "device_id"], rows);
}

const forget = once((db, accountId: string, ids: readonly string[]) =>
  db
    .updateTable("device_seen")
    .set({ heard: null })
    .where("account_id", "=", accountId)
    .where("device_id", "in", listed(ids)),
);

/** A device that is another one now has to be told anew. */
async function forgetHeard(db: Handle, accountId: string, ids: readonly string[]): Promise<void> {
  await forget(db, accountId, ids);
}

const askedIn = once((db, accountId: string, ids: readonly string[], times: readonly number[]) =>
  db
    .insertInto("device_seen")
    .columns(["account_id", "device_id", "last_seen_at", "asked_at"])
    .expression(
      presentAmong(db, accountId, ids)
        .innerJoin(alongside(times).as("at"), "at.key", "wanted.key")
        .select([
          sql<number>`cast(at.value as bigint)`.as("last_seen_at"),
          sql<number>`cast(at.value as bigint)`.as("asked_at"),
        ]),
    )
    .onConflict((conflict) =>
      conflict.columns(["account_id", "device_id"]).doUpdateSet({
        // Noted late, it must not take back what was noted since.
        last_seen_at: sql`case when device_seen.last_seen_at > excluded.last_seen_at
          then device_seen.last_seen_at else excluded.last_seen_at end`,
        asked_at: sql`case when device_seen.asked_at > excluded.asked_at
          then device_seen.asked_at else excluded.asked_at end`,
      }),
    ),
);

/** Notes when devices asked what they should run; those that are gone are left out. */
export async function noteAsked(
  db: Handle,
  accountId: string,
  asked: readonly { readonly id: string; readonly at: number }[],
): Promise<void> {
  if (asked.length === 0) return;
  await askedIn(
    db,
    accountId,
    asked.map(({ id }) => id),
    asked.map(({ at }) => at),
  );
}

/** Forgets a device; whatever else names it must have let go of it before. */
export async function deleteDevice(db: Handle, accountId: string, id: string): Promise<void> {
  tellOf(db, accountId, [{ id }]);
  for (const table of partsOfDevice)
    await db.deleteFrom(table).where("account_id", "=", accountId).where("device_id", "=", id).execute();
  await db.deleteFrom("device").where("account_id", "=", accountId).where("id", "=", id).execute();
  await changeTotal(db, accountId, -1);
}

function tellOf(db: Handle, accountId: string, devices: readonly { readonly id: string }[]): void {
  tell(db, { accountId, kind, ids: devices.map(({ id }) => id) });
}

/** Tables that hold a part of a device: they go with it. */
const partsOfDevice = [
  ...(["device_label", "device_identity", "device_seen"] as const),
  ...(["device_outcome", "device_credential"] as const),
] as const;

async function changeTotal(db: Handle, accountId: string, difference: number): Promise<void> {
  await db
    .insertInto("device_total")
    .values({ account_id: accountId, device_count: difference })
    .onConflict((conflict) =>
      conflict
        .column("account_id")
        .doUpdateSet((eb) => ({ device_count: eb("device_total.device_count", "+", difference) })),
    )
    .execute();
}

async function replace(
  db: Handle,
  accountId: string,
  table: "device_label" | "device_identity",
  changes: readonly DeviceChange[],
  rowsOf: typeof labelRows,
): Promise<void> {
  if (changes.length === 0) return;
  const ids = changes.map(({ after }) => after.id);
  await db
    .deleteFrom(table)
    .where("account_id", "=", accountId)
    .where("device_id", "in", listed(ids))
    .execute();
  const after = changes.map((change) => change.after);
  await insertRows(db, table, rowsOf(accountId, after));
}

function labelRows(accountId: string, devices: readonly Device[]) {
  return devices.flatMap(({ id, labels }) =>
    Object.entries(labels).map(([key, value]): Record<string, string> => {
      return { account_id: accountId, device_id: id, key, value };
    }),
  );
}

function claimRows(accountId: string, devices: readonly Device[]) {
  return devices.flatMap(({ id, user }) =>
    claimKinds.flatMap((kind) =>
      (claims(user, kind) ?? []).map((value): Record<string, string> => {
        return { account_id: accountId, device_id: id, kind, value };
      }),
    ),
  );
}

function sameMembers(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

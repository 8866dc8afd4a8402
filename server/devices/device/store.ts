import type { Handle } from "../../db/database.ts";
import { once } from "../../db/once.ts";
import { valueList } from "../../db/value-list.ts";
import { type Listed, type Page, pageOf } from "../../operation/page.ts";
import { seen } from "../../operation/seen.ts";
import { showsAll, type Visible } from "../../operation/visible.ts";
import { inOneOf } from "../membership/index.ts";
import type { Device } from "./device.ts";
import { type DeviceTable, fromRow, type Row, toRow } from "./row.ts";

declare module "../../db/database.ts" {
  interface Rooms {
    device: DeviceTable;
    device_label: { account_id: string; device_id: string; key: string; value: string };
    device_total: { account_id: string; device_count: number };
    device_seen: { account_id: string; device_id: string; last_seen_at: number };
  }
}

const withSeen = (db: Handle) =>
  db
    .selectFrom("device as d")
    .leftJoin("device_seen as s", (join) =>
      join.onRef("s.account_id", "=", "d.account_id").onRef("s.device_id", "=", "d.id"),
    )
    .selectAll("d")
    .select("s.last_seen_at");

const byId = once((db, accountId: string, id: string) =>
  withSeen(db).where("d.account_id", "=", accountId).where("d.id", "=", id),
);
const byIdentifier = once((db, accountId: string, identifier: string) =>
  withSeen(db).where("d.account_id", "=", accountId).where("d.device_identifier", "=", identifier),
);
const labelsOf = once((db, accountId: string, deviceId: string) =>
  db
    .selectFrom("device_label")
    .select(["key", "value"])
    .where("account_id", "=", accountId)
    .where("device_id", "=", deviceId)
    .orderBy("key"),
);

const totalOf = once((db, accountId: string) =>
  db.selectFrom("device_total").select("device_count").where("account_id", "=", accountId),
);

/** The device with an id or an identifier; an id wins over another device's identifier. */
export async function findDevice(db: Handle, accountId: string, ref: string): Promise<Device | undefined> {
  const [row] = await byId(db, accountId, ref);
  return row ? complete(db, row) : findByIdentifier(db, accountId, ref);
}

/** The device with an identifier, or undefined. */
export async function findByIdentifier(
  db: Handle,
  accountId: string,
  identifier: string,
): Promise<Device | undefined> {
  const [row] = await byIdentifier(db, accountId, identifier);
  return row && complete(db, row);
}

async function complete(db: Handle, row: Row): Promise<Device> {
  const labels = await labelsOf(db, row.account_id, row.id);
  return fromRow(row, Object.fromEntries(labels.map(({ key, value }) => [key, value])));
}

/** A device as far as putting it into groups needs it. */
export type Found = { readonly id: string; readonly status: string };

/** The devices that each of some ids or identifiers names, by what was given; an id wins over an identifier. */
export async function resolveDevices(
  db: Handle,
  accountId: string,
  refs: readonly string[],
): Promise<ReadonlyMap<string, Found>> {
  const find = (column: "d.id" | "d.device_identifier", wanted: readonly string[]) =>
    db
      .selectFrom(valueList(wanted).as("wanted"))
      .innerJoin("device as d", column, "wanted.value")
      .select(["wanted.key", "d.id", "d.status"])
      .where("d.account_id", "=", accountId)
      .execute();
  const found = new Map<string, Found>();
  for (const { key, status } of await find("d.id", refs)) {
    const id = refs[key] as string;
    found.set(id, { id, status });
  }
  const others = refs.filter((ref) => !found.has(ref));
  if (others.length > 0)
    for (const { key, id, status } of await find("d.device_identifier", others))
      found.set(others[key] as string, { id, status });
  return found;
}

/** What a list of devices can be narrowed to. */
export type Filter = { platform?: string; status?: string; groupId?: string };

/**
 * The devices of an account that may be seen, oldest first. A page is chosen on the index alone and only then
 * joined, and without a condition the total is the kept one: a list costs what its page costs.
 */
export async function listDevices(
  db: Handle,
  accountId: string,
  filter: Filter,
  visible: Visible,
  page: Page,
): Promise<Listed<Device>> {
  const fitting = narrowed(db, accountId, filter, visible);
  const whole = showsAll(visible) && Object.keys(filter).length === 0;
  const total = whole ? await countDevices(db, accountId) : await count(fitting);
  const behind = page.after;
  const chosen = (
    behind
      ? fitting.where((eb) => eb(eb.refTuple("d.created_at", "d.id"), ">", eb.tuple(...behind)))
      : fitting
  )
    .select(["d.account_id", "d.id"])
    .orderBy("d.created_at")
    .orderBy("d.id")
    .limit(page.limit + 1)
    .offset(behind ? 0 : page.offset);
  const rows = await withSeen(db)
    .innerJoin(chosen.as("p"), (join) =>
      join.onRef("p.account_id", "=", "d.account_id").onRef("p.id", "=", "d.id"),
    )
    .orderBy("d.created_at")
    .orderBy("d.id")
    .execute();
  const labels = await labelsOfAll(db, accountId, rows);
  const devices = rows.map((row) => fromRow(row, labels.get(row.id) ?? {}));
  return pageOf(devices, total, page, ({ createdAt, id }) => [createdAt, id]);
}

function narrowed(db: Handle, accountId: string, { platform, status, groupId }: Filter, visible: Visible) {
  const inGroup = inOneOf("d.account_id", "d.id");
  let query = db
    .selectFrom("device as d")
    .where("d.account_id", "=", accountId)
    .where(seen(visible, "d.id", inGroup));
  if (platform !== undefined) query = query.where("d.platform", "=", platform);
  if (status !== undefined) query = query.where("d.status", "=", status);
  return groupId === undefined ? query : query.where(inGroup([groupId]));
}

async function count(query: ReturnType<typeof narrowed>): Promise<number> {
  const counted = query.select((eb) => eb.fn.countAll<number>().as("total"));
  return (await counted.executeTakeFirstOrThrow()).total;
}

async function countDevices(db: Handle, accountId: string): Promise<number> {
  const [row] = await totalOf(db, accountId);
  return row?.device_count ?? 0;
}

async function labelsOfAll(db: Handle, accountId: string, devices: readonly { id: string }[]) {
  const rows = await db
    .selectFrom("device_label as l")
    .innerJoin(valueList(devices.map(({ id }) => id)).as("wanted"), "wanted.value", "l.device_id")
    .select(["l.device_id", "l.key", "l.value"])
    .where("l.account_id", "=", accountId)
    .orderBy("l.key")
    .execute();
  const labels = new Map<string, Record<string, string>>();
  for (const { device_id, key, value } of rows) {
    const own = labels.get(device_id) ?? {};
    labels.set(device_id, own);
    own[key] = value;
  }
  return labels;
}

/** Keeps a new device. */
export async function insertDevice(db: Handle, accountId: string, device: Device): Promise<void> {
  const { id, createdAt } = device;
  await db
    .insertInto("device")
    .values({ account_id: accountId, id, created_at: createdAt, ...toRow(device) })
    .execute();
  await insertLabels(db, accountId, device);
  await noteSeen(db, accountId, id, device.lastSeenAt ?? createdAt);
  await changeTotal(db, accountId, 1);
}

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

/** Keeps the present state of a device. */
export async function updateDevice(db: Handle, accountId: string, device: Device): Promise<void> {
  await db
    .updateTable("device")
    .set(toRow(device))
    .where("account_id", "=", accountId)
    .where("id", "=", device.id)
    .execute();
  await deleteLabels(db, accountId, device.id);
  await insertLabels(db, accountId, device);
}

/** Notes that a device was heard of. */
export async function noteSeen(db: Handle, accountId: string, deviceId: string, at: number): Promise<void> {
  await db
    .insertInto("device_seen")
    .values({ account_id: accountId, device_id: deviceId, last_seen_at: at })
    .onConflict((conflict) => conflict.columns(["account_id", "device_id"]).doUpdateSet({ last_seen_at: at }))
    .execute();
}

/** Forgets a device; whatever else names it must have let go of it before. */
export async function deleteDevice(db: Handle, accountId: string, id: string): Promise<void> {
  await deleteLabels(db, accountId, id);
  await db
    .deleteFrom("device_seen")
    .where("account_id", "=", accountId)
    .where("device_id", "=", id)
    .execute();
  await db.deleteFrom("device").where("account_id", "=", accountId).where("id", "=", id).execute();
  await changeTotal(db, accountId, -1);
}

async function insertLabels(db: Handle, accountId: string, { id, labels }: Device): Promise<void> {
  const rows = Object.entries(labels).map(([key, value]) => ({
    account_id: accountId,
    device_id: id,
    key,
    value,
  }));
  if (rows.length > 0) await db.insertInto("device_label").values(rows).execute();
}

async function deleteLabels(db: Handle, accountId: string, deviceId: string): Promise<void> {
  await db
    .deleteFrom("device_label")
    .where("account_id", "=", accountId)
    .where("device_id", "=", deviceId)
    .execute();
}

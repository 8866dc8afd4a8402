import type { Handle } from "../../db/database.ts";
import { once, valueList } from "../../db/database.ts";
import { type Listed, type Page, pageOf } from "../../operation/page.ts";
import { seen } from "../../operation/seen.ts";
import type { Visible } from "../../operation/visible.ts";
import { inOneOf } from "../membership/index.ts";
import { type Attributes, type attribute, attributeNames, type Device } from "./device.ts";

type Flags = { gpu_available: number | null; npu_available: number | null; charging: number | null };
type Numbers = {
  total_memory_mb: number | null;
  available_storage_mb: number | null;
  battery_pct: number | null;
};
type Texts = {
  [Name in Exclude<keyof typeof attribute, keyof Flags | keyof Numbers>]: string | null;
};

interface DeviceTable extends Flags, Numbers, Texts {
  account_id: string;
  id: string;
  device_identifier: string;
  platform: string;
  status: string;
  capabilities: string;
  metadata: string;
  created_at: number;
  updated_at: number;
}

declare module "../../db/database.ts" {
  interface Rooms {
    device: DeviceTable;
    device_label: { account_id: string; device_id: string; key: string; value: string };
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

type Row = DeviceTable & { last_seen_at: number | null };

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
  const find = (column: "d.id" | "d.device_identifier") =>
    db
      .selectFrom(valueList(refs).as("wanted"))
      .innerJoin("device as d", column, "wanted.value")
      .select(["wanted.value as ref", "d.id", "d.status"])
      .where("d.account_id", "=", accountId)
      .execute();
  const named = [...(await find("d.device_identifier")), ...(await find("d.id"))];
  return new Map(named.map(({ ref, id, status }) => [ref, { id, status }]));
}

/** What a list of devices can be narrowed to. */
export type Filter = { platform?: string; status?: string; groupId?: string };

/** The devices of an account that may be seen, oldest first. */
export async function listDevices(
  db: Handle,
  accountId: string,
  filter: Filter,
  visible: Visible,
  page: Page,
): Promise<Listed<Device>> {
  let query = withSeen(db)
    .where("d.account_id", "=", accountId)
    .where(seen(visible, "d.id", inOneOf("d.account_id", "d.id")));
  if (filter.platform !== undefined) query = query.where("d.platform", "=", filter.platform);
  if (filter.status !== undefined) query = query.where("d.status", "=", filter.status);
  if (filter.groupId !== undefined) query = query.where(inOneOf("d.account_id", "d.id")([filter.groupId]));
  const { total } = await query
    .clearSelect()
    .select((eb) => eb.fn.countAll<number>().as("total"))
    .executeTakeFirstOrThrow();
  if (page.after) {
    const [createdAt, id] = page.after;
    query = query.where((eb) => eb(eb.refTuple("d.created_at", "d.id"), ">", eb.tuple(createdAt, id)));
  }
  const rows = await query
    .orderBy("d.created_at")
    .orderBy("d.id")
    .limit(page.limit + 1)
    .offset(page.after ? 0 : page.offset)
    .execute();
  const labels = await labelsOfAll(db, accountId, rows);
  const devices = rows.map((row) => fromRow(row, labels.get(row.id) ?? {}));
  return pageOf(devices, total, page, ({ createdAt, id }) => [createdAt, id]);
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

function toRow(device: Device) {
  const columns = attributeNames.map((name) => {
    const value = device.attributes[name];
    return [name, typeof value === "boolean" ? Number(value) : (value ?? null)];
  });
  return {
    device_identifier: device.identifier,
    platform: device.platform,
    status: device.status,
    ...(Object.fromEntries(columns) as Flags & Numbers & Texts),
    capabilities: JSON.stringify(device.capabilities),
    metadata: JSON.stringify(device.metadata),
    updated_at: device.updatedAt,
  };
}

const isFlag = (name: string): name is keyof Flags =>
  ["gpu_available", "npu_available", "charging"].includes(name);

function fromRow(row: Row, labels: Record<string, string>): Device {
  const known = attributeNames.filter((name) => row[name] !== null);
  const attributes = Object.fromEntries(
    known.map((name) => [name, isFlag(name) ? row[name] === 1 : row[name]]),
  );
  return {
    id: row.id,
    identifier: row.device_identifier,
    platform: row.platform,
    status: row.status as Device["status"],
    attributes: attributes as Attributes,
    labels,
    capabilities: JSON.parse(row.capabilities),
    metadata: JSON.parse(row.metadata),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    lastSeenAt: row.last_seen_at,
  };
}

import { type RawBuilder, type SqlBool, sql } from "kysely";
import { contains } from "../../db/contains.ts";
import type { Handle } from "../../db/database.ts";
import { once } from "../../db/once.ts";
import { valueList } from "../../db/value-list.ts";
import { type Listed, type Page, pageOf } from "../../operation/page.ts";
import { seen } from "../../operation/seen.ts";
import { fold } from "../../operation/text.ts";
import { showsAll, type Visible } from "../../operation/visible.ts";
import { versionKey } from "../../selector/version.ts";
import { inOneOf } from "../membership/index.ts";
import type { Device } from "./device.ts";
import { type DeviceTable, fromRow, type Row } from "./row.ts";

interface SeenTable {
  account_id: string;
  device_id: string;
  last_seen_at: number;
  asked_at: number | null;
  /** The key of what the device said last, as long as saying it again would change nothing. */
  heard: string | null;
  /** The key of what it was told last when it asked what is new. */
  told: string | null;
}

declare module "../../db/database.ts" {
  interface Rooms {
    device: DeviceTable;
    device_label: { account_id: string; device_id: string; key: string; value: string };
    device_total: { account_id: string; device_count: number };
    device_identity: { account_id: string; device_id: string; kind: string; value: string };
    device_seen: SeenTable;
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

/** A device as far as deciding about a report takes. */
export type Brief = { readonly id: string; readonly identifier: string; readonly status: Device["status"] };

const briefColumns = ["id", "device_identifier as identifier", "status"] as const;
const briefById = once((db, accountId: string, id: string) =>
  db.selectFrom("device").select(briefColumns).where("account_id", "=", accountId).where("id", "=", id),
);
const briefByIdentifier = once((db, accountId: string, identifier: string) =>
  db
    .selectFrom("device")
    .select(briefColumns)
    .where("account_id", "=", accountId)
    .where("device_identifier", "=", identifier),
);

/** As `findDevice`, of as much of it as a report takes. */
export async function findBrief(db: Handle, accountId: string, ref: string): Promise<Brief | undefined> {
  const [row] = await briefById(db, accountId, ref);
  return (row ?? (await briefByIdentifier(db, accountId, ref))[0]) as Brief | undefined;
}

const briefsIn = once((db, accountId: string, ids: readonly string[]) =>
  db
    .selectFrom("device as d")
    .innerJoin(valueList(ids).as("wanted"), "wanted.value", "d.id")
    .select(["d.id", "d.device_identifier as identifier", "d.status"])
    .where("d.account_id", "=", accountId),
);

/** As `findDevices`, of as much of them as a report takes. */
export async function findBriefs(
  db: Handle,
  accountId: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Brief>> {
  return new Map((await briefsIn(db, accountId, ids)).map((row) => [row.id, row as Brief]));
}

const devicesIn = once((db, accountId: string, ids: readonly string[]) =>
  withSeen(db)
    .innerJoin(valueList(ids).as("wanted"), "wanted.value", "d.id")
    .where("d.account_id", "=", accountId),
);

/** Those of some ids that are devices, by id. */
export async function findDevices(
  db: Handle,
  accountId: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Device>> {
  const rows = await devicesIn(db, accountId, ids);
  const labels = await labelsOfAll(db, accountId, rows);
  return new Map(rows.map((row) => [row.id, fromRow(row, labels.get(row.id) ?? {})]));
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

/** What a list of devices can be narrowed to; all that is there must hold. */
export type Filter = {
  readonly platform?: string;
  readonly status?: string;
  readonly groupId?: string;
  /** A part of the identifier, whatever its case. */
  readonly search?: string;
  /** What it runs, compared as a version. */
  readonly clientVersion?: string;
  /** Microseconds since the epoch. */
  readonly seenAfter?: number;
  readonly seenBefore?: number;
  /** Below 20 %, or not. */
  readonly batteryLow?: boolean;
  readonly labels?: Readonly<Record<string, string>>;
};

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
  const fitting = narrowedDevices(db, accountId, filter, visible);
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

/** The devices `d` of an account that a filter leaves, of those that may be seen. */
export function narrowedDevices(db: Handle, accountId: string, filter: Filter, visible: Visible) {
  const inGroup = inOneOf("d.account_id", "d.id");
  let query = db
    .selectFrom("device as d")
    .where("d.account_id", "=", accountId)
    .where(seen(visible, "d.id", inGroup));
  for (const condition of conditionsOf(accountId, filter)) query = query.where(condition);
  return filter.groupId === undefined ? query : query.where(inGroup([filter.groupId]));
}

function conditionsOf(accountId: string, filter: Filter): RawBuilder<SqlBool>[] {
  const { platform, status, search, clientVersion, seenAfter, seenBefore, batteryLow, labels = {} } = filter;
  const heard = (comparison: RawBuilder<unknown>) => sql<SqlBool>`d.id in (select s.device_id
    from device_seen as s where s.account_id = ${accountId} and s.last_seen_at ${comparison})`;
  return [
    ...(platform === undefined ? [] : [sql<SqlBool>`d.platform = ${platform}`]),
    ...(status === undefined ? [] : [sql<SqlBool>`d.status = ${status}`]),
    ...(search === undefined ? [] : [contains("d.identifier_key", fold(search))]),
    ...(clientVersion === undefined ? [] : [runs(clientVersion)]),
    ...(seenAfter === undefined ? [] : [heard(sql`> ${seenAfter}`)]),
    ...(seenBefore === undefined ? [] : [heard(sql`< ${seenBefore}`)]),
    ...(batteryLow === undefined ? [] : [batteryLow ? lowBattery : sql<SqlBool>`not ${lowBattery}`]),
    ...Object.entries(labels).map(
      ([key, value]) => sql<SqlBool>`d.id in (select l.device_id from device_label as l
        where l.account_id = ${accountId} and l.key = ${key} and l.value = ${value})`,
    ),
  ];
}

const lowBattery = sql<SqlBool>`(d.battery_pct is not null and d.battery_pct < 20)`;

function runs(version: string): RawBuilder<SqlBool> {
  const key = versionKey(version);
  if (key !== undefined) return sql<SqlBool>`d.client_version_key = ${key}`;
  return sql<SqlBool>`coalesce(d.client_version, d.app_version) = ${version}`;
}

async function count(query: ReturnType<typeof narrowedDevices>): Promise<number> {
  const counted = query.select((eb) => eb.fn.countAll<number>().as("total"));
  return (await counted.executeTakeFirstOrThrow()).total;
}

/** How many devices an account has, as it is kept. */
export async function countDevices(db: Handle, accountId: string): Promise<number> {
  const [row] = await totalOf(db, accountId);
  return row?.device_count ?? 0;
}

const labelsIn = once((db, accountId: string, ids: readonly string[]) =>
  db
    .selectFrom("device_label as l")
    .innerJoin(valueList(ids).as("wanted"), "wanted.value", "l.device_id")
    .select(["l.device_id", "l.key", "l.value"])
    .where("l.account_id", "=", accountId)
    .orderBy("l.key"),
);

async function labelsOfAll(db: Handle, accountId: string, devices: readonly { id: string }[]) {
  const rows = await labelsIn(
    db,
    accountId,
    devices.map(({ id }) => id),
  );
  const labels = new Map<string, Record<string, string>>();
  for (const { device_id, key, value } of rows) {
    const own = labels.get(device_id) ?? {};
    labels.set(device_id, own);
    own[key] = value;
  }
  return labels;
}

import { type RawBuilder, type SqlBool, sql } from "kysely";
import { contains } from "../../db/contains.ts";
import type { Handle } from "../../db/database.ts";
import { listed } from "../../db/value-list.ts";
import { seen } from "../../operation/seen.ts";
import { fold } from "../../operation/text.ts";
import { showsAll, type Visible } from "../../operation/visible.ts";
import { inOneOf } from "../membership/index.ts";
import { countDevices } from "./store.ts";

/** In which order devices are listed; those of which the key is not known come last in both directions. */
export type DeviceOrder = { readonly by: DeviceSortKey; readonly descending: boolean };

/** Where a page begins: behind the device with this key and id, in the order that the key is of. */
export type DevicePlace = { readonly key: string | number | null; readonly id: string };

type Key = {
  readonly column: RawBuilder<unknown>;
  readonly type: "text" | "number";
  /** False where every device has one. */
  readonly optional: boolean;
};

const text = (column: string, optional: boolean): Key => ({
  column: sql.ref(column),
  type: "text",
  optional,
});
const number = (column: RawBuilder<unknown>, optional = false): Key => ({ column, type: "number", optional });
const heardOrMade = sql`coalesce(s.last_seen_at, d.created_at)`;

/** What devices can be sorted by. Versions compare as versions; what is no version has no key. */
export const deviceSortKeys = {
  id: text("d.id", false),
  name: text("d.device_identifier", false),
  client_version: text("d.client_version_key", true),
  user_email: text("d.user_email", true),
  user_name: text("d.user_name", true),
  last_seen_at: number(sql.ref("s.last_seen_at"), true),
  heard_or_made_at: number(heardOrMade),
  /** 0 for a revoked device, else 1. */
  active: number(sql`case when d.status = 'revoked' then 0 else 1 end`),
  created_at: number(sql.ref("d.created_at")),
} as const satisfies Readonly<Record<string, Key>>;

/** One of them. */
export type DeviceSortKey = keyof typeof deviceSortKeys;

/** What a list in any order is narrowed to; all that is there must hold. */
export type DeviceNarrowing = {
  readonly standing?: "active" | "revoked";
  readonly ids?: readonly string[];
  readonly userIds?: readonly string[];
  readonly userEmail?: string;
  /** A part of the identifier or of the manufacturer, whatever its case. */
  readonly search?: string;
  /** Microseconds since the epoch, both excluded. */
  readonly seenAfter?: number;
  readonly seenBefore?: number;
  /** A device that was never heard of counts as heard of when it was made. */
  readonly madeIsSeen?: true;
  readonly labels?: readonly (readonly [key: string, value: string])[];
};

/** More devices than these are counted one by one only where it is asked for. */
const countedMax = 10_000;

/** What is chosen: `fitting` is a further condition on a row of devices `d`. */
export type DeviceChoice = {
  readonly narrowing: DeviceNarrowing;
  readonly fitting?: RawBuilder<SqlBool>;
  readonly order: DeviceOrder;
  readonly after?: DevicePlace;
  /** Whether to count however many there are, although that costs far more than the page. */
  readonly counted: boolean;
};

/** The ids of one page of devices, where the next page begins (null at the end), and how many there are on all. */
export type ChosenDevices = {
  readonly ids: readonly string[];
  readonly next: DevicePlace | null;
  /** Null where they would have to be counted one by one among more than `countedMax`, and that is not asked for. */
  readonly total: number | null;
};

/**
 * Chooses at most `limit` devices that may be seen, behind a place if one is given. Choosing the active devices by age,
 * with nothing else asked, costs what the page costs.
 */
export async function chooseDevices(
  db: Handle,
  accountId: string,
  wanted: DeviceChoice,
  visible: Visible,
  limit: number,
): Promise<ChosenDevices> {
  const { narrowing, fitting, order, after } = wanted;
  const { column, optional } = deviceSortKeys[order.by] as Key;
  const direction = order.descending ? "desc" : "asc";
  const all = narrowed(db, accountId, visible, [
    ...conditionsOf(accountId, narrowing),
    ...(fitting ? [fitting] : []),
  ]);
  let page = after ? all.where(behind(order, after)) : all;
  if (optional) page = page.orderBy(sql`case when ${column} is null then 1 else 0 end`);
  const rows = await page
    .select(["d.id", sql<DevicePlace["key"]>`${column}`.as("place")])
    .orderBy(column, direction)
    .orderBy("d.id", direction)
    .limit(limit + 1)
    .execute();
  const chosen = rows.slice(0, limit);
  const last = chosen.at(-1);
  return {
    ids: chosen.map(({ id }) => id),
    next: rows.length > limit && last ? { key: last.place, id: last.id } : null,
    total: await totalOf(db, accountId, all, wanted, visible),
  };
}

type Narrowed = ReturnType<typeof narrowed>;

function narrowed(
  db: Handle,
  accountId: string,
  visible: Visible,
  conditions: readonly RawBuilder<SqlBool>[],
) {
  // Where nothing is asked of when it was heard of, the engines leave this join out.
  const all = db
    .selectFrom("device as d")
    .leftJoin("device_seen as s", (join) =>
      join.onRef("s.account_id", "=", "d.account_id").onRef("s.device_id", "=", "d.id"),
    )
    .where("d.account_id", "=", accountId)
    .where(seen(visible, "d.id", inOneOf("d.account_id", "d.id")));
  return conditions.reduce((query, condition) => query.where(condition), all);
}

/** Says that a device comes behind a place: ties go by id, in the same direction. */
function behind({ by, descending }: DeviceOrder, { key, id }: DevicePlace): RawBuilder<SqlBool> {
  const { column, optional } = deviceSortKeys[by] as Key;
  const further = descending ? sql`<` : sql`>`;
  if (key === null) return sql<SqlBool>`(${column} is null and d.id ${further} ${id})`;
  const rest = sql<SqlBool>`(${column}, d.id) ${further} (${key}, ${id})`;
  return optional ? sql<SqlBool>`(${rest} or ${column} is null)` : rest;
}

async function totalOf(
  db: Handle,
  accountId: string,
  all: Narrowed,
  { narrowing, fitting, counted }: DeviceChoice,
  visible: Visible,
): Promise<number | null> {
  const plain =
    showsAll(visible) && !fitting && Object.keys(narrowing).every((name) => name === "madeIsSeen");
  const kept = plain || !counted ? await countDevices(db, accountId) : 0;
  if (plain) return kept;
  if (kept > countedMax) return null;
  const rows = all.select((eb) => eb.fn.countAll<number>().as("total"));
  return (await rows.executeTakeFirstOrThrow()).total;
}

function conditionsOf(accountId: string, narrowing: DeviceNarrowing): RawBuilder<SqlBool>[] {
  const { standing, ids, userIds, userEmail, search, seenAfter, seenBefore, labels = [] } = narrowing;
  const heard = narrowing.madeIsSeen ? heardOrMade : sql.ref("s.last_seen_at");
  const among = (column: string, values: readonly string[]) =>
    sql<SqlBool>`${sql.ref(column)} in ${listed(values)}`;
  const found = (part: string) =>
    sql<SqlBool>`(${contains("d.identifier_key", part)} or ${contains("d.manufacturer_key", part)})`;
  return [
    ...(standing === undefined ? [] : [standings[standing]]),
    ...(ids === undefined ? [] : [among("d.id", ids)]),
    ...(userIds === undefined ? [] : [among("d.user_id", userIds)]),
    ...(userEmail === undefined ? [] : [sql<SqlBool>`d.user_email = ${userEmail}`]),
    ...(search === undefined ? [] : [found(fold(search))]),
    ...(seenAfter === undefined ? [] : [sql<SqlBool>`${heard} > ${seenAfter}`]),
    ...(seenBefore === undefined ? [] : [sql<SqlBool>`${heard} < ${seenBefore}`]),
    ...labels.map(
      ([key, value]) => sql<SqlBool>`d.id in (select l.device_id from device_label as l
        where l.account_id = ${accountId} and l.key = ${key} and l.value = ${value})`,
    ),
  ];
}

const standings = {
  active: sql<SqlBool>`d.status <> 'revoked'`,
  revoked: sql<SqlBool>`d.status = 'revoked'`,
} as const;

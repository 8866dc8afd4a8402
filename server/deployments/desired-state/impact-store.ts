import { type RawBuilder, type SqlBool, sql } from "kysely";
import type { Handle } from "../../db/database.ts";
import { listed } from "../../db/value-list.ts";
import { inOneOf } from "../../devices/membership/index.ts";
import { seen } from "../../operation/seen.ts";
import type { Visible } from "../../operation/visible.ts";

/** The devices to look at, and for each the position of its device policy before and after a change. */
export type Compared = {
  readonly accountId: string;
  readonly visible: Visible;
  readonly before: RawBuilder<number>;
  /** Null where it is the same. */
  readonly after: RawBuilder<number> | null;
  /** Only these devices, where it is known that no other can be moved. */
  readonly only: readonly string[] | undefined;
  /** Only devices `d` for which one of these holds; null where it may be any. */
  readonly meant: readonly RawBuilder<SqlBool>[] | null;
};

/** Devices that are alike: of one environment, and under the same policies before and after. */
export type Alike = {
  readonly environment: string;
  readonly before: number;
  readonly after: number;
  readonly devices: number;
};

/** How many devices there are of each sort; revoked ones run nothing anyhow. */
export async function countAlike(db: Handle, compared: Compared): Promise<Alike[]> {
  const counted = await writtenDown(db, compared)
    .select(["s.environment", "s.before", "s.after"])
    .select((eb) => eb.fn.countAll<number>().as("devices"))
    .groupBy(["s.environment", "s.before", "s.after"])
    .execute();
  return counted.map((sort) => ({ ...sort, after: compared.after ? sort.after : sort.before }));
}

/** Up to `limit` devices of some sorts, by their ids. */
export async function someAlike(
  db: Handle,
  compared: Compared,
  sorts: readonly Alike[],
  limit: number,
): Promise<(Omit<Alike, "devices"> & { id: string })[]> {
  const { after } = compared;
  const wanted = sorts.map((sort) => `${sort.before} ${after ? sort.after : -1} ${sort.environment}`);
  // Not written down: it ends with the first few that are found.
  const some = await db
    .selectFrom(sorted(db, compared).as("s"))
    .select(["s.id", "s.environment", "s.before", "s.after"])
    .where(
      sql<string>`cast(s.before as text) || ' ' || cast(s.after as text) || ' ' || s.environment`,
      "in",
      listed(wanted),
    )
    .orderBy("s.id")
    .limit(limit)
    .execute();
  return some.map((device) => ({ ...device, after: after ? device.after : device.before }));
}

/** Engines would work each position out again wherever it is named, if it were not written down before. */
function writtenDown(db: Handle, compared: Compared) {
  return db
    .with(
      (cte) => cte("sorted").materialized(),
      () => sorted(db, compared),
    )
    .selectFrom("sorted as s");
}

function sorted(db: Handle, compared: Compared) {
  const { accountId, visible, before, after, only, meant } = compared;
  let query = db
    .selectFrom("device as d")
    .select(["d.id", "d.platform_key as environment", before.as("before")])
    .select((after ?? sql<number>`-1`).as("after"))
    .where("d.account_id", "=", accountId)
    .where("d.status", "<>", "revoked")
    .where(seen(visible, "d.id", inOneOf("d.account_id", "d.id")));
  if (meant) query = query.where("d.id", "in", meantIn(db, accountId, meant));
  if (only) query = query.where("d.id", "in", listed(only));
  return query;
}

/** Each condition finds its devices in its own best way, once. */
function meantIn(db: Handle, accountId: string, meant: readonly RawBuilder<SqlBool>[]) {
  const those = meant.map(
    (condition) => sql`select d.id from device as d where d.account_id = ${accountId} and ${condition}`,
  );
  return db
    .selectFrom(sql<{ id: string }>`(${sql.join(those, sql` union `)})`.as("meant"))
    .select("meant.id");
}

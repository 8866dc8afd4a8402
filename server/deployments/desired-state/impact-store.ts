import { type RawBuilder, sql } from "kysely";
import type { Handle } from "../../db/database.ts";
import { valueList } from "../../db/value-list.ts";
import { inOneOf } from "../../devices/membership/index.ts";
import { seen } from "../../operation/seen.ts";
import type { Visible } from "../../operation/visible.ts";

/** The devices to look at, and for each the position of its device policy before and after a change. */
export type Compared = {
  readonly accountId: string;
  readonly visible: Visible;
  readonly before: RawBuilder<number>;
  readonly after: RawBuilder<number>;
  /** Only these devices, where it is known that no other can be moved. */
  readonly only: readonly string[] | undefined;
};

/** Devices that are alike: of one environment, and under the same policies before and after. */
export type Alike = {
  readonly environment: string;
  readonly before: number;
  readonly after: number;
  readonly devices: number;
};

/** How many devices there are of each sort; revoked ones run nothing anyhow. */
export function countAlike(db: Handle, compared: Compared): Promise<Alike[]> {
  return db
    .selectFrom(sorted(db, compared).as("s"))
    .select(["s.environment", "s.before", "s.after"])
    .select((eb) => eb.fn.countAll<number>().as("devices"))
    .groupBy(["s.environment", "s.before", "s.after"])
    .execute();
}

/** Up to `limit` devices of some sorts, by their ids. */
export function someAlike(
  db: Handle,
  compared: Compared,
  sorts: readonly Alike[],
  limit: number,
): Promise<(Omit<Alike, "devices"> & { id: string })[]> {
  const wanted = sorts.map(({ environment, before, after }) => `${before} ${after} ${environment}`);
  return db
    .selectFrom(sorted(db, compared).as("s"))
    .selectAll()
    .where(
      sql<string>`cast(s.before as text) || ' ' || cast(s.after as text) || ' ' || s.environment`,
      "in",
      db.selectFrom(valueList(wanted).as("wanted")).select("wanted.value"),
    )
    .orderBy("s.id")
    .limit(limit)
    .execute();
}

function sorted(db: Handle, { accountId, visible, before, after, only }: Compared) {
  const query = db
    .selectFrom("device as d")
    .select(["d.id", "d.platform_key as environment", before.as("before"), after.as("after")])
    .where("d.account_id", "=", accountId)
    .where("d.status", "<>", "revoked")
    .where(seen(visible, "d.id", inOneOf("d.account_id", "d.id")));
  if (!only) return query;
  return query.where("d.id", "in", db.selectFrom(valueList(only).as("moved")).select("moved.value"));
}

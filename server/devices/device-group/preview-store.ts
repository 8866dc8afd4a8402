import type { Handle } from "../../db/database.ts";
import { seen } from "../../operation/seen.ts";
import type { Visible } from "../../operation/visible.ts";
import type { Predicate } from "../../selector/predicate.ts";
import { compileSql } from "../../selector/sql.ts";
import { type Device, findDevices, sqlSubjectOf } from "../device/index.ts";
import { inOneOf } from "../membership/index.ts";

/** How many devices a predicate selects of those that may be seen, and the first few of them. */
export async function findMatching(
  db: Handle,
  accountId: string,
  predicate: Predicate,
  visible: Visible,
  limit: number,
): Promise<{ total: number; devices: Device[] }> {
  const matching = db
    .selectFrom("device as d")
    .where("d.account_id", "=", accountId)
    .where(compileSql(predicate, sqlSubjectOf(accountId)))
    .where(seen(visible, "d.id", inOneOf("d.account_id", "d.id")));
  const { total } = await matching
    .select((eb) => eb.fn.countAll<number>().as("total"))
    .executeTakeFirstOrThrow();
  if (limit === 0 || total === 0) return { total, devices: [] };
  const rows = await matching.select("d.id").orderBy("d.id").limit(limit).execute();
  const found = await findDevices(
    db,
    accountId,
    rows.map(({ id }) => id),
  );
  return { total, devices: rows.flatMap(({ id }) => found.get(id) ?? []) };
}

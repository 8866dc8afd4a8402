import { type RawBuilder, type SqlBool, sql } from "kysely";
import { engineOf } from "../../db/columns.ts";
import type { Handle } from "../../db/database.ts";
import { sqlSubjectOf } from "../../devices/device/index.ts";
import type { DevicePolicy } from "../../devices/device-policy/index.ts";
import { readExpression } from "../../selector/expression.ts";
import { compileCase, compileSql, type SqlSource } from "../../selector/sql.ts";
import { asksForGroups } from "./touched.ts";

/** How positions are worked out: `gathers` (see `gathersWholeFleets`), and what is asked where it is not the present. */
export type PolicySql = { readonly gathers?: boolean; readonly source?: SqlSource };

/** Whether lists should be gathered for a query that looks at a whole fleet: for a few devices it never pays. */
export function gathersWholeFleets(db: Handle): boolean {
  return engineOf(db).gathersLists;
}

/**
 * The position in a list of device policies of the one that is for a device, for a query `from device as d`: the first
 * enabled one that matches, else the last. The list holds all of an account's in the order that they are tried, the
 * default one last. What it answers does not depend on whether the device is revoked.
 */
export function policyIndexSql(
  accountId: string,
  devicePolicies: readonly DevicePolicy[],
  { gathers = false, source = sqlSubjectOf(accountId) }: PolicySql = {},
): RawBuilder<number> {
  const cases = devicePolicies.flatMap(({ match, enabled, isDefault }, position) =>
    match === null || !enabled || isDefault
      ? []
      : [sql`when ${compileCase(readExpression(match), source, gathers)} then ${sql.lit(position)}`],
  );
  const last = sql.lit(devicePolicies.length - 1);
  return cases.length === 0
    ? sql<number>`${last}`
    : sql<number>`(case ${sql.join(cases, sql` `)} else ${last} end)`;
}

/** What a device policy asks, of the devices as they are in groups before a change, and after. */
export function meant(
  { match }: DevicePolicy,
  sources: { readonly before: SqlSource; readonly after: SqlSource },
): RawBuilder<SqlBool>[] {
  if (match === null) return [];
  const predicate = readExpression(match);
  const present = compileSql(predicate, sources.before);
  return asksForGroups(match) ? [present, compileSql(predicate, sources.after)] : [present];
}

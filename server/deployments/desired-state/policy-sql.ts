import { type RawBuilder, sql } from "kysely";
import { sqlSubjectOf } from "../../devices/device/index.ts";
import type { DevicePolicy } from "../../devices/device-policy/index.ts";
import { readExpression } from "../../selector/expression.ts";
import type { Predicate } from "../../selector/predicate.ts";
import { compileSql } from "../../selector/sql.ts";

/**
 * The position in a list of device policies of the one that is for a device, for a query `from device as d`: the first
 * enabled one that matches, else the last. The list holds all of an account's in the order that they are tried, the
 * default one last. What it answers does not depend on whether the device is revoked.
 */
export function policyIndexSql(
  accountId: string,
  devicePolicies: readonly DevicePolicy[],
  source = sqlSubjectOf(accountId),
): RawBuilder<number> {
  const cases = devicePolicies.flatMap(({ match, enabled, isDefault }, position) =>
    match === null || !enabled || isDefault
      ? []
      : [sql`when ${compileSql(oneByOne(readExpression(match)), source)} then ${sql.lit(position)}`],
  );
  const last = sql.lit(devicePolicies.length - 1);
  return cases.length === 0
    ? sql<number>`${last}`
    : sql<number>`(case ${sql.join(cases, sql` `)} else ${last} end)`;
}

/** What stands within a case is asked of each device by itself: no engine can begin with the rows it is about. */
function oneByOne(predicate: Predicate): Predicate {
  return { kind: "any", parts: [predicate] };
}

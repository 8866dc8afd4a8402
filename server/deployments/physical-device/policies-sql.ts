import { type RawBuilder, type SqlBool, sql } from "kysely";
import type { Handle } from "../../db/database.ts";
import { sqlSubjectOf } from "../../devices/device/index.ts";
import { allDevicePolicies } from "../../devices/device-policy/index.ts";
import { readExpression } from "../../selector/expression.ts";
import { compileSql } from "../../selector/sql.ts";
import { policyIndexSql } from "../desired-state/index.ts";

/**
 * The condition on a device `d` that its device policy is each of some, by id; undefined where there is none of them.
 * A device has one device policy, so nobody has several different ones.
 */
export async function haveDevicePolicies(
  db: Handle,
  accountId: string,
  ids: readonly string[],
): Promise<RawBuilder<SqlBool> | undefined> {
  if (ids.length === 0) return undefined;
  const devicePolicies = await allDevicePolicies(db, accountId);
  const position = devicePolicies.findIndex(({ id }) => ids.every((wanted) => wanted === id));
  const wanted = devicePolicies[position];
  if (!wanted?.enabled) return sql<SqlBool>`1 = 0`;
  // What comes behind it can't be a device's instead of it, but for the default one in the end.
  const tried = [...devicePolicies.slice(0, position + 1), ...devicePolicies.slice(position + 1).slice(-1)];
  const isFirst = sql<SqlBool>`${policyIndexSql(accountId, tried)} = ${sql.lit(position)}`;
  if (wanted.match === null) return isFirst;
  // Engines begin with what it asks itself: only devices that it matches are tried with those before it.
  const matches = compileSql(readExpression(wanted.match), sqlSubjectOf(accountId));
  return sql<SqlBool>`(${matches} and ${isFirst})`;
}

import { type RawBuilder, type SqlBool, sql } from "kysely";
import type { Handle } from "../../db/database.ts";
import { listed, valueList } from "../../db/value-list.ts";
import type { Predicate } from "../../selector/predicate.ts";
import { compileSql } from "../../selector/sql.ts";
import { sqlSubjectOf } from "../device/index.ts";
import { moved } from "../membership/index.ts";
import { notExcluded } from "./exclusion-store.ts";

/** A group and what its members by rule must be like. */
export type Filling = {
  readonly accountId: string;
  readonly groupId: string;
  readonly predicate: Predicate;
  readonly revision: number;
};

/** Says in SQL that the device `d` is a member by rule. */
export function fits({ accountId, groupId, predicate }: Omit<Filling, "revision">): RawBuilder<SqlBool> {
  return sql<SqlBool>`(${compileSql(predicate, sqlSubjectOf(accountId))} and ${notExcluded(accountId, groupId)})`;
}

/** Up to `limit` devices behind `after` that fit and are no members yet, by their ids. */
export async function findJoining(
  db: Handle,
  filling: Filling,
  after: string,
  limit: number,
): Promise<string[]> {
  const { accountId, groupId } = filling;
  const rows = await db
    .selectFrom("device as d")
    .select("d.id")
    .where("d.account_id", "=", accountId)
    .where("d.id", ">", after)
    .where(fits(filling))
    .where(sql<SqlBool>`not exists (select 1 from device_group_member as m
      where m.account_id = ${accountId} and m.group_id = ${groupId} and m.device_id = d.id)`)
    .orderBy("d.id")
    .limit(limit)
    .execute();
  return rows.map(({ id }) => id);
}

/** Up to `limit` members by rule behind `after` that fit no more, by their ids. */
export async function findLeaving(
  db: Handle,
  filling: Filling,
  after: string,
  limit: number,
): Promise<string[]> {
  const { accountId, groupId } = filling;
  const rows = await db
    .selectFrom("device_group_member as m")
    .innerJoin("device as d", (join) =>
      join.onRef("d.account_id", "=", "m.account_id").onRef("d.id", "=", "m.device_id"),
    )
    .select("m.device_id as id")
    .where("m.account_id", "=", accountId)
    .where("m.group_id", "=", groupId)
    .where("m.type", "=", "dynamic")
    .where("m.device_id", ">", after)
    .where(sql<SqlBool>`not ${fits(filling)}`)
    .orderBy("m.device_id")
    .limit(limit)
    .execute();
  return rows.map(({ id }) => id);
}

/** Makes those of some devices members that still fit; answers how many were none before. */
export async function joinFitting(
  db: Handle,
  filling: Filling,
  deviceIds: readonly string[],
  now: number,
): Promise<number> {
  const { accountId, groupId, revision } = filling;
  moved(db, accountId, deviceIds);
  const rows = db
    .selectFrom("device as d")
    .innerJoin(valueList(deviceIds).as("wanted"), "wanted.value", "d.id")
    .select([
      "d.account_id",
      sql<string>`cast(${groupId} as text)`.as("group_id"),
      "d.id as device_id",
      sql<string>`'dynamic'`.as("type"),
      sql<number>`cast(${now} as bigint)`.as("added_at"),
      sql<number>`cast(${revision} as bigint)`.as("rules_revision"),
    ])
    .where("d.account_id", "=", accountId)
    .where(fits(filling));
  const { numInsertedOrUpdatedRows } = await db
    .insertInto("device_group_member")
    .columns(["account_id", "group_id", "device_id", "type", "added_at", "rules_revision"])
    .expression(rows)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow();
  return Number(numInsertedOrUpdatedRows);
}

/** Takes those of some members by rule out that still fit no more; answers how many. */
export async function leaveUnfitting(
  db: Handle,
  filling: Filling,
  deviceIds: readonly string[],
): Promise<number> {
  const { accountId, groupId } = filling;
  moved(db, accountId, deviceIds);
  const { numDeletedRows } = await db
    .deleteFrom("device_group_member as m")
    .where("m.account_id", "=", accountId)
    .where("m.group_id", "=", groupId)
    .where("m.type", "=", "dynamic")
    .where("m.device_id", "in", listed(deviceIds))
    .where(sql<SqlBool>`not exists (select 1 from device as d
      where d.account_id = m.account_id and d.id = m.device_id and ${fits(filling)})`)
    .executeTakeFirstOrThrow();
  return Number(numDeletedRows);
}

/** How many members a group would have once it is in line: those by rule and those by hand. */
export async function countFitting(db: Handle, filling: Filling): Promise<number> {
  const { accountId, groupId } = filling;
  const { total } = await db
    .selectFrom("device as d")
    .where("d.account_id", "=", accountId)
    .where(sql<SqlBool>`(${fits(filling)} or d.id in (select m.device_id from device_group_member as m
      where m.account_id = ${accountId} and m.group_id = ${groupId} and m.type = 'manual'))`)
    .select((eb) => eb.fn.countAll<number>().as("total"))
    .executeTakeFirstOrThrow();
  return total;
}

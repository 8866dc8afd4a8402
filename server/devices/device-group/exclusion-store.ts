import { type RawBuilder, type SqlBool, sql } from "kysely";
import type { Handle } from "../../db/database.ts";
import { insertRows } from "../../db/put-rows.ts";
import { listed, valueList } from "../../db/value-list.ts";
import type { Listed, Page } from "../../operation/page.ts";
import { pageOf } from "../../operation/page.ts";

declare module "../../db/database.ts" {
  interface Rooms {
    device_group_exclusion: {
      account_id: string;
      group_id: string;
      device_id: string;
      added_at: number;
      added_by: string | null;
    };
  }
}

/** A device that is kept out of a group, whatever its rules say. */
export type Exclusion = {
  readonly deviceId: string;
  /** Microseconds since the epoch. */
  readonly addedAt: number;
  readonly addedBy: string | null;
};

/** Those of some devices that are kept out of a group. */
export async function excludedAmong(
  db: Handle,
  accountId: string,
  groupId: string,
  deviceIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await db
    .selectFrom("device_group_exclusion as x")
    .innerJoin(valueList(deviceIds).as("wanted"), "wanted.value", "x.device_id")
    .select("x.device_id")
    .where("x.account_id", "=", accountId)
    .where("x.group_id", "=", groupId)
    .execute();
  return new Set(rows.map(({ device_id }) => device_id));
}

/** The groups that each of some devices is kept out of. */
export async function exclusionsOf(
  db: Handle,
  accountId: string,
  deviceIds: readonly string[],
): Promise<{ deviceId: string; groupId: string }[]> {
  return db
    .selectFrom("device_group_exclusion as x")
    .innerJoin(valueList(deviceIds).as("wanted"), "wanted.value", "x.device_id")
    .select(["x.device_id as deviceId", "x.group_id as groupId"])
    .where("x.account_id", "=", accountId)
    .execute();
}

/** Keeps devices out of a group. */
export async function insertExclusions(
  db: Handle,
  accountId: string,
  groupId: string,
  deviceIds: readonly string[],
  added: Pick<Exclusion, "addedAt" | "addedBy">,
): Promise<void> {
  const rows = deviceIds.map((deviceId) => ({
    ...{ account_id: accountId, group_id: groupId, device_id: deviceId },
    ...{ added_at: added.addedAt, added_by: added.addedBy },
  }));
  await insertRows(db, "device_group_exclusion", rows);
}

/** Lets devices be in a group again; of all there are where none are named. */
export async function dropExclusions(
  db: Handle,
  accountId: string,
  groupId: string,
  deviceIds?: readonly string[],
): Promise<void> {
  let query = db
    .deleteFrom("device_group_exclusion")
    .where("account_id", "=", accountId)
    .where("group_id", "=", groupId);
  if (deviceIds) query = query.where("device_id", "in", listed(deviceIds));
  await query.execute();
}

/** Forgets a device's exclusions. */
export async function dropExclusionsOfDevice(db: Handle, accountId: string, deviceId: string): Promise<void> {
  await db
    .deleteFrom("device_group_exclusion")
    .where("account_id", "=", accountId)
    .where("device_id", "=", deviceId)
    .execute();
}

/** The devices that are kept out of a group, oldest first. */
export async function listExclusions(
  db: Handle,
  accountId: string,
  groupId: string,
  shown: RawBuilder<SqlBool>,
  page: Page,
): Promise<Listed<Exclusion & { readonly identifier: string }>> {
  const query = db
    .selectFrom("device_group_exclusion as x")
    .innerJoin("device as d", (join) =>
      join.onRef("d.account_id", "=", "x.account_id").onRef("d.id", "=", "x.device_id"),
    )
    .where("x.account_id", "=", accountId)
    .where("x.group_id", "=", groupId)
    .where(shown);
  const { total } = await query
    .select((eb) => eb.fn.countAll<number>().as("total"))
    .executeTakeFirstOrThrow();
  const behind = page.after;
  const rows = await (behind
    ? query.where((eb) => eb(eb.refTuple("x.added_at", "x.device_id"), ">", eb.tuple(...behind)))
    : query
  )
    .select([
      "x.device_id as deviceId",
      "x.added_at as addedAt",
      "x.added_by as addedBy",
      "d.device_identifier as identifier",
    ])
    .orderBy("x.added_at")
    .orderBy("x.device_id")
    .limit(page.limit + 1)
    .offset(behind ? 0 : page.offset)
    .execute();
  return pageOf(rows, total, page, ({ addedAt, deviceId }) => [addedAt, deviceId]);
}

/** Says in SQL that the device `d` is not kept out of a group. */
export function notExcluded(accountId: string, groupId: string): RawBuilder<SqlBool> {
  return sql<SqlBool>`not exists (select 1 from device_group_exclusion as x
    where x.account_id = ${accountId} and x.group_id = ${groupId} and x.device_id = d.id)`;
}

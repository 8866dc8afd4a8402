import type { Handle } from "../../db/database.ts";
import { once } from "../../db/once.ts";
import { insertRows, putRows } from "../../db/put-rows.ts";
import { valueList } from "../../db/value-list.ts";
import { seen } from "../../operation/seen.ts";
import type { Visible } from "../../operation/visible.ts";
import type { Membership } from "./membership.ts";
import { inOneOf } from "./sight-sql.ts";

/** A group and a device, by their ids. */
export type Pair = { readonly groupId: string; readonly deviceId: string };

const among = once((db, accountId: string, pairs: readonly string[]) =>
  db
    .selectFrom(valueList(pairs).as("wanted"))
    .innerJoin("device_group_member as m", (join) =>
      join.on((eb) =>
        eb.and([
          eb("m.account_id", "=", accountId),
          eb("m.group_id", "=", eb.fn<string>("substr", ["wanted.value", eb.lit(1), eb.lit(idLength)])),
          eb("m.device_id", "=", eb.fn<string>("substr", ["wanted.value", eb.lit(idLength + 1)])),
        ]),
      ),
    )
    .select(["wanted.key", "m.type"]),
);

/** Characters of a group's id: what two ids look like as one text follows from it. */
const idLength = 30;

/** What type of membership there is between each of some pairs, by their place in the list. */
export async function typesOfPairs(
  db: Handle,
  accountId: string,
  pairs: readonly Pair[],
): Promise<ReadonlyMap<number, Membership["type"]>> {
  const rows = await among(
    db,
    accountId,
    pairs.map(({ groupId, deviceId }) => groupId + deviceId),
  );
  return new Map(rows.map(({ key, type }) => [key, type as Membership["type"]]));
}

/** Keeps memberships by hand of any groups; those that began by rule become ones by hand. */
export async function keepMemberships(
  db: Handle,
  accountId: string,
  memberships: readonly { readonly membership: Omit<Membership, "type">; readonly isNew: boolean }[],
): Promise<void> {
  const rowsOf = (isNew: boolean) =>
    memberships
      .filter((each) => each.isNew === isNew)
      .map(({ membership: { groupId, deviceId, addedAt, addedBy } }) => ({
        ...{ account_id: accountId, group_id: groupId, device_id: deviceId, type: "manual" },
        ...{ added_at: addedAt, added_by: addedBy, rules_revision: null },
      }));
  await insertRows(db, "device_group_member", rowsOf(true));
  await putRows(db, "device_group_member", ["account_id", "group_id", "device_id"], rowsOf(false));
}

/** Which memberships may be seen: by their group, and by their device. */
export type Sight = { readonly groups: Visible; readonly devices: Visible };

/** Up to `limit` memberships behind one that may be seen, in the order of their groups and devices. */
export async function membershipsBehind(
  db: Handle,
  accountId: string,
  sight: Sight,
  after: Pair,
  limit: number,
): Promise<Membership[]> {
  const rows = await db
    .selectFrom("device_group_member as m")
    .selectAll()
    .where("m.account_id", "=", accountId)
    .where((eb) => eb(eb.refTuple("m.group_id", "m.device_id"), ">", eb.tuple(after.groupId, after.deviceId)))
    .where(seen(sight.groups, "m.group_id"))
    .where(seen(sight.devices, "m.device_id", inOneOf("m.account_id", "m.device_id")))
    .orderBy("m.group_id")
    .orderBy("m.device_id")
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    ...{ groupId: row.group_id, deviceId: row.device_id, type: row.type as Membership["type"] },
    ...{ addedAt: row.added_at, addedBy: row.added_by },
  }));
}

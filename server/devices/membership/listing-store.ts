import { type RawBuilder, sql } from "kysely";
import type { Handle } from "../../db/database.ts";
import { type Listed, type Page, pageOf } from "../../operation/page.ts";
import { seen } from "../../operation/seen.ts";
import { showsAll, type Visible } from "../../operation/visible.ts";
import type { Membership } from "./membership.ts";
import { inOneOf } from "./sight-sql.ts";
import { fromRow } from "./store.ts";

/** A device in a group, as much of it as a list of members shows. */
export type Member = Membership & {
  readonly identifier: string;
  readonly platform: string;
  readonly status: string;
  readonly lastSeenAt: number | null;
};

/** A place before every member. */
const beforeAll = [Number.MIN_SAFE_INTEGER, ""] as const;

/**
 * The members of a group, longest first; what `visible` hides is left out. Without exceptions the total is the
 * count that the group keeps, so that a page of a large group costs what the page costs: it is chosen on
 * the index of the memberships alone, and only then joined to the devices.
 */
export async function listMembers(
  db: Handle,
  accountId: string,
  group: { id: string; deviceCount: number },
  visible: Visible,
  page: Page,
): Promise<Listed<Member>> {
  let chosen = db
    .selectFrom("device_group_member as m")
    .where("m.account_id", "=", accountId)
    .where("m.group_id", "=", group.id)
    .where(seen(visible, "m.device_id", inOneOf("m.account_id", "m.device_id")));
  const total = !showsAll(visible)
    ? (await chosen.select((eb) => eb.fn.countAll<number>().as("total")).executeTakeFirstOrThrow()).total
    : group.deviceCount;
  // From the very beginning, too: without a bound the embedded engine sorts all members instead of reading in order.
  const [addedAt, deviceId] = page.after ?? beforeAll;
  chosen = chosen.where((eb) =>
    eb(eb.refTuple("m.added_at", "m.device_id"), ">", eb.tuple(addedAt, deviceId)),
  );
  // Rows that are passed over cost as much as rows that are read: a late page is counted from the end.
  const late = showsAll(visible) && !page.after && page.offset > group.deviceCount / 2;
  const { order, limit, offset } = late ? fromEnd(accountId, group.id, page) : fromBeginning(page);
  const onePage = chosen
    .selectAll("m")
    .orderBy("m.added_at", order)
    .orderBy("m.device_id", order)
    .limit(limit)
    .offset(offset);
  const rows = await db
    .selectFrom(onePage.as("p"))
    .innerJoin("device as d", (join) =>
      join.onRef("d.account_id", "=", "p.account_id").onRef("d.id", "=", "p.device_id"),
    )
    .leftJoin("device_seen as s", (join) =>
      join.onRef("s.account_id", "=", "p.account_id").onRef("s.device_id", "=", "p.device_id"),
    )
    .selectAll("p")
    .select(["d.device_identifier", "d.platform", "d.status", "s.last_seen_at"])
    .orderBy("p.added_at")
    .orderBy("p.device_id")
    .execute();
  const members = rows.map((row) => ({
    ...fromRow(row),
    identifier: row.device_identifier,
    platform: row.platform,
    status: row.status,
    lastSeenAt: row.last_seen_at,
  }));
  return pageOf(members, total, page, ({ addedAt, deviceId }) => [addedAt, deviceId]);
}

/** Which rows of a list make a page, with one more where there is one, and in which order they are counted. */
type Stretch = {
  readonly order: "asc" | "desc";
  readonly limit: number | RawBuilder<number>;
  readonly offset: number | RawBuilder<number>;
};

function fromBeginning({ limit, offset, after }: Page): Stretch {
  return { order: "asc", limit: limit + 1, offset: after ? 0 : offset };
}

/** How many members there are is asked in the same statement: what was read before may have changed. */
function fromEnd(accountId: string, groupId: string, { limit, offset }: Page): Stretch {
  const left = sql`(select device_count - ${offset} from device_group
    where account_id = ${accountId} and id = ${groupId})`;
  const most = limit + 1;
  return {
    order: "desc",
    limit: sql`case when ${left} > ${most} then ${most} when ${left} > 0 then ${left} else 0 end`,
    offset: sql`case when ${left} > ${most} then ${left} - ${most} else 0 end`,
  };
}

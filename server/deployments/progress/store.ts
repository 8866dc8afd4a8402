import { sql } from "kysely";
import type { Handle } from "../../db/database.ts";
import { type Device, type Filter, findDevices, narrowedDevices } from "../../devices/device/index.ts";
import { type Listed, type Page, pageOf } from "../../operation/page.ts";
import type { Visible } from "../../operation/visible.ts";
import type { World } from "../desired-state/index.ts";
import type { Progress, Reason, ReasonCount, State } from "./progress.ts";
import { type Goal, goalsOf, reasonSql, stateSql } from "./progress-sql.ts";

/** Which devices are asked about, and by which configuration. */
export type Asked = {
  readonly accountId: string;
  readonly world: World;
  readonly filter: Filter;
  readonly visible: Visible;
  /** Only devices that this deployment group targets. */
  readonly groupId?: string;
  readonly states?: readonly State[];
  /** Microseconds since the epoch. */
  readonly now: number;
};

/** A page of devices with how far each is, oldest first; revoked ones need to be nowhere and are left out. */
export async function listInProgress(
  db: Handle,
  asked: Asked,
  page: Page,
): Promise<Listed<Device & { progress: Progress }>> {
  const { goals, rows } = rowsOf(db, asked);
  const { total } = await rows.select((eb) => eb.fn.countAll<number>().as("total")).executeTakeFirstOrThrow();
  const behind = page.after;
  const found = await (behind
    ? rows.where((eb) => eb(eb.refTuple("r.created_at", "r.id"), ">", eb.tuple(...behind)))
    : rows
  )
    .selectAll("r")
    .orderBy("r.created_at")
    .orderBy("r.id")
    .limit(page.limit + 1)
    .offset(behind ? 0 : page.offset)
    .execute();
  const devices = await findDevices(
    db,
    asked.accountId,
    found.map(({ id }) => id),
  );
  const items = found.flatMap((row) => {
    const device = devices.get(row.id);
    return device ? [{ ...device, progress: progressOf(row, goals) }] : [];
  });
  return pageOf(items, total, page, ({ createdAt, id }) => [createdAt, id]);
}

/** How many devices are in each state. */
export async function countStates(db: Handle, asked: Asked): Promise<ReadonlyMap<State, number>> {
  const counted = await rowsOf(db, asked)
    .rows.select("r.state")
    .select((eb) => eb.fn.countAll<number>().as("devices"))
    .groupBy("r.state")
    .execute();
  return new Map(counted.map(({ state, devices }) => [state as State, devices]));
}

/** How many devices are stuck for which reason, most first. */
export async function countReasons(db: Handle, asked: Asked): Promise<ReasonCount[]> {
  const counted = await rowsOf(db, asked)
    .rows.select(["r.reason", "r.error_code"])
    .select((eb) => eb.fn.countAll<number>().as("devices"))
    .where("r.reason", "is not", null)
    .groupBy(["r.reason", "r.error_code"])
    .execute();
  return counted
    .map(({ reason, error_code, devices }) => ({ reason: reason as Reason, errorCode: error_code, devices }))
    .sort((a, b) => b.devices - a.devices || (a.reason + a.errorCode < b.reason + b.errorCode ? -1 : 1));
}

/** A place that no goal has. */
const nobodys = -1_000_000_000;

type Row = {
  readonly goal: number;
  readonly runs: string | null;
  readonly state: string;
  readonly reason: string | null;
  readonly error_code: string | null;
  readonly attempted_at: number | null;
  readonly last_seen_at: number | null;
};

function progressOf(row: Row, goals: readonly Goal[]): Progress {
  const goal = goals[row.goal];
  const reason = row.reason as Reason | null;
  const attempted =
    reason === "failed" || reason === "refused" || reason === "in_progress" || reason === "fell_back";
  const assigned = reason === "never_asked" || reason === "waiting" ? (goal?.since ?? null) : null;
  return {
    ...{ state: row.state as State, version: row.runs, reason, errorCode: row.error_code },
    desiredVersion: goal?.version ?? null,
    since: attempted ? row.attempted_at : reason === "silent" ? row.last_seen_at : assigned,
  };
}

function rowsOf(db: Handle, asked: Asked) {
  const { accountId, world, filter, visible, groupId, states, now } = asked;
  const { goals, goal, placesOf } = goalsOf(db, accountId, world);
  const devices = narrowedDevices(db, accountId, filter, visible)
    .where("d.status", "<>", "revoked")
    .select(["d.account_id", "d.id", "d.created_at", "d.client_version_key as runs_key", goal.as("goal")])
    .select(sql<string | null>`coalesce(d.client_version, d.app_version)`.as("runs"));
  const told = db
    .selectFrom(devices.as("d"))
    .leftJoin("device_seen as e", (join) =>
      join.onRef("e.account_id", "=", "d.account_id").onRef("e.device_id", "=", "d.id"),
    )
    .leftJoin("device_outcome as o", (join) =>
      join.onRef("o.account_id", "=", "d.account_id").onRef("o.device_id", "=", "d.id"),
    )
    .selectAll("d")
    .select(["e.last_seen_at", "e.asked_at", "o.version as tried", "o.state as outcome"])
    .select(["o.error_code as told_code", "o.attempted_at"]);
  // Where the group gives nothing to anybody, nobody has its goals.
  const own = groupId === undefined ? undefined : [...placesOf(groupId), nobodys];
  const stated = db
    // Engines would work the goal out again wherever it is named, if it were not written down before.
    .with(
      (cte) => cte("told").materialized(),
      () => told,
    )
    .selectFrom("told as s")
    .$if(own !== undefined, (query) => query.where("s.goal", "in", own ?? []))
    .selectAll("s")
    .select(stateSql(goals).as("state"));
  const reasoned = db.selectFrom(stated.as("s")).selectAll("s").select(reasonSql(goals, now).as("reason"));
  const coded = db
    .selectFrom(reasoned.as("s"))
    .selectAll("s")
    .select(
      sql<string | null>`case when s.reason in ('failed', 'refused') then s.told_code end`.as("error_code"),
    );
  const rows = db.selectFrom(coded.as("r"));
  return { goals, rows: states ? rows.where("r.state", "in", [...states]) : rows };
}

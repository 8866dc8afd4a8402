import { type RawBuilder, sql } from "kysely";
import type { Handle } from "../../db/database.ts";
import { environmentKey } from "../../selector/environment.ts";
import { versionKey } from "../../selector/version.ts";
import { policyIndexSql, type World } from "../desired-state/index.ts";
import { silentAfterS } from "./progress.ts";

/** A version that devices should run, and the deployment group that says so. */
export type Goal = {
  readonly version: string;
  readonly groupId: string;
  /** Microseconds since the epoch. */
  readonly since: number;
};

/** In the place of a goal: no group holds the device's policy, or the group has no entry for its environment. */
const untargeted = -1;
const noVersion = -2;

/** The goals that a fleet's configuration gives, and which of them each device `d` has, by its place in the list. */
export function goalsOf(
  db: Handle,
  accountId: string,
  { devicePolicies, holders }: World,
): { goals: readonly Goal[]; goal: RawBuilder<number> } {
  const goals: Goal[] = [];
  const cases = devicePolicies.flatMap(({ id }, position) => {
    const group = holders.get(id);
    if (!group) return [];
    const places = group.targets.map(({ environment, version }) => {
      goals.push({ version, groupId: group.id, since: group.updatedAt });
      return { environment, place: goals.length - 1 };
    });
    const whens = places.flatMap(({ environment, place }) =>
      environment === null ? [] : [sql`when ${environmentKey(environment)} then ${sql.lit(place)}`],
    );
    const rest = sql.lit(places.find(({ environment }) => environment === null)?.place ?? noVersion);
    const inGroup =
      whens.length === 0 ? rest : sql`case d.platform_key ${sql.join(whens, sql` `)} else ${rest} end`;
    return [sql`when ${sql.lit(position)} then ${inGroup}`];
  });
  const none = sql.lit(untargeted);
  if (cases.length === 0) return { goals, goal: sql<number>`${none}` };
  const position = policyIndexSql(db, accountId, devicePolicies);
  return { goals, goal: sql<number>`(case ${position} ${sql.join(cases, sql` `)} else ${none} end)` };
}

/** Of rows `s` that have a goal, a version and its key: the state. Versions compare by their keys, where they have one. */
export function stateSql(goals: readonly Goal[]): RawBuilder<string> {
  const keys = chosen(goals, ({ version }) => versionKey(version) ?? "");
  const texts = chosen(goals, ({ version }) => version);
  return sql<string>`case
    when s.goal = ${sql.lit(untargeted)} then 'untargeted'
    when s.goal = ${sql.lit(noVersion)} then 'no_version'
    when s.runs is null then 'unknown'
    when s.runs = ${texts} or (s.runs_key = ${keys}) then 'on_target'
    when s.runs_key is null or ${keys} = '' then 'unknown'
    when s.runs_key < ${keys} then 'behind'
    else 'ahead' end`;
}

/** Of rows `s` with a state: why the device is not where it should be; null where it is. */
export function reasonSql(goals: readonly Goal[], now: number): RawBuilder<string | null> {
  const texts = chosen(goals, ({ version }) => version);
  const since = chosen(goals, ({ since: at }) => at);
  const silent = sql`(s.last_seen_at is null or s.last_seen_at < ${now - silentAfterS * 1_000_000})`;
  return sql<string | null>`case
    when s.state = 'no_version' then 'no_version_for_environment'
    when s.state not in ('behind', 'ahead', 'unknown') then null
    when s.tried = ${texts} and s.outcome = 'failed' then 'failed'
    when s.tried = ${texts} and s.outcome = 'refused' then 'refused'
    when s.tried = ${texts} and s.outcome = 'succeeded' then 'fell_back'
    when ${silent} then 'silent'
    when s.tried = ${texts} and s.outcome is not null then 'in_progress'
    when s.asked_at is null or s.asked_at < ${since} then 'never_asked'
    else 'waiting' end`;
}

function chosen<T extends string | number>(goals: readonly Goal[], of: (goal: Goal) => T): RawBuilder<T> {
  const cases = goals.map((goal, place) => sql`when ${sql.lit(place)} then ${typed(of(goal))}`);
  return cases.length === 0 ? sql<T>`null` : sql<T>`(case s.goal ${sql.join(cases, sql` `)} end)`;
}

function typed(value: string | number): RawBuilder<unknown> {
  return typeof value === "number" ? sql`cast(${value} as bigint)` : sql`cast(${value} as text)`;
}

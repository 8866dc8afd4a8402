import { type RawBuilder, sql } from "kysely";
import type { Handle } from "../../db/database.ts";
import { environmentKey } from "../../selector/environment.ts";
import { versionKey } from "../../selector/version.ts";
import { gathersWholeFleets, policyIndexSql, type World } from "../desired-state/index.ts";
import { silentAfterS } from "./progress.ts";

/** A version that devices should run, and the deployment group that says so. */
export type Goal = {
  readonly version: string;
  readonly groupId: string;
  /** Microseconds since the epoch. */
  readonly since: number;
};

/** In the place of a goal: no group holds the device's policy. */
const untargeted = -1;

/** In the place of a goal, and below: the first group has no entry for the device's environment, the second one, … */
const noVersion = -2;

/** The goals that a fleet's configuration gives, which of them each device `d` has, and which are a group's. */
export type Goals = {
  readonly goals: readonly Goal[];
  /** A goal's place in the list, or what stands in its place. */
  readonly goal: RawBuilder<number>;
  placesOf(groupId: string): number[];
};

/** Finds the goals that a fleet's configuration gives. */
export function goalsOf(db: Handle, accountId: string, { devicePolicies, holders }: World): Goals {
  const goals: Goal[] = [];
  const groups = [...new Set(holders.values())];
  const none = (group: (typeof groups)[number]) => noVersion - groups.indexOf(group);
  const inGroups = new Map(
    groups.map((group) => {
      const places = group.targets.map(({ environment, version }) => {
        goals.push({ version, groupId: group.id, since: group.assignedAt });
        return { environment, place: goals.length - 1 };
      });
      return [group, placeIn(places, none(group))] as const;
    }),
  );
  const cases = devicePolicies.flatMap(({ id }, position) => {
    const inGroup = inGroups.get(holders.get(id) as (typeof groups)[number]);
    return inGroup ? [sql`when ${sql.lit(position)} then ${inGroup}`] : [];
  });
  const position = policyIndexSql(accountId, devicePolicies, { gathers: gathersWholeFleets(db) });
  const otherwise = sql.lit(untargeted);
  return {
    goals,
    goal:
      cases.length === 0
        ? sql<number>`${otherwise}`
        : sql<number>`(case ${position} ${sql.join(cases, sql` `)} else ${otherwise} end)`,
    placesOf: (groupId) => [
      ...goals.flatMap((goal, place) => (goal.groupId === groupId ? [place] : [])),
      ...groups.filter(({ id }) => id === groupId).map(none),
    ],
  };
}

function placeIn(
  places: readonly { readonly environment: string | null; readonly place: number }[],
  none: number,
): RawBuilder<unknown> {
  const whens = places.flatMap(({ environment, place }) =>
    environment === null ? [] : [sql`when ${environmentKey(environment)} then ${sql.lit(place)}`],
  );
  const rest = sql.lit(places.find(({ environment }) => environment === null)?.place ?? none);
  return whens.length === 0 ? rest : sql`case d.platform_key ${sql.join(whens, sql` `)} else ${rest} end`;
}

/** Of rows `s` that have a goal, a version and its key: the state. Versions compare by their keys, where they have one. */
export function stateSql(goals: readonly Goal[]): RawBuilder<string> {
  const keys = chosen(goals, ({ version }) => versionKey(version) ?? "");
  const texts = chosen(goals, ({ version }) => version);
  return sql<string>`case
    when s.goal = ${sql.lit(untargeted)} then 'untargeted'
    when s.goal <= ${sql.lit(noVersion)} then 'no_version'
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

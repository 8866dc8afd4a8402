import Type, { type Static } from "typebox";
import { devicesNamed, permission as ofDevice } from "../../devices/device/index.ts";
import {
  countInto,
  exclusionsOf,
  groupIdsNamed,
  groupTypes,
  keepExclusions,
  kind,
  member as ofGroup,
  permission,
  reachFrom,
} from "../../devices/device-group/index.ts";
import { keepMemberships, type Pair, removePairs, typesOfPairs } from "../../devices/membership/index.ts";
import { invalid, missing } from "../../failure.ts";
import { chainOf, chainOfKind } from "../../iam/scope.ts";
import type { Context } from "../../operation/operation.ts";
import { fold, instant, line as lineOf, oneOf, parseInstant } from "../../operation/text.ts";
import { showsAll } from "../../operation/visible.ts";
import { mayChange, mayMake } from "./allowed.ts";
import { groupTypeAt } from "./group-lines.ts";
import { duplicate, type Judged, judge, type Line, type LineKind, type Pass } from "./line.ts";
import { prefixedId } from "./shapes.ts";

const schema = Type.Object({
  group_id: Type.Optional(prefixedId("grp")),
  group: Type.Optional(lineOf({ min: 1, max: 255, description: "The group's name." })),
  device_id: Type.Optional(prefixedId("dev")),
  device_identifier: Type.Optional(lineOf({ min: 1, max: 255 })),
  membership_type: Type.Optional(oneOf("manual", "dynamic")),
  excluded: Type.Optional(Type.Boolean({ description: "The device is kept out, whatever the rules say." })),
  added_at: Type.Optional(instant()),
  added_by: Type.Optional(ofGroup.addedBy),
});

type MembershipLine = Static<typeof schema>;

const demand = {
  access: { permission: permission.changeMembers },
  sees: permission.read,
  resource: kind,
} as const;

/** Lines that put devices into groups. */
export const membershipLines: LineKind<MembershipLine> = {
  type: "membership",
  takes: [{ permission: permission.changeMembers, resource: kind }],
  share: 1 / 1000,
  schema,
  async apply(context, pass, lines) {
    const world = await worldOf(context, lines);
    const met: Met[] = [];
    const judged: Judged[] = lines.map((line) =>
      judge(() => {
        const found = meet(context, pass, world, line);
        met.push(found);
        return { verdict: "new" };
      }),
    );
    const order = lines.flatMap((_, index) => (judged[index]?.verdict === "bad" ? [] : [index]));
    const decided = await decide(context, pass, met);
    for (const [at, index] of order.entries()) judged[index] = decided.judged[at] as Judged;
    if (pass.writes) await keep(context, decided);
    return { judged };
  },
};

/** What lines name: there already, or brought by an earlier line (in a pass that only looks). */
type World = {
  readonly groupsByName: ReadonlyMap<string, string>;
  readonly types: ReadonlyMap<string, string>;
  readonly deviceIds: ReadonlySet<string>;
  readonly byIdentifier: ReadonlyMap<string, string>;
  /** Whether the caller may change the members of each group: undefined, or why not. */
  readonly refusals: ReadonlyMap<string, unknown>;
};

async function worldOf(context: Context, lines: readonly Line<MembershipLine>[]): Promise<World> {
  const { db, account } = context;
  const { accountId } = account;
  const names = [
    ...new Set(lines.flatMap(({ value: { group } }) => (group === undefined ? [] : fold(group)))),
  ];
  const groupsByName = await groupIdsNamed(db, accountId, names);
  const given = lines.flatMap(({ value }) => value.group_id ?? []);
  const types = await groupTypes(db, accountId, [...new Set([...given, ...groupsByName.values()])]);
  const ids = lines.flatMap(({ value }) => value.device_id ?? []);
  const identifiers = lines.flatMap(({ value: { device_id, device_identifier } }) =>
    device_id === undefined && device_identifier !== undefined ? device_identifier : [],
  );
  const named = await devicesNamed(db, accountId, [...new Set(ids)], [...new Set(identifiers)]);
  const refusals = new Map<string, unknown>();
  for (const id of types.keys()) {
    try {
      mayChange(context, demand, { noun: id, chain: chainOf(accountId, kind, id) });
    } catch (error) {
      refusals.set(id, error);
    }
  }
  return {
    ...{ groupsByName, types, refusals },
    deviceIds: new Set(named.map(({ id }) => id)),
    byIdentifier: new Map(named.map(({ id, identifier }) => [identifier, id])),
  };
}

/** What a line means: `known` is false where an earlier line of the same import would bring the group or the device. */
type Met = Pair & {
  readonly line: Line<MembershipLine>;
  readonly type: string;
  readonly groupKnown: boolean;
  readonly deviceKnown: boolean;
};

function meet(context: Context, pass: Pass, world: World, line: Line<MembershipLine>): Met {
  const { group_id, group, device_id, device_identifier } = line.value;
  if (group_id === undefined && group === undefined) throw invalid("/group_id", "group_id: required");
  if (device_id === undefined && device_identifier === undefined)
    throw invalid("/device_id", "device_id: required");
  const groupId = group_id ?? world.groupsByName.get(fold(group ?? ""));
  const type = groupId === undefined ? undefined : world.types.get(groupId);
  if (groupId !== undefined && type !== undefined) {
    const refusal = world.refusals.get(groupId);
    if (refusal) throw refusal;
    return { line, groupId, type, groupKnown: true, ...deviceOf(pass, world, line.value) };
  }
  const brought = pass.writes
    ? undefined
    : pass.keys.get(group_id === undefined ? `group ${fold(group ?? "")}` : `group# ${group_id}`);
  if (!brought) throw missing("device group");
  mayMake(context, demand);
  const broughtType = groupTypeAt(brought);
  return {
    line,
    groupId: `${brought}`,
    type: broughtType,
    groupKnown: false,
    ...deviceOf(pass, world, line.value),
  };
}

function deviceOf(
  { keys, writes }: Pass,
  { deviceIds, byIdentifier }: World,
  { device_id: id, device_identifier: identifier = "" }: MembershipLine,
): { deviceId: string; deviceKnown: boolean } {
  const known = id === undefined ? byIdentifier.get(identifier) : deviceIds.has(id) ? id : undefined;
  if (known !== undefined) return { deviceId: known, deviceKnown: true };
  const brought = writes ? undefined : keys.get(id === undefined ? `device ${identifier}` : `device# ${id}`);
  if (brought === undefined) throw missing("device");
  return { deviceId: `${brought}`, deviceKnown: false };
}

/** What is to be done about memberships, once all is known about them. */
type Decided = {
  readonly judged: Judged[];
  readonly joining: { line: Line<MembershipLine>; pair: Pair; isNew: boolean }[];
  readonly excluding: { line: Line<MembershipLine>; pair: Pair; isMember: boolean }[];
};

async function decide(context: Context, pass: Pass, met: readonly Met[]): Promise<Decided> {
  const { db, account } = context;
  const { accountId } = account;
  const there = met.filter(({ groupKnown, deviceKnown }) => groupKnown && deviceKnown);
  const byPlace = await typesOfPairs(db, accountId, there);
  const present = new Map(there.map((each, place) => [each, byPlace.get(place)]));
  const hybrid = [...new Set(there.filter(({ type }) => type === "hybrid").map(({ deviceId }) => deviceId))];
  const excluded = new Set(
    hybrid.length === 0
      ? []
      : (await exclusionsOf(db, accountId, hybrid)).map(({ groupId, deviceId }) => `${groupId} ${deviceId}`),
  );
  const placeable = await reachOf(context, met);
  const decided: Decided = { judged: [], joining: [], excluding: [] };
  for (const each of met)
    decided.judged.push(
      judgeOne(pass, each, {
        type: present.get(each),
        excluded: excluded.has(`${each.groupId} ${each.deviceId}`),
        placeable: placeable(each),
        decided,
      }),
    );
  return decided;
}

type Standing = {
  readonly type: string | undefined;
  readonly excluded: boolean;
  readonly placeable: boolean;
  readonly decided: Decided;
};

function judgeOne({ keys }: Pass, met: Met, standing: Standing): Judged {
  const { line, groupId, deviceId } = met;
  const key = `member ${groupId} ${deviceId}`;
  if (keys.has(key)) return duplicate;
  const judged = judge(() => {
    if (!standing.placeable) throw missing("device");
    checkType(met);
    return line.value.excluded ? exclude(met, standing) : join(met, standing);
  });
  if (judged.verdict !== "bad") keys.put(key, line.number);
  return judged;
}

function checkType({ type, line: { value } }: Met): void {
  const { membership_type: wanted = "manual", excluded = false } = value;
  if (excluded && type !== "hybrid")
    throw invalid(
      "/excluded",
      `excluded: devices are kept out of hybrid groups only, and the group is ${type}`,
    );
  if (wanted === "manual" && type === "dynamic")
    throw invalid("/membership_type", "membership_type: the members of a dynamic group follow its rules");
  if (wanted === "dynamic" && type === "static")
    throw invalid("/membership_type", "membership_type: a static group has no members by rule");
}

/** Members by rule follow from the rules: a line about one only says that it is so. */
function join({ line, groupId, deviceId }: Met, { type, excluded, decided }: Standing): Judged {
  if (line.value.membership_type === "dynamic" || type === "manual") return { verdict: "unchanged" };
  if (excluded) throw invalid("/device_id", "device_id: the device is kept out of the group");
  decided.joining.push({ line, pair: { groupId, deviceId }, isNew: type === undefined });
  return { verdict: type === undefined ? "new" : "changed" };
}

function exclude({ line, groupId, deviceId }: Met, { type, excluded, decided }: Standing): Judged {
  if (excluded) return { verdict: "unchanged" };
  decided.excluding.push({ line, pair: { groupId, deviceId }, isMember: type !== undefined });
  return { verdict: "new" };
}

/** A device that an earlier line would bring is in no group: whoever may read devices as a kind may place it. */
async function reachOf({ db, account }: Context, met: readonly Met[]): Promise<(met: Met) => boolean> {
  if (showsAll(account.visible(ofDevice.read, "device"))) return () => true;
  const { accountId } = account;
  const readsNew = account.authorize(ofDevice.read, chainOfKind(accountId, "device")).allowed;
  const reached = new Map<Met, boolean>();
  for (const [groupId, those] of Map.groupBy(met, (each) => each.groupId)) {
    const there = those.filter(({ deviceKnown }) => deviceKnown);
    const reach = await reachFrom(
      db,
      account,
      groupId,
      there.map(({ deviceId }) => deviceId),
    );
    for (const each of there) {
      const { denied, placeable } = reach(each.deviceId);
      reached.set(each, !denied && placeable);
    }
  }
  return (each) => reached.get(each) ?? readsNew;
}

async function keep({ db, account, now }: Context, { joining, excluding }: Decided): Promise<void> {
  const { accountId } = account;
  const about = ({ line: { value }, pair }: Decided["joining"][number] | Decided["excluding"][number]) => ({
    ...pair,
    addedAt: value.added_at === undefined ? now : parseInstant(value.added_at),
    addedBy: value.added_by ?? null,
  });
  const leaving = excluding.filter(({ isMember }) => isMember).map(({ pair }) => pair);
  if (leaving.length > 0) await removePairs(db, accountId, leaving);
  await keepExclusions(db, accountId, excluding.map(about));
  await keepMemberships(
    db,
    accountId,
    joining.map((each) => ({ membership: about(each), isNew: each.isNew })),
  );
  const differences = new Map<string, number>();
  const add = (groupId: string, difference: number) =>
    differences.set(groupId, (differences.get(groupId) ?? 0) + difference);
  for (const { pair, isNew } of joining) if (isNew) add(pair.groupId, 1);
  for (const { groupId } of leaving) add(groupId, -1);
  await countInto(db, accountId, differences);
}

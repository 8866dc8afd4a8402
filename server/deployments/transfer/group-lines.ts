import Type, { type Static } from "typebox";
import {
  checkMayRule,
  checkRules,
  converge,
  type DeviceGroup,
  findGroups,
  groupIdsNamed,
  keepGroup,
  kind,
  member,
  permission,
  rulesIn,
} from "../../devices/device-group/index.ts";
import { conflict, invalid } from "../../failure.ts";
import { chainOf } from "../../iam/scope.ts";
import type { Context } from "../../operation/operation.ts";
import { fold, instant, parseInstant } from "../../operation/text.ts";
import { mayChange, mayMake } from "./allowed.ts";
import { duplicate, type Judged, judgeLater, type Line, type LineKind, type Pass } from "./line.ts";
import { prefixedId } from "./shapes.ts";

const schema = Type.Object({
  id: Type.Optional(prefixedId("grp")),
  name: Type.Optional(member.name),
  description: Type.Optional(member.description),
  group_type: Type.Optional(member.type),
  tags: Type.Optional(member.tags),
  is_active: Type.Optional(member.isActive),
  auto_assignment_rules: Type.Optional(Type.Union([member.rules, Type.Null()])),
  created_at: Type.Optional(instant()),
});

type GroupLine = Static<typeof schema>;

const demand = { access: { permission: permission.write }, sees: permission.read, resource: kind } as const;
const types: readonly DeviceGroup["type"][] = ["static", "dynamic", "hybrid"];

/** Lines about device groups. */
export const groupLines: LineKind<GroupLine> = {
  type: "device_group",
  takes: [{ permission: permission.write, resource: kind }],
  share: 1 / 100,
  schema,
  async apply(context, pass, lines) {
    const judged: Judged[] = [];
    const ruled: DeviceGroup[] = [];
    for (const line of lines) judged.push(await judgeLater(() => one(context, pass, line, ruled)));
    const { accountId } = context.account;
    return { judged, afterwards: ruled.map((group) => (steps) => converge(steps, accountId, group)) };
  },
};

/** The type of a group that an earlier line brought, by the number that it left behind. */
export function groupTypeAt(number: number): DeviceGroup["type"] {
  return types[number % types.length] ?? "static";
}

async function one(
  context: Context,
  pass: Pass,
  line: Line<GroupLine>,
  ruled: DeviceGroup[],
): Promise<Judged> {
  const { db, account } = context;
  const { id, name } = line.value;
  const foldedName = name === undefined ? undefined : fold(name);
  if (id === undefined ? pass.keys.has(`group-line ${foldedName}`) : pass.keys.has(`group# ${id}`))
    return duplicate;
  const holder = foldedName === undefined ? undefined : await holderOf(context, pass, foldedName);
  const before = await beforeOf(context, id ?? (holder as { id?: string } | undefined)?.id);
  if (before)
    mayChange(context, demand, { noun: before, chain: chainOf(account.accountId, kind, before.id) });
  else mayMake(context, demand);
  if (before && pass.keys.has(`group# ${before.id}`)) return duplicate;
  const after = wantedOf(context, before, line.value);
  if (holder && holder.id !== before?.id)
    throw conflict("there is a device group with this name already", "name-taken", "/name");
  if (before && fold(before.name) !== fold(after.name)) await checkNotNamed(context, before);
  remember(pass, line, before, after);
  const same = before !== null && JSON.stringify(before) === JSON.stringify(after);
  if (same) return { verdict: "unchanged" };
  if (pass.writes) {
    await keepGroup(db, account.accountId, before, { ...after, updatedAt: context.now });
    if (after.rulesRevision !== (before?.rulesRevision ?? 0)) ruled.push(after);
  }
  return { verdict: before ? "changed" : "new" };
}

/** Who has a name, as far as lines before this one left it: a group that is only going to be there has no id yet. */
async function holderOf({ db, account }: Context, { keys, writes }: Pass, foldedName: string) {
  const said = writes ? undefined : keys.get(`group ${foldedName}`);
  if (said === 0) return undefined;
  if (said !== undefined) return {};
  const id = (await groupIdsNamed(db, account.accountId, [foldedName])).get(foldedName);
  return id === undefined ? undefined : { id };
}

async function beforeOf({ db, account }: Context, id: string | undefined): Promise<DeviceGroup | null> {
  if (id === undefined) return null;
  return (await findGroups(db, account.accountId, [id])).get(id) ?? null;
}

/** The numbers tell lines that follow the group's type; 0 stands for a name that is free again. */
function remember(
  { keys }: Pass,
  { number, value }: Line<GroupLine>,
  before: DeviceGroup | null,
  after: DeviceGroup,
): void {
  const left = number * types.length + types.indexOf(after.type);
  const id = value.id ?? before?.id;
  if (before && fold(before.name) !== fold(after.name)) keys.put(`group ${fold(before.name)}`, 0);
  keys.put(`group ${fold(after.name)}`, left);
  keys.put(`group-line ${fold(after.name)}`, left);
  if (id !== undefined) keys.put(`group# ${id}`, left);
}

function wantedOf(context: Context, before: DeviceGroup | null, value: GroupLine): DeviceGroup {
  const { group_type: type = before?.type ?? "static", auto_assignment_rules: sent } = value;
  if (before && before.type !== type)
    throw invalid("/group_type", `group_type: can't be changed; expected ${before.type} or nothing`);
  const known = before ?? blank(context, value);
  const rules = sent === undefined ? known.rules : sent && rulesIn(sent);
  const otherRules = JSON.stringify(rules) !== JSON.stringify(known.rules);
  if (otherRules || !before) checkRules(type, rules);
  // A new group may come with an id that somebody has rights on already.
  if (otherRules) checkMayRule(context, known, rules);
  const { description = known.description, is_active: isActive = known.isActive } = value;
  return {
    ...known,
    ...{ type, description, isActive, rules, name: value.name?.trim() ?? known.name },
    tags: [...new Set(value.tags ?? known.tags)],
    ...(otherRules && { rulesRevision: known.rulesRevision + 1, evaluating: true }),
  };
}

function blank({ ids, now }: Context, { id, name, created_at: created }: GroupLine): DeviceGroup {
  if (name === undefined) throw invalid("/name", "name: required");
  const createdAt = created === undefined ? now : parseInstant(created);
  return {
    ...{ id: id ?? ids.prefixed("grp"), name: name.trim(), description: null, type: "static", tags: [] },
    ...{ isActive: true, rules: null, rulesRevision: 0, evaluating: false, evaluatedAt: null },
    ...{ deviceCount: 0, createdAt, updatedAt: now },
  };
}

/** What names the group by its name would mean nobody after a change of it. */
async function checkNotNamed({ db, account, referrers }: Context, group: DeviceGroup): Promise<void> {
  const users = await referrers(kind).find(db, account.accountId, [group.id]);
  if (users.some(({ byName }) => byName))
    throw conflict("something names the device group by its name", "in-use", "/name");
}

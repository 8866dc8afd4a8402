import type { Handle } from "../../db/database.ts";
import { conflict, invalid } from "../../failure.ts";
import { chainOf } from "../../iam/scope.ts";
import type { Membership as Place } from "../../operation/caller.ts";
import { parseInstant, printInstant } from "../../operation/instant.ts";
import {
  type Change,
  type Context,
  list,
  type Path,
  read,
  type Target,
  type Written,
  write,
} from "../../operation/operation.ts";
import type { Page } from "../../operation/page.ts";
import type { Referrer } from "../../operation/reference.ts";
import { type DeviceGroup, type GroupRules, type GroupType, kind, permission } from "./device-group.ts";
import { letGo, sendAway } from "./leaving.ts";
import { putRules } from "./rule-store.ts";
import { checkMayRule } from "./ruling.ts";
import { isEmpty, predicateOf } from "./selector.ts";
import { settle } from "./settling.ts";
import { type Filter, findGroup, findSameName, insertGroup, listGroups, updateGroup } from "./store.ts";

/** What makes a device group. */
export type Creation = {
  name: string;
  description: string | null;
  type: GroupType;
  tags: readonly string[];
  rules: GroupRules | null;
};

/**
 * What changes a device group; what is absent stays as it is. `force` renames it although something names it, which
 * then means nobody.
 */
export type Edit = Partial<Pick<DeviceGroup, "name" | "description" | "tags" | "isActive" | "rules">> & {
  fixed?: Fixed;
  force?: boolean;
};

/** What was sent of a group although it can't be changed, as it was spelled. */
export type Fixed = { id?: string; org_id?: string; group_type?: GroupType; created_at?: string };

/** What every operation on device groups has in common. */
export const declared = { resource: kind, sees: permission.read } as const;

/** Finds the group that a path names. */
export async function groupTarget(db: Handle, account: Place, path: Path): Promise<Target<DeviceGroup>> {
  return groupById(db, account, path.group_id ?? "");
}

/** Finds the group with an id. */
export async function groupById(db: Handle, account: Place, id: string): Promise<Target<DeviceGroup>> {
  const group = await findGroup(db, account.accountId, id);
  return group ? { chain: chainOf(account.accountId, kind, id), noun: group } : { missing: "device group" };
}

/** The device groups of the account. */
export const listDeviceGroups = list<{ filter: Filter; page: Page }, DeviceGroup>({
  name: "device-group.list",
  summary: "List device groups",
  access: { permission: permission.read },
  resource: kind,
  run: ({ db, account }, { filter, page }, visible) =>
    listGroups(db, account.accountId, filter, visible, page),
});

/** One device group. */
export const getDeviceGroup = read<unknown, DeviceGroup, DeviceGroup>({
  ...declared,
  name: "device-group.get",
  summary: "Get a device group",
  access: { permission: permission.read },
  target: groupTarget,
  run: async (_context, _input, group) => group,
});

/** Makes a device group; its name must be new in the account but for case and spaces around it. */
export const createDeviceGroup = write<Creation, DeviceGroup>({
  ...declared,
  name: "device-group.create",
  summary: "Create a device group",
  access: { permission: permission.write },
  raises: "fleet",
  async run(context, { name, description, type, tags, rules }) {
    const { db, account, ids, now } = context;
    checkRules(type, rules);
    checkMayRule(context, null, rules);
    await checkNameFree(db, account, name);
    const ruled = { rules, rulesRevision: rules ? 1 : 0, evaluating: rules !== null, evaluatedAt: null };
    const group = {
      ...{ id: ids.prefixed("grp"), name, description, type, tags: [...new Set(tags)], ...ruled },
      ...{ isActive: true, deviceCount: 0, createdAt: now, updatedAt: now },
    };
    await insertGroup(db, account.accountId, group);
    await putRules(db, account.accountId, group);
    return settle(account.accountId, group, [changeOf(null, group)]);
  },
});

/** Changes a device group; equal values written again change nothing. */
export const updateDeviceGroup = write<Edit, DeviceGroup, DeviceGroup>({
  ...declared,
  name: "device-group.update",
  summary: "Change a device group",
  access: { permission: permission.write },
  raises: "fleet",
  target: groupTarget,
  async run(context, { fixed = {}, force = false, ...edit }, before) {
    const { db, account, now } = context;
    checkFixed(fixed, before, account);
    const tags = [...new Set(edit.tags ?? before.tags)];
    const wanted = { ...before, ...edit, tags };
    // What could not be brought in line before is tried again, although nothing else changes.
    if (JSON.stringify(wanted) === JSON.stringify(before)) return settle(account.accountId, before, []);
    const otherRules = JSON.stringify(wanted.rules) !== JSON.stringify(before.rules);
    if (otherRules) checkRules(before.type, wanted.rules);
    if (otherRules) checkMayRule(context, before, wanted.rules);
    await checkNameFree(db, account, wanted.name, before.id);
    if (wanted.name !== before.name && !force) await checkNotNamed(context, before);
    const moved = otherRules ? { rulesRevision: before.rulesRevision + 1, evaluating: true } : {};
    const after = { ...wanted, ...moved, updatedAt: now };
    await updateGroup(db, account.accountId, after);
    if (otherRules) await putRules(db, account.accountId, after);
    const changes = [changeOf(before, after)];
    return otherRules ? settle(account.accountId, after, changes) : { result: after, changes };
  },
});

/** Deletes a device group; its devices stay registered. What still names it refuses, unless forced. */
export const deleteDeviceGroup = write<{ force: boolean }, DeviceGroup, DeviceGroup>({
  ...declared,
  name: "device-group.delete",
  summary: "Delete a device group",
  access: { permission: permission.write },
  raises: "fleet",
  target: groupTarget,
  async run(context, { force }, group) {
    const { db, account, referrers, now } = context;
    const users = force ? [] : await referrers(kind).find(db, account.accountId, [group.id]);
    if (users.length > 0) {
      const named = await namesShown(context, users);
      throw conflict(`the device group is used by ${named}; force=true deletes it all the same`, "in-use");
    }
    const released = await referrers(kind).release(db, account.accountId, group.id, now);
    const changes = [changeOf(group, null), ...released];
    const written: Written<DeviceGroup> = { result: group, changes };
    const whole = await letGo(db, account.accountId, group);
    return whole ? written : { ...written, afterwards: (steps) => sendAway(steps, account.accountId, group) };
  },
});

/** A group that fills itself needs rules that mean somebody; one that is filled by hand alone takes none. */
export function checkRules(type: GroupType, rules: GroupRules | null): void {
  const pointer = "/auto_assignment_rules";
  if (rules && type === "static")
    throw invalid(pointer, "auto_assignment_rules: a static group has no rules; expected null");
  if (type === "dynamic" && (!rules || isEmpty(rules)))
    throw invalid(
      pointer,
      "auto_assignment_rules: a dynamic group needs rules, matchLabels or an expression",
    );
  if (rules) predicateOf(rules, pointer);
}

/** What names the group by its name would mean nobody after a change of it. */
async function checkNotNamed(context: Context, group: DeviceGroup): Promise<void> {
  const { db, account, referrers } = context;
  const users = await referrers(kind).find(db, account.accountId, [group.id]);
  const byName = users.filter((user) => user.byName);
  if (byName.length === 0) return;
  const named = await namesShown(context, byName);
  throw conflict(`${named} name the device group by its name; force=true renames it all the same`, "in-use");
}

/** Nobody is told of something that it may not see. */
async function namesShown({ account }: Context, users: readonly Referrer[]): Promise<string> {
  const seen = users.filter(
    (user) => account.authorize(`${user.kind}.read`, chainOf(account.accountId, user.kind, user.id)).allowed,
  );
  const hidden = users.length - seen.length;
  const said = seen.slice(0, shownMax).map((user) => `${user.kind.replaceAll("-", " ")} ${user.name}`);
  const more = seen.length - said.length + hidden;
  return [...said, ...(more > 0 ? [`${more} more`] : [])].join(", ");
}

/** Users of a group that a refusal names. */
const shownMax = 10;

function checkFixed(fixed: Fixed, group: DeviceGroup, account: Place): void {
  const createdAt = printInstant(group.createdAt, "seconds");
  const sent =
    fixed.created_at === undefined ? createdAt : printInstant(parseInstant(fixed.created_at), "seconds");
  const held = {
    id: [group.id],
    org_id: [account.orgId, account.accountId],
    group_type: [group.type],
    created_at: sent === createdAt ? [fixed.created_at] : [createdAt],
  };
  for (const name of Object.keys(fixed) as (keyof Fixed)[])
    if (!(held[name] as unknown[]).includes(fixed[name]))
      throw invalid(`/${name}`, `${name}: can't be changed; expected ${held[name][0]} or nothing`);
}

async function checkNameFree(db: Handle, account: Place, name: string, exceptId?: string): Promise<void> {
  const other = await findSameName(db, account.accountId, name, exceptId);
  if (other) throw conflict(`there is a device group with this name already`, "name-taken", "/name");
}

function changeOf(before: DeviceGroup | null, after: DeviceGroup | null): Change {
  const { id, name } = (after ?? before) as DeviceGroup;
  return { resource: { kind, id, name }, before, after };
}

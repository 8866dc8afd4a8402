import type { Handle } from "../../db/database.ts";
import { conflict, invalid } from "../../failure.ts";
import { chainOf } from "../../iam/scope.ts";
import type { Membership as Place } from "../../operation/caller.ts";
import { parseInstant, printInstant } from "../../operation/instant.ts";
import { type Change, list, type Path, read, type Target, write } from "../../operation/operation.ts";
import type { Page } from "../../operation/page.ts";
import { clearGroup } from "../membership/index.ts";
import { type DeviceGroup, type GroupType, kind, permission } from "./device-group.ts";
import {
  deleteGroup,
  type Filter,
  findGroup,
  findSameName,
  insertGroup,
  listGroups,
  updateGroup,
} from "./store.ts";

/** What makes a device group. */
export type Creation = {
  name: string;
  description: string | null;
  type: GroupType;
  tags: readonly string[];
};

/** What changes a device group; what is absent stays as it is. */
export type Edit = Partial<Pick<DeviceGroup, "name" | "description" | "tags" | "isActive">> & {
  fixed?: Fixed;
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
  async run({ db, account, ids, now }, { name, description, type, tags }) {
    if (type !== "static")
      throw invalid("/group_type", `group_type: ${type} groups are not available yet; expected static`);
    await checkNameFree(db, account, name);
    const group = {
      ...{ id: ids.prefixed("grp"), name, description, type, tags: [...new Set(tags)] },
      ...{ isActive: true, deviceCount: 0, createdAt: now, updatedAt: now },
    };
    await insertGroup(db, account.accountId, group);
    return { result: group, changes: [changeOf(null, group)] };
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
  async run({ db, account, now }, { fixed = {}, ...edit }, before) {
    checkFixed(fixed, before, account);
    const tags = [...new Set(edit.tags ?? before.tags)];
    const wanted = { ...before, ...edit, tags };
    if (JSON.stringify(wanted) === JSON.stringify(before)) return { result: before, changes: [] };
    await checkNameFree(db, account, wanted.name, before.id);
    const after = { ...wanted, updatedAt: now };
    await updateGroup(db, account.accountId, after);
    return { result: after, changes: [changeOf(before, after)] };
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
  async run({ db, account, referrers, now }, { force }, group) {
    const users = await referrers(kind).find(db, account.accountId, [group.id]);
    if (users.length > 0 && !force) {
      const named = users.map((user) => `${user.kind} ${user.name}`).join(", ");
      throw conflict(`the device group is used by ${named}; force=true deletes it all the same`);
    }
    const released = await referrers(kind).release(db, account.accountId, group.id, now);
    await clearGroup(db, account.accountId, group.id);
    await deleteGroup(db, account.accountId, group.id);
    return { result: group, changes: [changeOf(group, null), ...released] };
  },
});

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

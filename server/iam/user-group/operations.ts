import type { Handle } from "../../db/database.ts";
import type { Membership } from "../../operation/caller.ts";
import {
  type Change,
  type Context,
  list,
  type Path,
  read,
  type Target,
  write,
} from "../../operation/operation.ts";
import type { Page } from "../../operation/page.ts";
import { draftsFrom, type SentPolicy } from "../drafts.ts";
import { heldBy, withPoliciesOf } from "../holding.ts";
import { identify, resourceGroupsIn } from "../iam-policy/index.ts";
import { memberNames } from "../membership/index.ts";
import { dropUnused } from "../resource-group/index.ts";
import { cameAndWent, type RightsChange, type Shift, unitShift, weigh } from "../rights-change.ts";
import { chainOf } from "../scope.ts";
import { changeRights } from "../super-administrators.ts";
import {
  deleteUserGroup,
  type Filter,
  findUserGroup,
  insertUserGroup,
  listUserGroups,
  memberIdsIn,
  updateUserGroup,
} from "./store.ts";
import { kind, permission, type UserGroup } from "./user-group.ts";

/** What changes a user group: what is absent stays; null takes the policies away, and so does `[]`. */
export type Edit = { readonly name?: string; readonly iamPolicies?: readonly SentPolicy[] | null };

const declared = { resource: kind, sees: permission.read } as const;

/** Finds the user group that a path names. */
export async function target(db: Handle, account: Membership, path: Path): Promise<Target<UserGroup>> {
  const group = await findUserGroup(db, account.accountId, path.user_group_id ?? "");
  return group
    ? { chain: chainOf(account.accountId, kind, group.id), noun: group }
    : { missing: "user group" };
}

/** The user groups of the account. */
export const listAllUserGroups = list<Filter & { page: Page }, UserGroup>({
  name: "user-group.list",
  summary: "List user groups",
  access: { permission: permission.read },
  resource: kind,
  run: ({ db, account }, { page, ...filter }, visible) =>
    listUserGroups(db, account.accountId, filter, visible, page),
});

/** One user group. */
export const getUserGroup = read<unknown, UserGroup, UserGroup>({
  ...declared,
  name: "user-group.get",
  summary: "Get a user group",
  access: { permission: permission.read },
  target,
  run: async (_context, _input, group) => group,
});

/** Makes a user group, with nobody in it. */
export const createUserGroup = write<Edit & { readonly name: string }, UserGroup>({
  ...declared,
  name: "user-group.create",
  summary: "Create a user group",
  access: { permission: permission.write },
  raises: "rights",
  async run(context, wanted) {
    const { db, account, ids, now } = context;
    const blank = { id: ids.hex(), name: wanted.name, listsPolicies: false, createdOn: now, modifiedOn: now };
    const group = await changed(context, { ...blank, iamPolicies: [] }, wanted);
    const impact = await weigh(context, changeOfPolicies(context, null, group));
    await insertUserGroup(db, account.accountId, group);
    return { result: group, changes: [changeOf(null, group)], impact };
  },
});

/** Changes a user group's name or policies; policies that say the same keep their ids. */
export const updateGroup = write<Edit, UserGroup, UserGroup>({
  ...declared,
  name: "user-group.update",
  summary: "Change a user group",
  access: { permission: permission.write },
  raises: "rights",
  target,
  async run(context, edit, before) {
    const { db, account, now } = context;
    const wanted = await changed(context, before, edit);
    const same = JSON.stringify(wanted) === JSON.stringify(before);
    const after = same ? before : { ...wanted, modifiedOn: now };
    const move = changeOfPolicies(context, before, after);
    if (same) return { result: before, changes: [], impact: await weigh(context, move) };
    const impact = await changeRights(context, move, async () => {
      await updateUserGroup(db, account.accountId, after);
      await dropUnused(db, account.accountId, resourceGroupsIn(before.iamPolicies));
    });
    return { result: after, changes: [changeOf(before, after)], impact };
  },
});

/** Deletes a user group: its members lose what it gave them, and what it denied them is denied no more. */
export const removeUserGroup = write<unknown, UserGroup, UserGroup>({
  ...declared,
  name: "user-group.delete",
  summary: "Delete a user group",
  access: { permission: permission.write },
  raises: "rights",
  target,
  async run(context, _input, group) {
    const { db, account } = context;
    const move = changeOfPolicies(context, group, null);
    const left = await memberIdsIn(db, account.accountId, group.id);
    const impact = await changeRights(context, move, async () => {
      await deleteUserGroup(db, account.accountId, group.id);
      await dropUnused(db, account.accountId, resourceGroupsIn(group.iamPolicies));
    });
    const ids = left.length > 0 && { ids: { left } };
    return { result: group, changes: [{ ...changeOf(group, null), ...ids }], impact };
  },
});

/** A user group with another name or other policies, as they were sent. */
export async function changed(
  context: Context,
  before: UserGroup,
  { name, iamPolicies: sent }: Edit,
): Promise<UserGroup> {
  const named = { ...before, name: name ?? before.name };
  if (sent === undefined) return named;
  const drafts = await draftsFrom(context, sent ?? [], { present: before.iamPolicies });
  const iamPolicies = identify(drafts, before.iamPolicies, () => context.ids.hex());
  return { ...named, listsPolicies: sent !== null, iamPolicies };
}

/** A group's policies are weighed by themselves, too: somebody may join it later. */
export function changeOfPolicies(
  context: Context,
  before: UserGroup | null,
  after: UserGroup | null,
): RightsChange {
  const [was, is] = [before?.iamPolicies ?? [], after?.iamPolicies ?? []];
  const owner = { kind, id: (after ?? before)?.id ?? "" } as const;
  return {
    ...cameAndWent(was, is),
    async shifts(db) {
      const { account } = context;
      const memberIds = before ? await memberIdsIn(db, account.accountId, before.id) : [];
      const held = await heldBy(db, account.accountId, memberIds);
      const names = await memberNames(db, account.accountId, memberIds);
      const members = memberIds.map((id): Shift => {
        const holds = held.get(id) ?? [];
        const holder = { type: "member", id, name: names.get(id) ?? id } as const;
        return { holder, before: holds, after: withPoliciesOf(owner, is, holds) };
      });
      return [unitShift(owner, was, is), ...members];
    },
  };
}

/** A user group's change, for the audit trail. */
export function changeOf(before: UserGroup | null, after: UserGroup | null): Change {
  const { id, name } = (after ?? before) as UserGroup;
  return { resource: { kind, id, name }, before, after };
}

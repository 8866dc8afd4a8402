import type { Handle } from "../../db/database.ts";
import { invalid, missing } from "../../failure.ts";
import type { Membership } from "../../operation/caller.ts";
import { type Change, type Context, read, write } from "../../operation/operation.ts";
import type { Listed, Page } from "../../operation/page.ts";
import { asHeld, heldBy, withPoliciesOf } from "../holding.ts";
import { findMembers, kind as memberKind, permission as ofMember } from "../member/index.ts";
import { addMemberships, memberNames, removeMembership, replaceMemberships } from "../membership/index.ts";
import type { RightsChange, Shift } from "../rights-change.ts";
import { chainOf } from "../scope.ts";
import { changeRights } from "../super-administrators.ts";
import { target } from "./operations.ts";
import { findGroupMembers, listGroupMembers, type MemberFilter, memberIdsIn } from "./store.ts";
import { type GroupMember, kind, membersMax, permission, type UserGroup } from "./user-group.ts";

type Named = { readonly memberIds: readonly string[] };

const declared = { resource: kind, sees: permission.read } as const;
const changing = {
  ...declared,
  access: { permission: permission.changeMembers },
  raises: "rights",
  target,
} as const;

/** Who is in a user group. */
export const listMembersOfGroup = read<MemberFilter & { page: Page }, Listed<GroupMember>, UserGroup>({
  ...declared,
  name: "user-group.list-members",
  summary: "List a user group's members",
  access: { permission: permission.read },
  target,
  run: ({ db, account }, { page, ...filter }, group) =>
    listGroupMembers(db, account.accountId, group.id, filter, unhidden(account), page),
});

/** One member of a user group. */
export const getMemberOfGroup = read<{ memberId: string }, GroupMember, UserGroup>({
  ...declared,
  name: "user-group.get-member",
  summary: "Get a member of a user group",
  access: { permission: permission.read },
  target,
  async run({ db, account }, { memberId }, group) {
    return memberOf(db, account, group, memberId);
  },
});

/** Adds members; those who are in the group already stay where they are. Answers exactly those who were named. */
export const addMembersToGroup = write<Named, readonly GroupMember[], UserGroup>({
  ...changing,
  name: "user-group.add-members",
  summary: "Add members to a user group",
  async run(context, { memberIds }, group) {
    const { db, account, now } = context;
    await checkMembers(context, memberIds);
    const present = new Set(await memberIdsIn(db, account.accountId, group.id));
    const joined = memberIds.filter((id) => !present.has(id));
    const move = changeOfMembers(context, group, joined, []);
    const impact = await changeRights(context, move, () =>
      addMemberships(db, account.accountId, group.id, joined, now),
    );
    const result = inOrder(await findGroupMembers(db, account.accountId, group.id, memberIds), memberIds);
    return { result, changes: changesOf(group, joined, []), impact };
  },
});

/** Makes these members those of the group, in this order. */
export const replaceMembersOfGroup = write<Named, readonly GroupMember[], UserGroup>({
  ...changing,
  name: "user-group.replace-members",
  summary: "Replace a user group's members",
  async run(context, { memberIds }, group) {
    const { db, account } = context;
    const { changes, impact } = await replaced(context, group, memberIds);
    const result = inOrder(await findGroupMembers(db, account.accountId, group.id, memberIds), memberIds);
    return { result, changes, impact };
  },
});

/** Makes these members those of a user group, in this order; answers what changed. Throws Failure as the operation does. */
export async function changeMembers(
  context: Context,
  group: UserGroup,
  memberIds: readonly string[],
): Promise<readonly Change[]> {
  return (await replaced(context, group, memberIds)).changes;
}

async function replaced(context: Context, group: UserGroup, memberIds: readonly string[]) {
  const { db, account, now } = context;
  await checkMembers(context, memberIds);
  const present = await memberIdsIn(db, account.accountId, group.id);
  const [was, is] = [new Set(present), new Set(memberIds)];
  const joined = memberIds.filter((id) => !was.has(id));
  const left = present.filter((id) => !is.has(id));
  const move = changeOfMembers(context, group, joined, left);
  const reordered = memberIds.join() !== present.join();
  const impact = await changeRights(context, move, async () => {
    if (reordered) await replaceMemberships(db, account.accountId, group.id, memberIds, now);
  });
  const changes = changesOf(group, joined, left);
  const moved = { ...aboutMembers(group), before: { order: "earlier" }, after: { order: "new" } };
  return { changes: changes.length === 0 && reordered ? [moved] : changes, impact };
}

/** The e-mail addresses of a user group's members that the caller may know of, in their order. */
export async function emailsIn(db: Handle, account: Membership, group: UserGroup): Promise<string[]> {
  const everybody = { limit: membersMax, offset: 0 };
  const listed = await listGroupMembers(db, account.accountId, group.id, {}, unhidden(account), everybody);
  return listed.items.map(({ email }) => email);
}

/** Takes a member out of a user group, and answers it. */
export const removeMemberFromGroup = write<{ memberId: string }, GroupMember, UserGroup>({
  ...changing,
  name: "user-group.remove-member",
  summary: "Remove a member from a user group",
  async run(context, { memberId }, group) {
    const { db, account } = context;
    const member = await memberOf(db, account, group, memberId);
    const move = changeOfMembers(context, group, [], [memberId]);
    const impact = await changeRights(context, move, () =>
      removeMembership(db, account.accountId, group.id, memberId),
    );
    return { result: member, changes: changesOf(group, [], [memberId]), impact };
  },
});

/** Members of a group are seen with it, but for those that a deny hides. */
function unhidden(account: Membership) {
  return account.notDenied(ofMember.read, memberKind);
}

function isHidden(account: Membership, memberId: string): boolean {
  return (
    account.authorize(ofMember.read, chainOf(account.accountId, memberKind, memberId)).decidedBy === "deny"
  );
}

async function memberOf(
  db: Handle,
  account: Membership,
  group: UserGroup,
  memberId: string,
): Promise<GroupMember> {
  const [member] = await findGroupMembers(db, account.accountId, group.id, [memberId]);
  if (!member || isHidden(account, memberId)) throw missing("member");
  return member;
}

/** Every id must be that of a member of the account, and stand once; one that a deny hides is not there. */
async function checkMembers({ db, account }: Context, memberIds: readonly string[]): Promise<void> {
  const known = new Set((await findMembers(db, account.accountId, memberIds)).map(({ id }) => id));
  const named = new Set<string>();
  for (const [index, id] of memberIds.entries()) {
    if (named.has(id)) throw invalid(`/${index}/id`, `${index}/id: expected each member once`);
    if (!known.has(id) || isHidden(account, id))
      throw invalid(`/${index}/id`, `${index}/id: expected the id of a member of this account`);
    named.add(id);
  }
}

/** Who joins gets the group's policies, and who leaves loses them, its denies too. */
function changeOfMembers(
  context: Context,
  group: UserGroup,
  joined: readonly string[],
  left: readonly string[],
): RightsChange {
  const owner = { kind, id: group.id } as const;
  return {
    came: joined.length > 0 ? group.iamPolicies : [],
    went: left.length > 0 ? group.iamPolicies : [],
    async shifts(db) {
      const { account } = context;
      const moved = [...joined, ...left];
      const held = await heldBy(db, account.accountId, moved);
      const names = await memberNames(db, account.accountId, moved);
      const joining = new Set(joined);
      return moved.map((id): Shift => {
        const before = held.get(id) ?? [];
        const holder = { type: "member", id, name: names.get(id) ?? id } as const;
        const after = joining.has(id)
          ? [...before, ...asHeld(owner, group.iamPolicies)]
          : withPoliciesOf(owner, [], before);
        return { holder, before, after };
      });
    },
  };
}

function inOrder(members: readonly GroupMember[], ids: readonly string[]): GroupMember[] {
  const byId = new Map(members.map((member) => [member.id, member]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}

function aboutMembers({ id, name }: UserGroup): Pick<Change, "resource"> {
  return { resource: { kind, id, name } };
}

function changesOf(group: UserGroup, joined: readonly string[], left: readonly string[]): Change[] {
  if (joined.length === 0 && left.length === 0) return [];
  const after = { joined: joined.length, left: left.length };
  return [{ ...aboutMembers(group), before: null, after, ids: { joined, left } }];
}

import { holdUserByEmail, insertUser } from "../../accounts/user/index.ts";
import type { Handle } from "../../db/database.ts";
import { conflict } from "../../failure.ts";
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
import { asHeld, type Held, heldByOne, iamPoliciesIn, withPoliciesOf } from "../holding.ts";
import {
  type Draft,
  type IamPolicy,
  identify,
  replacePolicies,
  resourceGroupsIn,
} from "../iam-policy/index.ts";
import { accountWide, dropUnused } from "../resource-group/index.ts";
import { cameAndWent, type RightsChange, weigh } from "../rights-change.ts";
import { chainOf } from "../scope.ts";
import { changeRights } from "../super-administrators.ts";
import { invite } from "./invitation.ts";
import { leave } from "./leaving.ts";
import { kind, type MemberWithPolicies, permission, type Status } from "./member.ts";
import { checkSuper, speaksFor } from "./standing.ts";
import { type Filter, findMember, findMemberByEmail, insertMember, listMembers } from "./store.ts";

/** What a member may do by itself: policies, or the ids of roles, each allowed on the whole account. */
export type Wanted = { readonly iamPolicies?: readonly SentPolicy[]; readonly roleIds?: readonly string[] };

type Creation = Wanted & { readonly email: string; readonly status: Status };

/** A member that was just made; an invited one with its invitation. */
export type Made = { readonly member: MemberWithPolicies; readonly invitation: string | null };

const declared = { resource: kind, sees: permission.read } as const;

/** Finds the member that a path names. */
export async function target(
  db: Handle,
  account: Membership,
  path: Path,
): Promise<Target<MemberWithPolicies>> {
  const member = await findMember(db, account.accountId, path.member_id ?? "");
  return member
    ? { chain: chainOf(account.accountId, kind, member.id), noun: member }
    : { missing: "member" };
}

/** The members of the account, with the policies that they have by themselves. */
export const listAllMembers = list<Filter & { page: Page }, MemberWithPolicies>({
  name: "member.list",
  summary: "List the account's members",
  access: { permission: permission.read },
  resource: kind,
  run: ({ db, account }, { page, ...filter }, visible) =>
    listMembers(db, account.accountId, filter, visible, page),
});

/** One member. */
export const getMember = read<unknown, MemberWithPolicies, MemberWithPolicies>({
  ...declared,
  name: "member.get",
  summary: "Get a member",
  access: { permission: permission.read },
  target,
  run: async (_context, _input, member) => member,
});

/** Invites somebody by e-mail address, or, as a super administrator, makes them a member at once. */
export const createMember = write<Creation, Made>({
  ...declared,
  name: "member.create",
  summary: "Invite a member",
  access: { permission: permission.write },
  raises: "rights",
  async run(context, { email, status, ...wanted }) {
    const { db, account, ids, now } = context;
    const { accountId } = account;
    if (await findMemberByEmail(db, accountId, email))
      throw conflict("somebody with this e-mail address is a member already", "member-exists", "/email");
    const iamPolicies = identify(await draftsOf(context, wanted), [], () => ids.hex());
    const bare = { id: ids.hex(), accountId, userId: null, email, status, createdAt: now, iamPolicies };
    const impact = await weigh(context, changeOfRights(bare, [], asHeld({ kind, id: bare.id }, iamPolicies)));
    const member = status === "accepted" ? { ...bare, userId: await userFor(context, email) } : bare;
    await insertMember(db, member);
    await replacePolicies(db, accountId, { kind, id: member.id }, iamPolicies);
    const invitation = status === "pending" ? await invite(context, member, iamPolicies) : null;
    return { result: { member, invitation }, changes: [changeOf(null, member)], impact };
  },
});

/** Changes what a member may do by itself; what its user groups give it stays. */
export const updateMember = write<Wanted, MemberWithPolicies, MemberWithPolicies>({
  ...declared,
  name: "member.update",
  summary: "Change a member's policies",
  access: { permission: permission.write },
  raises: "rights",
  target,
  async run(context, wanted, before) {
    const { db, account, ids } = context;
    if (!wanted.iamPolicies && !wanted.roleIds) return unchanged(context, before);
    const owner = { kind, id: before.id } as const;
    const iamPolicies = identify(
      await draftsOf(context, wanted, before.iamPolicies),
      before.iamPolicies,
      () => ids.hex(),
    );
    if (JSON.stringify(iamPolicies) === JSON.stringify(before.iamPolicies)) return unchanged(context, before);
    const held = await heldByOne(db, account.accountId, before.id);
    const move = changeOfRights(before, held, withPoliciesOf(owner, iamPolicies, held));
    const impact = await changeRights(context, move, async () => {
      await replacePolicies(db, account.accountId, owner, iamPolicies);
      await dropUnused(db, account.accountId, resourceGroupsIn(before.iamPolicies));
    });
    const after = { ...before, iamPolicies };
    return { result: after, changes: [changeOf(before, after)], impact };
  },
});

/** Takes a member out of the account and of its user groups; a user who is in no other account is forgotten. */
export const removeMember = write<unknown, MemberWithPolicies, MemberWithPolicies>({
  ...declared,
  name: "member.delete",
  summary: "Remove a member",
  access: { permission: permission.write },
  raises: "rights",
  target,
  async run(context, _input, member) {
    const { db, account } = context;
    const held = await heldByOne(db, account.accountId, member.id);
    const move = changeOfRights(member, held, []);
    const changes = [changeOf(member, null)];
    const impact = await changeRights(context, move, async () => {
      changes.push(...(await leave(context, member)));
      await dropUnused(db, account.accountId, resourceGroupsIn(member.iamPolicies));
    });
    return { result: member, changes, impact };
  },
});

/** A user for somebody who is accepted at once: the one with that address, or a new one without a key. */
async function userFor(context: Context, email: string): Promise<string> {
  checkSuper(context, "accepting a member at once");
  const { db, ids, now } = context;
  const id = ids.hex();
  const made = { id, email, ownsInstallation: false, hasKey: false, createdAt: now };
  const present = await holdUserByEmail(db, email);
  if (!present && (await insertUser(db, made))) return id;
  const user = present ?? (await holdUserByEmail(db, email));
  if (!user || !(await speaksFor(context, user)))
    throw conflict(
      "this person can't be accepted at once: create the member as pending and pass the invitation on",
      "user-elsewhere",
      "/status",
    );
  return user.id;
}

async function draftsOf(
  context: Context,
  { iamPolicies, roleIds }: Wanted,
  present: readonly IamPolicy[] = [],
): Promise<readonly Draft[]> {
  if (iamPolicies) return draftsFrom(context, iamPolicies, { present });
  if (!roleIds) return [];
  const { id, name, origin, scope } = await accountWide(context.db, context.account.accountId);
  return roleIds.map((roleId) => ({
    access: "allow",
    permissionGroupIds: [roleId],
    resources: {},
    resourceGroups: [{ id, name, origin, scope }],
  }));
}

function changeOfRights(
  { id, email }: MemberWithPolicies,
  before: readonly Held[],
  after: readonly Held[],
): RightsChange {
  const shift = { holder: { type: "member", id, name: email }, before, after } as const;
  return { ...cameAndWent(iamPoliciesIn(before), iamPoliciesIn(after)), shifts: async () => [shift] };
}

async function unchanged(context: Context, member: MemberWithPolicies) {
  const impact = await weigh(context, changeOfRights(member, [], []));
  return { result: member, changes: [], impact };
}

/** A change of a member, as the audit trail keeps it. */
export function changeOf(before: MemberWithPolicies | null, after: MemberWithPolicies | null): Change {
  const { id, email } = (after ?? before) as MemberWithPolicies;
  return { resource: { kind, id, name: email }, before, after };
}

import { findAccount } from "../../accounts/account/index.ts";
import { holdUser, holdUserByEmail, insertUser, replaceKey, type User } from "../../accounts/user/index.ts";
import { conflict, Failure, invalid, missing } from "../../failure.ts";
import { type Context, write } from "../../operation/operation.ts";
import { heldByOne, iamPoliciesIn } from "../holding.ts";
import { superAdministrator } from "../permission-group/index.ts";
import { type RightsChange, weigh } from "../rights-change.ts";
import { chainOf } from "../scope.ts";
import { hashSecret, mintSecret } from "../secret.ts";
import { checkStillGood, invite } from "./invitation.ts";
import { dropInvitations, findInvitation } from "./invitation-store.ts";
import { kind, type MemberWithPolicies, permission } from "./member.ts";
import { changeOf, target } from "./operations.ts";
import { checkSuper, speaksFor } from "./standing.ts";
import { acceptMember, findMember } from "./store.ts";

/** What a person who accepted an invitation has now; the key only where the person is new to the installation. */
export type Accepted = {
  readonly accountId: string;
  readonly orgId: string;
  readonly memberId: string;
  readonly email: string;
  readonly key: string | null;
};

/** Gives a member's user another global key, shown once; the present one opens nothing from then on. */
export const issueKey = write<unknown, string, MemberWithPolicies>({
  name: "member.issue-key",
  summary: "Issue or rotate a member's global key",
  access: {
    to: "everyone",
    reason: "a person may always change its own key; for others a super administrator of all their accounts",
  },
  resource: kind,
  sees: permission.read,
  raises: "rights",
  target,
  async run(context, _input, member) {
    const { caller, db } = context;
    const itself = caller.type === "user" && caller.id === member.userId;
    if (!itself) checkMayIssue(context, member);
    if (member.userId === null)
      throw conflict("this member has not accepted the invitation yet: there is no user to give a key to");
    const user = await holdUser(db, member.userId);
    if (!user) throw missing("member");
    if (!(await speaksFor(context, user))) throw othersUser(context);
    const key = mintSecret("flk");
    await replaceKey(db, user.id, hashSecret(key));
    const resource = { kind, id: member.id, name: member.email };
    const changes = [{ resource, before: { key: user.hasKey ? "present" : "none" }, after: { key: "new" } }];
    return { result: key, changes };
  },
});

/** Invites a pending member anew; an earlier invitation opens nothing from then on. */
export const inviteAgain = write<unknown, string, MemberWithPolicies>({
  name: "member.invite",
  summary: "Invite a pending member again",
  access: { permission: permission.write },
  resource: kind,
  sees: permission.read,
  raises: "nothing",
  target,
  async run(context, _input, member) {
    const move = await allRightsOf(context, member);
    await weigh(context, move);
    if (member.status !== "pending") throw conflict("this member has accepted already", "member-accepted");
    const resource = { kind, id: member.id, name: member.email };
    const changes = [{ resource, before: { invitation: "earlier" }, after: { invitation: "new" } }];
    return { result: await invite(context, member, move.came), changes };
  },
});

/** Makes whoever has an invitation a member: a new user, or the one with that e-mail address, who must say so. */
export const acceptInvitation = write<{ token: string }, Accepted>({
  name: "member.accept-invitation",
  summary: "Accept an invitation",
  access: { to: "strangers", reason: "whoever is invited has no credential yet; the invitation is one" },
  resource: kind,
  sees: permission.read,
  within: "installation",
  raises: "rights",
  async run(context, { token }) {
    const { db } = context;
    const member = await invited(context, token);
    const { accountId, id, email } = member;
    const { user, key } = await userOf(context, email);
    await acceptMember(db, accountId, id, user.id);
    await dropInvitations(db, accountId, id);
    const after = { ...member, userId: user.id, status: "accepted" as const };
    const account = await findAccount(db, accountId);
    return {
      result: { accountId, orgId: account?.orgId ?? "", memberId: id, email, key },
      changes: [changeOf(member, after)],
      accountIds: [accountId],
      by: { type: "user", id: user.id, label: email },
    };
  },
});

/** The user with an e-mail address, or a new one with a key of its own. */
async function userOf(context: Context, email: string): Promise<{ user: User; key: string | null }> {
  const { db, ids, now } = context;
  const present = await holdUserByEmail(db, email);
  const made = { id: ids.hex(), email, ownsInstallation: false, hasKey: true, createdAt: now };
  const key = mintSecret("flk");
  if (!present && (await insertUser(db, made, hashSecret(key)))) return { user: made, key };
  const user = present ?? (await holdUserByEmail(db, email));
  if (!user) throw conflict("somebody with this e-mail address is being made or forgotten: try again");
  checkIsCaller(context, user);
  return { user, key: null };
}

/** Whoever has the invitation gets all that the member holds: passing it on takes the right to give that. */
async function allRightsOf(
  { db, account }: Context,
  { id, email }: MemberWithPolicies,
): Promise<RightsChange> {
  const held = await heldByOne(db, account.accountId, id);
  const shift = { holder: { type: "member", id, name: email }, before: [], after: held } as const;
  return { came: iamPoliciesIn(held), went: [], shifts: async () => [shift] };
}

async function invited(context: Context, token: string): Promise<MemberWithPolicies> {
  const { db, hold, now } = context;
  const hash = hashSecret(token);
  const found = await findInvitation(db, hash);
  if (found) await hold(found.accountId);
  // It may have been accepted or replaced while this transaction waited.
  const invitation = found && (await findInvitation(db, hash));
  const member = invitation && (await findMember(db, invitation.accountId, invitation.memberId));
  if (!member || invitation.expiresAt <= now)
    throw invalid("/token", "token: expected an invitation that is still open");
  await checkStillGood(context, invitation);
  return member;
}

/** A person is who its key says: an invitation alone must not attach an account to somebody else's user. */
function checkIsCaller({ caller }: Context, user: User): void {
  if (caller.type === "user" && caller.id === user.id) return;
  throw new Failure(
    "unauthenticated",
    "there is a user with this e-mail address already: send its X-Auth-Email and X-Auth-Key with the invitation",
    { reason: "key-wanted" },
  );
}

/** Whoever may not see the member is told what is told of a missing one. */
function checkMayIssue(context: Context, { id }: MemberWithPolicies): void {
  const { account } = context;
  if (!account.authorize(permission.read, chainOf(account.accountId, kind, id)).allowed) throw missing(kind);
  checkSuper(context, "issuing somebody's key");
}

function othersUser({ groupsContaining }: Context): Failure {
  const permissionGroups = groupsContaining(superAdministrator);
  return new Failure(
    "forbidden",
    "this key opens more than this account: it is issued by the person itself, or by a super administrator of all its accounts",
    { needs: { permission: superAdministrator, permissionGroups, decidedBy: "grant-rule" } },
  );
}

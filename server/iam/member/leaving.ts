import { deleteUser, holdUser, kind as userKind } from "../../accounts/user/index.ts";
import type { Change, Context } from "../../operation/operation.ts";
import { replacePolicies } from "../iam-policy/index.ts";
import { dropInvitations } from "./invitation-store.ts";
import { kind, type Member } from "./member.ts";
import { accountsOf, deleteMember } from "./store.ts";

/**
 * Takes a member out of everything in its account. A user who is in no account any more is forgotten, with key and
 * tokens: or whoever once got hold of them would come back with the person.
 */
export async function leave(context: Context, { id, userId }: Member): Promise<readonly Change[]> {
  const { db, account, now } = context;
  const { accountId } = account;
  const released = await context.referrers(kind).release(db, accountId, id, now);
  await replacePolicies(db, accountId, { kind, id }, []);
  await dropInvitations(db, accountId, id);
  await deleteMember(db, accountId, id);
  return userId === null ? released : [...released, ...(await forget(context, userId))];
}

async function forget(context: Context, userId: string): Promise<readonly Change[]> {
  const { db, account, now } = context;
  const user = await holdUser(db, userId);
  if (!user || user.ownsInstallation || (await accountsOf(db, userId)).length > 0) return [];
  const released = await context.referrers(userKind).release(db, account.accountId, userId, now);
  await deleteUser(db, userId);
  const resource = { kind: userKind, id: userId, name: user.email };
  return [...released, { resource, before: user, after: null }];
}

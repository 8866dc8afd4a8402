import { Failure } from "../failure.ts";
import type { Membership } from "../operation/caller.ts";
import { authorize, type Excess, exceeds, type Rights } from "./authorize.ts";
import { grant, superAdministrator } from "./permission-group/index.ts";
import { chainOfKind } from "./scope.ts";

/**
 * The grant rule: may this member of an account bring about rights like these? What it may bring about is what
 * it holds itself, or anything with `iam.grant`; the rights of the super administrator only if it is one. What
 * the receiver holds `before` is not brought about. Answers the first permission and scope that go too far, or
 * null.
 */
export function goesTooFar(by: Membership, wanted: Rights, ...before: readonly Rights[]): Excess | null {
  const account = chainOfKind(by.accountId, "account");
  const makesSuper = holds(wanted, account) && !before.some((rights) => holds(rights, account));
  if (!isSuper(by) && makesSuper) return { permission: superAdministrator, scope: account[0] as string };
  return by.authorize(grant, account).allowed ? null : exceeds(wanted, by.rights as Rights, ...before);
}

/** Whether somebody is a super administrator in an account. */
export function isSuper(account: Membership): boolean {
  return account.authorize(superAdministrator, chainOfKind(account.accountId, "account")).allowed;
}

function holds(rights: Rights, account: readonly string[]): boolean {
  return authorize(rights, superAdministrator, account).allowed;
}

/** The refusal that says who would hold too much of what. */
export function grantRefusal(
  who: string,
  { permission, scope }: Excess,
  groupsContaining: (permission: string) => readonly string[],
): Failure {
  const permissionGroups = groupsContaining(permission);
  const message =
    `the grant rule: ${who} would hold ${permission} on ${scope}, which its giver does not; ` +
    `that permission is in ${permissionGroups.join(", ") || "no permission group"}`;
  return new Failure("forbidden", message, {
    needs: { permission, permissionGroups, decidedBy: "grant-rule" },
  });
}

import type { User } from "../../accounts/user/index.ts";
import { Failure } from "../../failure.ts";
import type { Context } from "../../operation/operation.ts";
import { isSuper } from "../grant.ts";
import { superAdministrator } from "../permission-group/index.ts";
import { accountsOf } from "./store.ts";

/** @throws Failure `forbidden` for anybody but a super administrator of the account */
export function checkSuper({ account, groupsContaining }: Context, what: string): void {
  if (isSuper(account)) return;
  const permissionGroups = groupsContaining(superAdministrator);
  throw new Failure(
    "forbidden",
    `${what} takes ${superAdministrator}, which is in ${permissionGroups.join(", ")}`,
    {
      needs: { permission: superAdministrator, permissionGroups, decidedBy: "grant-rule" },
    },
  );
}

/**
 * May the caller speak for a user who is there already? A key opens all the accounts of its user, so only
 * somebody who is super administrator in all of them may; and nobody for the owner of the installation.
 */
export async function speaksFor({ db, caller }: Context, user: User): Promise<boolean> {
  if (caller.type === "user" && caller.id === user.id) return true;
  if (user.ownsInstallation) return false;
  const own = new Map(caller.memberships.map((membership) => [membership.accountId, membership]));
  return (await accountsOf(db, user.id)).every((accountId) => {
    const membership = own.get(accountId);
    return membership !== undefined && isSuper(membership);
  });
}

import type { Membership } from "../operation/caller.ts";
import {
  authorize,
  compileRights,
  exceeds,
  holdsSomewhere,
  notDenied,
  type Rights,
  visible,
} from "./authorize.ts";
import type { IamPolicy } from "./iam-policy/index.ts";
import { grant, superAdministrator } from "./permission-group/index.ts";
import { chainOfKind, scopesOfResources } from "./scope.ts";

/** The permissions that a permission group contains, by its id. */
export type PermissionsIn = (permissionGroupId: string) => readonly string[];

/** Compiles policies as they are kept into rights in one account. */
export function rightsOf(
  accountId: string,
  iamPolicies: readonly Omit<IamPolicy, "id">[],
  permissionsIn: PermissionsIn,
): Rights {
  return compileRights(
    iamPolicies.map(({ access, permissionGroupIds, resources }, index) => ({
      id: String(index),
      access,
      permissions: permissionGroupIds.flatMap(permissionsIn),
      scopes: scopesOfResources(resources, accountId),
    })),
  );
}

/** A caller's place in an account, deciding by these rights. */
export function membershipWith(account: { accountId: string; orgId: string }, rights: Rights): Membership {
  const { accountId, orgId } = account;
  return {
    accountId,
    orgId,
    rights,
    authorize: (permission, chain) => authorize(rights, permission, chain),
    visible: (permission, kind) => visible(rights, permission, accountId, kind),
    holds: (permission, kind) => holdsSomewhere(rights, permission, accountId, kind),
    notDenied: (permission, kind) => notDenied(rights, permission, accountId, kind),
  };
}

/**
 * The grant rule: may this member of an account bring about rights like these? What it may bring about is what
 * it holds itself, or anything with `iam.grant`; the rights of the super administrator only if it is one. What
 * the receiver holds `before` is not brought about. Answers the first permission and scope that go too far, or
 * null.
 */
export function goesTooFar(
  by: Membership,
  wanted: Rights,
  ...before: readonly Rights[]
): { permission: string; scope: string } | null {
  const account = chainOfKind(by.accountId, "account");
  const isSuper = by.authorize(superAdministrator, account).allowed;
  if (!isSuper && exceedsIn(superAdministrator, wanted, before, account))
    return { permission: superAdministrator, scope: account[0] as string };
  return by.authorize(grant, account).allowed ? null : exceeds(wanted, by.rights as Rights, ...before);
}

function exceedsIn(
  permission: string,
  wanted: Rights,
  before: readonly Rights[],
  chain: readonly string[],
): boolean {
  const holds = (rights: Rights) => authorize(rights, permission, chain).allowed;
  return holds(wanted) && !before.some(holds);
}

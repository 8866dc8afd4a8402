import type { Membership } from "../operation/caller.ts";
import { authorize, compileRights, holdsSomewhere, notDenied, type Rights, visible } from "./authorize.ts";
import type { IamPolicy } from "./iam-policy/index.ts";
import { scopesOfResourceGroup, scopesOfResources } from "./scope.ts";

/** The permissions that a permission group contains, by its id. */
export type PermissionsIn = (permissionGroupId: string) => readonly string[];

/** Compiles policies as they are kept into rights in one account. */
export function rightsOf(
  accountId: string,
  iamPolicies: readonly Omit<IamPolicy, "id">[],
  permissionsIn: PermissionsIn,
): Rights {
  return compileRights(
    iamPolicies.map((iamPolicy, index) => ({
      id: String(index),
      access: iamPolicy.access,
      permissions: iamPolicy.permissionGroupIds.flatMap(permissionsIn),
      scopes: scopesIn(iamPolicy, accountId),
    })),
  );
}

/** The chain keys that a policy covers in an account. */
export function scopesIn(
  { resources, resourceGroups }: Pick<IamPolicy, "resources" | "resourceGroups">,
  accountId: string,
): string[] {
  return [
    ...scopesOfResources(resources, accountId),
    ...resourceGroups.flatMap(({ scope }) => scopesOfResourceGroup(scope, accountId)),
  ];
}

/** A caller's place in an account, deciding by these rights. */
export function membershipWith(
  place: { accountId: string; orgId: string; rightsRevision: number },
  rights: Rights,
): Membership {
  const { accountId, orgId, rightsRevision: revision } = place;
  return {
    accountId,
    orgId,
    revision,
    rights,
    authorize: (permission, chain) => authorize(rights, permission, chain),
    visible: kept((permission, kind) => visible(rights, permission, accountId, kind)),
    holds: kept((permission, kind) => holdsSomewhere(rights, permission, accountId, kind)),
    notDenied: (permission, kind) => notDenied(rights, permission, accountId, kind),
  };
}

/** The same is asked with every request, and there are no more answers than permissions. */
function kept<Answer>(answer: (permission: string, kind: string) => Answer) {
  const answers = new Map<string, Answer>();
  return (permission: string, kind: string): Answer => {
    const key = `${permission} ${kind}`;
    const known = answers.get(key);
    if (known !== undefined) return known;
    const found = answer(permission, kind);
    answers.set(key, found);
    return found;
  };
}

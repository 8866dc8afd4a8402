import { authorizeSlowly, type KeptIamPolicy } from "./authorize-slowly.ts";
import type { Held } from "./holding.ts";
import type { IamPolicy } from "./iam-policy/index.ts";
import type { PermissionsIn } from "./rights.ts";

/** A policy as the slow evaluator takes it: permission groups spelled out. */
export function keptOf(iamPolicy: IamPolicy, permissionsIn: PermissionsIn): KeptIamPolicy {
  return {
    id: iamPolicy.id,
    access: iamPolicy.access,
    permissions: iamPolicy.permissionGroupIds.flatMap(permissionsIn),
    resources: iamPolicy.resources,
    resourceGroups: iamPolicy.resourceGroups.map(({ scope }) => scope),
  };
}

/** Answers which of several policies decides a permission on a chain of plain keys, or undefined where none does. */
export function deciderAmong(
  held: readonly Held[],
  accountId: string,
  permissionsIn: PermissionsIn,
): (permission: string, chain: readonly string[]) => Held | undefined {
  const kept = held.map(({ iamPolicy }) => keptOf(iamPolicy, permissionsIn));
  return (permission, chain) => {
    const { policyId } = authorizeSlowly(kept, permission, accountId, chain);
    return held.find(({ iamPolicy }) => iamPolicy.id === policyId);
  };
}

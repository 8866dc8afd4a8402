import type { KeptIamPolicy } from "./authorize-slowly.ts";
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

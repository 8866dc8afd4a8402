import type { IamPolicy } from "../iam-policy/index.ts";
import { type PermissionGroup, permissionGroup, permissionGroups } from "../permission-group/index.ts";

/** The labels of the permission groups that older clients know as roles. */
const labels: readonly string[] = ["admin", "admin_readonly", "all_privileges"];

/** The permission groups that older clients know as roles: they are named by the same ids. */
export const roles: readonly PermissionGroup[] = permissionGroups.filter(({ label }) =>
  labels.includes(label),
);

/** The roles that policies amount to: allowed on the whole account. */
export function rolesOf(iamPolicies: readonly IamPolicy[]): PermissionGroup[] {
  const ids = iamPolicies
    .filter(({ access, resourceGroups }) => access === "allow" && resourceGroups.some(isAccountWide))
    .flatMap(({ permissionGroupIds }) => permissionGroupIds);
  return [...new Set(ids)].flatMap((id) => {
    const group = permissionGroup(id);
    return group && roles.includes(group) ? [group] : [];
  });
}

function isAccountWide({ origin }: IamPolicy["resourceGroups"][number]): boolean {
  return origin === "built-in";
}

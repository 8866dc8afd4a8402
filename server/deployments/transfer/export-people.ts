import type { IamPolicy, NamedResources } from "../../iam/iam-policy/index.ts";
import { accountKey } from "../../iam/scope.ts";
import { emailsIn, permission, type UserGroup, userGroupsBehind } from "../../iam/user-group/index.ts";
import { printInstant } from "../../operation/instant.ts";
import type { StreamContext } from "../../operation/operation.ts";
import type { Given } from "./line.ts";
import { paged } from "./pages.ts";
import { ownAccount } from "./user-group-lines.ts";

/** User groups that one read takes: each may have many members. */
const groupsAtOnce = 50;

type Found = { readonly group: UserGroup; readonly members: readonly string[] };

/** All user groups that may be seen, by their ids. */
export async function* userGroupsOf({ read, account }: StreamContext): AsyncGenerator<Given> {
  const { accountId } = account;
  const visible = account.visible(permission.read, "user-group");
  const behind = (last: Found | undefined) =>
    read(async (db): Promise<Found[]> => {
      const id = last?.group.id ?? "";
      const groups = await userGroupsBehind(db, accountId, visible, id, groupsAtOnce);
      const found: Found[] = [];
      for (const group of groups) found.push({ group, members: await emailsIn(db, account, group) });
      return found;
    });
  for await (const { group, members } of paged(behind, groupsAtOnce))
    yield groupLine(accountId, group, members);
}

function groupLine(accountId: string, group: UserGroup, members: readonly string[]): Given {
  const { id, name, listsPolicies, iamPolicies, createdOn } = group;
  return {
    ...{ type: "user_group", id, name },
    ...((listsPolicies || iamPolicies.length > 0) && {
      policies: iamPolicies.map((each) => policyLine(accountId, each)),
    }),
    members,
    created_on: printInstant(createdOn, "shortest"),
  };
}

function policyLine(accountId: string, { id, access, permissionGroupIds, resourceGroups }: IamPolicy) {
  return {
    ...{ id, access, permission_groups: permissionGroupIds.map((each) => ({ id: each })) },
    resource_groups: resourceGroups.map((group) => resourcesLine(accountId, group)),
  };
}

/** What is the account's own has no id or key of this account's: it means the account that takes it. */
function resourcesLine(accountId: string, { id, origin, scope }: NamedResources) {
  if (origin === "built-in") return { id: ownAccount };
  const text = (key: string) => (key === accountKey(accountId) ? accountKey(ownAccount) : key);
  const own = { key: text(scope.key), objects: scope.objects.map(({ key }) => ({ key: text(key) })) };
  return { ...(origin === "named" && { id }), scope: own };
}

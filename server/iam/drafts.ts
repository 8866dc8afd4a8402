import { invalid } from "../failure.ts";
import type { Context } from "../operation/operation.ts";
import type { Access, Draft, IamPolicy, NamedResources } from "./iam-policy/index.ts";
import { checkKeys } from "./key-limit.ts";
import { permissionGroup } from "./permission-group/index.ts";
import {
  findInline,
  findResourceGroups,
  insertResourceGroup,
  permission,
  type ResourceGroup,
  kind as resourceGroupKind,
} from "./resource-group/index.ts";
import { chainOf, type ResourceGroupScope } from "./scope.ts";

/** A policy of a member or a user group as it was sent; each of its resources is named by an id or spelled out. */
export type SentPolicy = {
  readonly id?: string;
  readonly access: Access;
  readonly permissionGroupIds: readonly string[];
  readonly resources: readonly { readonly id?: string; readonly scope?: ResourceGroupScope }[];
};

/**
 * Looks up what sent policies name. A scope that is spelled out becomes a resource group without a name; equal
 * ones are one. It is not kept where policies are only talked about (`kept` false). What clients read they send back:
 * a resource group that `present` policies name may always be named, and of one that is gone the scope is taken.
 *
 * @throws Failure `invalid` for permission groups and resource groups that there are not
 */
export async function draftsFrom(
  context: Context,
  sent: readonly SentPolicy[],
  { kept = true, present = [] }: { kept?: boolean; present?: readonly IamPolicy[] } = {},
): Promise<Draft[]> {
  checkPermissionGroups(sent);
  const ids = sent.flatMap(({ resources }) => resources.flatMap(({ id }) => id ?? []));
  const found = await findResourceGroups(context.db, context.account.accountId, ids);
  const named = new Set(present.flatMap(({ resourceGroups }) => resourceGroups.map(({ id }) => id)));
  const drafts: Draft[] = [];
  for (const [index, { id, access, permissionGroupIds, resources }] of sent.entries()) {
    const resourceGroups: NamedResources[] = [];
    for (const [at, { id: groupId = "", scope }] of resources.entries()) {
      const group = found.get(groupId);
      const pointer = `/policies/${index}/resource_groups/${at}/id`;
      if (group && named.has(groupId)) resourceGroups.push(essential(group));
      else if (!group && scope) resourceGroups.push(await inline(context, scope, kept));
      else resourceGroups.push(visibleOne(context, group, pointer, kept));
    }
    drafts.push({ ...(id && { id }), access, permissionGroupIds, resources: {}, resourceGroups });
  }
  checkKeys(drafts, "/policies");
  return drafts;
}

/** @throws Failure `invalid` at the first permission group that is not in the catalogue */
export function checkPermissionGroups(drafts: readonly Pick<Draft, "permissionGroupIds">[]): void {
  for (const [index, { permissionGroupIds }] of drafts.entries())
    for (const [at, id] of permissionGroupIds.entries())
      if (!permissionGroup(id)) {
        const pointer = `/policies/${index}/permission_groups/${at}/id`;
        throw invalid(pointer, `${pointer.slice(1)}: there is no permission group with this id`);
      }
}

/**
 * One that a deny hides from the caller is not there, as far as it can tell. Policies that are only talked about
 * take more: to ask what a resource group covers is to read it.
 */
function visibleOne(
  { account }: Context,
  group: ResourceGroup | undefined,
  pointer: string,
  kept: boolean,
): NamedResources {
  const chain = chainOf(account.accountId, resourceGroupKind, group?.id ?? "");
  const { allowed, decidedBy } = account.authorize(permission.read, chain);
  if (!group || (kept ? decidedBy === "deny" : !allowed))
    throw invalid(pointer, `${pointer.slice(1)}: expected the id of a resource group of this account`);
  return essential(group);
}

async function inline(
  { db, account, ids, now }: Context,
  scope: ResourceGroupScope,
  kept: boolean,
): Promise<NamedResources> {
  const present = await findInline(db, account.accountId, scope);
  if (present) return essential(present);
  const id = ids.hex();
  const group: ResourceGroup = {
    ...{ id, name: null, scope, createdOn: now, modifiedOn: now },
    origin: "inline",
  };
  if (kept) await insertResourceGroup(db, account.accountId, group);
  return essential(group);
}

function essential({ id, name, origin, scope }: ResourceGroup): NamedResources {
  return { id, name, origin, scope };
}

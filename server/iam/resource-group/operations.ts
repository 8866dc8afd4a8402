import type { Handle } from "../../db/database.ts";
import { conflict } from "../../failure.ts";
import type { Membership } from "../../operation/caller.ts";
import { type Change, list, type Path, read, type Target, write } from "../../operation/operation.ts";
import type { Page } from "../../operation/page.ts";
import { checkKeys } from "../key-limit.ts";
import { nobodyMoves, weigh } from "../rights-change.ts";
import { chainOf, type ResourceGroupScope } from "../scope.ts";
import { changeRights } from "../super-administrators.ts";
import { kind, permission, type ResourceGroup } from "./resource-group.ts";
import {
  deleteResourceGroup,
  findResourceGroups,
  insertResourceGroup,
  listResourceGroups,
  updateResourceGroup,
} from "./store.ts";
import { moveOf } from "./widening.ts";

type Filter = { id?: string; name?: string; page: Page };
type Creation = { name: string; scope: ResourceGroupScope };

const declared = { resource: kind, sees: permission.read } as const;

/** Owners of policies that a refusal names one by one. */
const namedMax = 10;

async function target(db: Handle, account: Membership, path: Path): Promise<Target<ResourceGroup>> {
  const id = path.resource_group_id ?? "";
  const group = (await findResourceGroups(db, account.accountId, [id])).get(id);
  return group ? { chain: chainOf(account.accountId, kind, id), noun: group } : { missing: "resource group" };
}

/** The resource groups of the account, the built-in one first; those given inline are part of their policies. */
export const listAllResourceGroups = list<Filter, ResourceGroup>({
  name: "resource-group.list",
  summary: "List resource groups",
  access: { permission: permission.read },
  resource: kind,
  run: ({ db, account }, { page, ...filter }, visible) =>
    listResourceGroups(db, account.accountId, filter, visible, page),
});

/** One resource group. */
export const getResourceGroup = read<unknown, ResourceGroup, ResourceGroup>({
  ...declared,
  name: "resource-group.get",
  summary: "Get a resource group",
  access: { permission: permission.read },
  target,
  run: async (_context, _input, group) => group,
});

/** Makes a resource group. */
export const createResourceGroup = write<Creation, ResourceGroup>({
  ...declared,
  name: "resource-group.create",
  summary: "Create a resource group",
  access: { permission: permission.write },
  raises: "rights",
  async run(context, { name, scope }) {
    const { db, account, ids, now } = context;
    const group = { id: ids.hex(), name, scope, origin: "named", createdOn: now, modifiedOn: now } as const;
    await insertResourceGroup(db, account.accountId, group);
    const impact = await weigh(context, nobodyMoves);
    return { result: group, changes: [changeOf(null, group)], impact };
  },
});

/** Changes a resource group, and with it what every policy that names it is about. */
export const changeResourceGroup = write<Partial<Creation>, ResourceGroup, ResourceGroup>({
  ...declared,
  name: "resource-group.update",
  summary: "Change a resource group",
  access: { permission: permission.write },
  raises: "rights",
  target,
  async run(context, edit, before) {
    checkEditable(before);
    const { db, account, now } = context;
    const wanted = { ...before, ...edit };
    const same = JSON.stringify(wanted) === JSON.stringify(before);
    const after = same ? before : { ...wanted, modifiedOn: now };
    const move = await moveOf(context, before, after);
    for (const { after: iamPolicies } of move.owners) checkKeys(iamPolicies, "/scope/objects");
    if (same) return { result: before, changes: [], impact: await weigh(context, move) };
    const impact = await changeRights(context, move, () => updateResourceGroup(db, account.accountId, after));
    return { result: after, changes: [changeOf(before, after)], impact };
  },
});

/** Deletes a resource group that no policy names. */
export const removeResourceGroup = write<unknown, ResourceGroup, ResourceGroup>({
  ...declared,
  name: "resource-group.delete",
  summary: "Delete a resource group",
  access: { permission: permission.write },
  raises: "rights",
  target,
  async run(context, _input, group) {
    checkEditable(group);
    const { db, account } = context;
    const users = await context.referrers(kind).find(db, account.accountId, [group.id]);
    if (users.length > 0) throw inUse(account, users);
    await deleteResourceGroup(db, account.accountId, group.id);
    const impact = await weigh(context, nobodyMoves);
    return { result: group, changes: [changeOf(group, null)], impact };
  },
});

/** The built-in group is the account itself; one that was given inline is part of the policies that it came with. */
function checkEditable({ origin }: ResourceGroup): void {
  if (origin === "built-in") throw conflict("the account-wide resource group is built in", "built-in");
  if (origin === "inline")
    throw conflict("this resource group was given inline: change the policies that name it", "inline");
}

function inUse(account: Membership, users: readonly { kind: string; id: string }[]) {
  const named = users
    .filter(({ kind, id }) => account.authorize(`${kind}.read`, chainOf(account.accountId, kind, id)).allowed)
    .slice(0, namedMax)
    .map((user) => `${user.kind.replaceAll("-", " ")} ${user.id}`);
  const more = users.length > named.length ? ["others"] : [];
  return conflict(
    `policies name this resource group; it is used by ${[...named, ...more].join(", ")}`,
    "in-use",
  );
}

function changeOf(before: ResourceGroup | null, after: ResourceGroup | null): Change {
  const { id, name } = (after ?? before) as ResourceGroup;
  return { resource: { kind, id, ...(name !== null && { name }) }, before, after };
}

import type { Handle } from "../../db/database.ts";
import {
  knownDevicePolicies,
  permission as ofPolicy,
  kind as policyKind,
} from "../../devices/device-policy/index.ts";
import { conflict, type Failure, invalid } from "../../failure.ts";
import { chainOf } from "../../iam/scope.ts";
import type { Membership } from "../../operation/caller.ts";
import {
  type Change,
  type Context,
  type Target as Found,
  list,
  type Path,
  read,
  write,
} from "../../operation/operation.ts";
import type { Page } from "../../operation/page.ts";
import { assignedAtOf, type DeploymentGroup, kind, permission, type Target } from "./deployment-group.ts";
import {
  deleteDeploymentGroup,
  dropPolicies,
  findDeploymentGroup,
  holdersOf,
  insertDeploymentGroup,
  listDeploymentGroups,
  takePolicies,
  updateDeploymentGroup,
} from "./store.ts";
import { checkEnvironments, checkListed } from "./targets.ts";

/** What makes a deployment group. */
export type Creation = {
  name: string;
  targets: readonly Target[];
  policyIds: readonly string[] | null;
};

/** What changes a deployment group: what is absent stays as it is; `policyIds` null unsets them. */
export type Edit = Partial<Creation>;

/** Policies that a refusal names one by one. */
const namedMax = 10;

const declared = { resource: kind, sees: permission.read } as const;

async function target(db: Handle, account: Membership, path: Path): Promise<Found<DeploymentGroup>> {
  const group = await findDeploymentGroup(db, account.accountId, path.group_id ?? "");
  if (!group) return { missing: "deployment group" };
  return { chain: chainOf(account.accountId, kind, group.id), noun: group };
}

/** The deployment groups of the account. */
export const listAllDeploymentGroups = list<{ page: Page }, DeploymentGroup>({
  name: "deployment-group.list",
  summary: "List deployment groups",
  access: { permission: permission.read },
  resource: kind,
  run: ({ db, account }, { page }, visible) => listDeploymentGroups(db, account.accountId, visible, page),
});

/** One deployment group. */
export const getDeploymentGroup = read<unknown, DeploymentGroup, DeploymentGroup>({
  ...declared,
  name: "deployment-group.get",
  summary: "Get a deployment group",
  access: { permission: permission.read },
  target,
  run: async (_context, _input, group) => group,
});

/** Makes a deployment group out of device policies that no other group holds. */
export const createDeploymentGroup = write<Creation, DeploymentGroup>({
  ...declared,
  name: "deployment-group.create",
  summary: "Create a deployment group",
  access: { permission: permission.write },
  raises: "fleet",
  async run(context, { name, targets, policyIds }) {
    const { db, account, ids, now } = context;
    checkEnvironments(targets);
    checkOnce(policyIds ?? []);
    await checkListed(context, targets, []);
    await checkKnown(context, policyIds ?? [], []);
    const times = { createdAt: now, updatedAt: now, assignedAt: now };
    const group = { id: ids.uuid(), name, targets, policyIds, ...times };
    await insertDeploymentGroup(db, account.accountId, group);
    if (!(await takePolicies(db, account.accountId, group.id, policyIds ?? [])))
      throw await taken(context, group.id, policyIds ?? []);
    return { result: group, changes: [changeOf(null, group)] };
  },
});

/** Changes a deployment group; equal values written again change nothing. */
export const editDeploymentGroup = write<Edit, DeploymentGroup, DeploymentGroup>({
  ...declared,
  name: "deployment-group.update",
  summary: "Change a deployment group",
  access: { permission: permission.write },
  raises: "fleet",
  target,
  async run(context, edit, before) {
    const { db, account, now } = context;
    const wanted = { ...before, ...edit };
    checkEnvironments(wanted.targets);
    checkOnce(wanted.policyIds ?? []);
    await checkListed(context, wanted.targets, before.targets);
    await checkKnown(context, wanted.policyIds ?? [], before.policyIds ?? []);
    if (JSON.stringify(wanted) === JSON.stringify(before)) return { result: before, changes: [] };
    const held = new Set(before.policyIds);
    const kept = new Set(wanted.policyIds);
    await dropPolicies(
      db,
      account.accountId,
      [...held].filter((id) => !kept.has(id)),
    );
    const added = [...kept].filter((id) => !held.has(id));
    if (!(await takePolicies(db, account.accountId, before.id, added)))
      throw await taken(context, before.id, added);
    const after = { ...wanted, updatedAt: now, assignedAt: assignedAtOf(before, wanted, now) };
    await updateDeploymentGroup(db, account.accountId, after);
    return { result: after, changes: [changeOf(before, after)] };
  },
});

/** Deletes a deployment group: its device policies give their devices no target any more. */
export const removeDeploymentGroup = write<unknown, DeploymentGroup, DeploymentGroup>({
  ...declared,
  name: "deployment-group.delete",
  summary: "Delete a deployment group",
  access: { permission: permission.write },
  raises: "fleet",
  target,
  async run({ db, account }, _input, group) {
    await deleteDeploymentGroup(db, account.accountId, group.id);
    return { result: group, changes: [changeOf(group, null)] };
  },
});

/** Throws Failure `invalid` at an id that is there twice. */
export function checkOnce(policyIds: readonly string[]): void {
  const seen = new Set<string>();
  for (const [index, id] of policyIds.entries()) {
    if (seen.has(id)) throw invalid(`/policy_ids/${index}`, `policy_ids/${index}: expected each id once`);
    seen.add(id);
  }
}

/** Ids that the group holds already may always be sent again; a policy that a deny hides is not there. */
export async function checkKnown(
  { db, account, settings }: Context,
  policyIds: readonly string[],
  held: readonly string[],
): Promise<void> {
  if (settings.unknownPolicyIds === "allow" || policyIds.length === 0) return;
  const known = await knownDevicePolicies(db, account.accountId, policyIds);
  const hidden = (id: string) =>
    account.authorize(ofPolicy.read, chainOf(account.accountId, policyKind, id)).decidedBy === "deny";
  const index = policyIds.findIndex((id) => (!known.has(id) || hidden(id)) && !held.includes(id));
  if (index >= 0)
    throw invalid(`/policy_ids/${index}`, `policy_ids/${index}: expected the id of a device policy`);
}

/** Names the device policies that another group holds, and that group as far as the caller may know of it. */
async function taken(
  { db, account }: Context,
  groupId: string,
  policyIds: readonly string[],
): Promise<Failure> {
  const others = (await holdersOf(db, account.accountId, policyIds)).filter(
    ({ group }) => group.id !== groupId,
  );
  const said = others.map(({ policyId, group }) => {
    const known = account.authorize(permission.read, chainOf(account.accountId, kind, group.id)).allowed;
    return `${policyId} in ${known ? `${group.name} (${group.id})` : "a group that you may not see"}`;
  });
  const named =
    said.slice(0, namedMax).join(", ") +
    (said.length > namedMax ? ` and ${said.length - namedMax} more` : "");
  return conflict(
    `a policy can be in one deployment group only; already taken: ${named}`,
    "policy-id-taken",
    "/policy_ids",
  );
}

function changeOf(before: DeploymentGroup | null, after: DeploymentGroup | null): Change {
  const { id, name } = (after ?? before) as DeploymentGroup;
  return { resource: { kind, id, name }, before, after };
}

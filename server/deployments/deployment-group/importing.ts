import type { Handle } from "../../db/database.ts";
import { invalid } from "../../failure.ts";
import type { Context } from "../../operation/operation.ts";
import { assignedAtOf, type DeploymentGroup, type VersionConfig } from "./deployment-group.ts";
import { targetsOf } from "./faces/v4.ts";
import { checkKnown, checkOnce } from "./operations.ts";
import {
  dropPolicies,
  findDeploymentGroup,
  holdersOf,
  insertDeploymentGroup,
  takePolicies,
  updateDeploymentGroup,
} from "./store.ts";
import { checkEnvironments, checkListed } from "./targets.ts";

/** A deployment group as an import brings it: what is absent stays as it is. */
export type BroughtGroup = {
  readonly id?: string;
  readonly name?: string;
  readonly versionConfig?: VersionConfig;
  readonly policyIds?: readonly string[] | null;
  /** Microseconds since the epoch. */
  readonly createdAt?: number;
};

/** Up to two groups of an account that have a name, as it is written. */
export async function deploymentGroupsNamed(
  db: Handle,
  accountId: string,
  name: string,
): Promise<DeploymentGroup[]> {
  const rows = await db
    .selectFrom("deployment_group")
    .select("id")
    .where("account_id", "=", accountId)
    .where("name", "=", name)
    .limit(2)
    .execute();
  const found = await Promise.all(rows.map(({ id }) => findDeploymentGroup(db, accountId, id)));
  return found.flatMap((group) => group ?? []);
}

/** A group as it would be with what is brought. Throws Failure `invalid` where something is missing. */
export function withBrought(
  { ids, now }: Pick<Context, "ids" | "now">,
  before: DeploymentGroup | null,
  { id, name, versionConfig, policyIds, createdAt = now }: BroughtGroup,
): DeploymentGroup {
  if (!before && name === undefined) throw invalid("/name", "name: required");
  if (!before && versionConfig === undefined) throw invalid("/version_config", "version_config: required");
  const times = { createdAt, updatedAt: now, assignedAt: now };
  const was = before ?? { id: id ?? ids.uuid(), name: "", targets: [], policyIds: null, ...times };
  const is = {
    ...was,
    ...(name !== undefined && { name }),
    ...(versionConfig !== undefined && { targets: targetsOf(versionConfig) }),
    ...(policyIds !== undefined && { policyIds }),
  };
  return { ...is, assignedAt: assignedAtOf(was, is, now) };
}

/** Keeps the rules for a group; `brought` are ids of device policies that are going to be there. Throws Failure `invalid`. */
export async function checkBrought(
  context: Context,
  before: DeploymentGroup | null,
  after: DeploymentGroup,
  brought: (policyId: string) => boolean,
): Promise<void> {
  const policyIds = after.policyIds ?? [];
  checkEnvironments(after.targets);
  checkOnce(policyIds);
  await checkListed(context, after.targets, before?.targets ?? []);
  await checkKnown(context, policyIds, [...(before?.policyIds ?? []), ...policyIds.filter(brought)]);
}

/** The ids of the groups that hold some device policies, by the policy's id. */
export async function holdersAmong(
  db: Handle,
  accountId: string,
  policyIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const held = await holdersOf(db, accountId, policyIds);
  return new Map(held.map(({ policyId, group }) => [policyId, group.id]));
}

/** Keeps a group and what it holds; no other group may hold any of it. */
export async function keepDeploymentGroup(
  db: Handle,
  accountId: string,
  before: DeploymentGroup | null,
  after: DeploymentGroup,
): Promise<void> {
  const [was, is] = [new Set(before?.policyIds), new Set(after.policyIds)];
  await dropPolicies(
    db,
    accountId,
    [...was].filter((id) => !is.has(id)),
  );
  if (before) await updateDeploymentGroup(db, accountId, after);
  else await insertDeploymentGroup(db, accountId, after);
  const added = [...is].filter((id) => !was.has(id));
  if (!(await takePolicies(db, accountId, after.id, added)))
    throw new Error("a device policy was in another deployment group after all");
}

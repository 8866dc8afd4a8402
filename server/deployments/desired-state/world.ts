import type { Handle } from "../../db/database.ts";
import {
  allDevicePolicies,
  type DevicePolicy,
  kind as policyKind,
} from "../../devices/device-policy/index.ts";
import type { Change } from "../../operation/operation.ts";
import { allDeploymentGroups, type DeploymentGroup, kind as groupKind } from "../deployment-group/index.ts";

/** A fleet's configuration as far as it decides about desired states. */
export type World = {
  /** In the order that they are tried, the default one last. */
  readonly devicePolicies: readonly DevicePolicy[];
  /** By the id of the device policy that they hold. */
  readonly holders: ReadonlyMap<string, DeploymentGroup>;
};

/** The present configuration of an account. */
export async function presentWorld(db: Handle, accountId: string): Promise<World> {
  return {
    devicePolicies: await allDevicePolicies(db, accountId),
    holders: holdersIn(await allDeploymentGroups(db, accountId)),
  };
}

/** A configuration once changes are made. */
export function worldAfter(world: World, changes: readonly Change[]): World {
  const devicePolicies = new Map(world.devicePolicies.map((each) => [each.id, each]));
  const groups = new Map([...world.holders.values()].map((each) => [each.id, each]));
  for (const { resource, after } of changes) {
    if (resource.kind === policyKind) put(devicePolicies, resource.id, after);
    if (resource.kind === groupKind) put(groups, resource.id, after);
  }
  return {
    devicePolicies: [...devicePolicies.values()].sort(byPrecedence),
    holders: holdersIn([...groups.values()]),
  };
}

function put<Noun>(kept: Map<string, Noun>, id: string, after: unknown): void {
  if (after) kept.set(id, after as Noun);
  else kept.delete(id);
}

function byPrecedence(a: DevicePolicy, b: DevicePolicy): number {
  return (a.precedence ?? Number.POSITIVE_INFINITY) - (b.precedence ?? Number.POSITIVE_INFINITY);
}

function holdersIn(groups: readonly DeploymentGroup[]): Map<string, DeploymentGroup> {
  return new Map(groups.flatMap((group) => (group.policyIds ?? []).map((id) => [id, group] as const)));
}

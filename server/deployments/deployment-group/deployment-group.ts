import Type, { type Static } from "typebox";
import { line } from "../../operation/text.ts";

/** The version that devices of one environment should run; `null` stands for every environment without an entry. */
export type Target = { readonly environment: string | null; readonly version: string };

/** Target versions per environment, for the devices of its device policies. */
export type DeploymentGroup = {
  readonly id: string;
  /** Kept byte for byte; several groups may have the same. */
  readonly name: string;
  /** In the order that they were given. */
  readonly targets: readonly Target[];
  /** In the order that they were given; `null` if they were never set, which is not the same as none. */
  readonly policyIds: readonly string[] | null;
  /** All times are microseconds since the epoch. */
  readonly createdAt: number;
  readonly updatedAt: number;
  /** When its targets or its device policies changed last; another name tells devices nothing new. */
  readonly assignedAt: number;
};

/** When a group that becomes another one now tells its devices something new: now, or when it did before. */
export function assignedAtOf(
  before: DeploymentGroup,
  { targets, policyIds }: Pick<DeploymentGroup, "targets" | "policyIds">,
  now: number,
): number {
  const same = JSON.stringify([before.targets, before.policyIds]) === JSON.stringify([targets, policyIds]);
  return same ? before.assignedAt : now;
}

/** The members of a deployment group on the wire, with their limits. */
export const member = {
  id: Type.String(),
  name: line({ min: 1, max: 255 }),
  versionConfig: Type.Array(
    Type.Object({
      target_environment: Type.Union([line({ min: 1, max: 64 }), Type.Null()]),
      version: line({ min: 1, max: 255 }),
    }),
    { minItems: 1, maxItems: 100 },
  ),
  policyIds: Type.Array(line({ min: 1, max: 255 }), { maxItems: 1000 }),
};

export type VersionConfig = Static<typeof member.versionConfig>;

/** What seeing and changing deployment groups takes. */
export const permission = { read: "deployment-group.read", write: "deployment-group.write" } as const;

/** Which permission groups contain them. */
export const permissions = {
  [permission.read]: ["Zero Trust Read", "Zero Trust Write"],
  [permission.write]: ["Zero Trust Write"],
};

/** The kind of scope key that deployment groups have. */
export const kind = "deployment-group";

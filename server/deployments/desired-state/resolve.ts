import { environmentKey } from "../../selector/environment.ts";
import type { Part } from "../../selector/explain.ts";

/** Why a device should run what it should, or nothing. */
export type ReasonCode =
  | "deployment_group"
  | "no_deployment_group"
  | "no_version_for_environment"
  | "environment_unknown"
  | "device_revoked";

/** Something by id and name. */
export type Named = { readonly id: string; readonly name: string };

/** A device policy and whether it is for the device; the default one is for all. */
export type Candidate = Named & {
  readonly isDefault: boolean;
  readonly enabled: boolean;
  matches(): boolean;
};

/** A deployment group as far as resolving needs it. */
export type Assigning = Named & {
  readonly targets: readonly { readonly environment: string | null; readonly version: string }[];
  /** Since when it says so, in microseconds since the epoch. */
  readonly assignedAt: number;
};

/** The version that a device should run, or null, and why. */
export type Resolved = {
  readonly version: string | null;
  /** Since when the deployment group says so, in microseconds since the epoch; null where none does. */
  readonly since: number | null;
  readonly reason: ReasonCode;
  readonly devicePolicy: Named | null;
  readonly deploymentGroup: Named | null;
  /** The environment of the entry that was taken; null for the one that stands for all others. */
  readonly entry: string | null;
  readonly steps: readonly Step[];
};

/** One step of the way, what it gave, and where it gave nothing, what would have to change. */
export type Step = {
  readonly step: "device" | "device_policy" | "deployment_group" | "entry";
  readonly found: Named | null;
  readonly outcome: string;
  readonly wouldNeed: string | null;
  readonly parts?: readonly Part[];
};

/** What is known of the device that asks. */
export type Asking = { readonly status: string; readonly platform: string };

/**
 * What a device should run: the first enabled device policy that matches it by ascending precedence, else the default
 * one; the deployment group that holds it; there the entry for the device's environment, else the one for all others.
 * Candidates come in the order that they are tried, the default one last.
 */
export async function resolve(
  device: Asking,
  candidates: readonly Candidate[],
  holderOf: (devicePolicyId: string) => Promise<Assigning | undefined>,
): Promise<Resolved> {
  const steps: Step[] = [];
  if (device.status === "revoked") return revoked(steps);
  const devicePolicy = firstMatching(candidates, steps);
  return assigned(device, devicePolicy, await holderOf(devicePolicy.id), steps);
}

/** A revoked device should run nothing that anybody told it. */
export function revoked(steps: Step[]): Resolved {
  const outcome = "the device is revoked";
  const wouldNeed = "the device would have to be reset and registered anew";
  steps.push({ step: "device", found: null, outcome, wouldNeed });
  return nothing("device_revoked", null, null, steps);
}

/** What a device should run whose device policy is known, by the deployment group that holds the policy. */
export function assigned(
  device: Pick<Asking, "platform">,
  devicePolicy: Named,
  group: Assigning | undefined,
  steps: Step[],
): Resolved {
  if (!group) {
    const wouldNeed = `a deployment group would have to hold the device policy ${devicePolicy.name}`;
    steps.push({ step: "deployment_group", found: null, outcome: "no group holds the policy", wouldNeed });
    return nothing("no_deployment_group", named(devicePolicy), null, steps);
  }
  steps.push({ step: "deployment_group", found: named(group), outcome: "holds the policy", wouldNeed: null });
  return entryIn(group, device, named(devicePolicy), steps);
}

function firstMatching(candidates: readonly Candidate[], steps: Step[]): Named {
  for (const candidate of candidates) {
    const found = named(candidate);
    if (!candidate.enabled) {
      const wouldNeed = "the policy would have to be enabled";
      steps.push({ step: "device_policy", found, outcome: "is disabled", wouldNeed });
      continue;
    }
    const matches = candidate.isDefault || candidate.matches();
    const outcome = candidate.isDefault ? "is the default" : matches ? "matches" : "does not match";
    const wouldNeed = matches ? null : "the parts that did not hold would have to";
    steps.push({ step: "device_policy", found, outcome, wouldNeed });
    if (matches) return found;
  }
  throw new Error("an account without a default device policy");
}

function entryIn(
  group: Assigning,
  device: Pick<Asking, "platform">,
  devicePolicy: Named,
  steps: Step[],
): Resolved {
  const environment = environmentKey(device.platform);
  const own = group.targets.find(
    (target) => target.environment !== null && environmentKey(target.environment) === environment,
  );
  const target = own ?? group.targets.find((each) => each.environment === null);
  const found = named(group);
  if (!target) {
    const wouldNeed = `the group would need an entry for ${environment}, or one for all environments (null)`;
    steps.push({ step: "entry", found: null, outcome: `no entry for ${environment}`, wouldNeed });
    return nothing("no_version_for_environment", devicePolicy, found, steps);
  }
  const outcome = own ? `the entry for ${environment}` : "the entry for all other environments";
  steps.push({ step: "entry", found, outcome, wouldNeed: null });
  return {
    ...{ version: target.version, since: group.assignedAt, reason: "deployment_group" },
    ...{ devicePolicy, deploymentGroup: found, entry: target.environment, steps },
  };
}

function nothing(
  reason: ReasonCode,
  devicePolicy: Named | null,
  deploymentGroup: Named | null,
  steps: readonly Step[],
): Resolved {
  return { version: null, since: null, reason, devicePolicy, deploymentGroup, entry: null, steps };
}

function named({ id, name }: Named): Named {
  return { id, name };
}

import { fleetRevision } from "../../accounts/account/index.ts";
import {
  type DeviceInGroups,
  deviceInGroupsTarget,
  kind,
  permission,
  subjectOf,
} from "../../devices/device/index.ts";
import { namesOfGroups } from "../../devices/device-group/index.ts";
import {
  allDevicePolicies,
  type DevicePolicy,
  permission as ofPolicy,
  kind as policyKind,
} from "../../devices/device-policy/index.ts";
import { chainOf } from "../../iam/scope.ts";
import { type Context, read } from "../../operation/operation.ts";
import type { Subject } from "../../selector/closure.ts";
import { environmentKey } from "../../selector/environment.ts";
import { explainParts } from "../../selector/explain.ts";
import { readExpression } from "../../selector/expression.ts";
import { findHolder } from "../deployment-group/index.ts";
import { matcherOf } from "./matchers.ts";
import { type Resolved, resolve, type Step } from "./resolve.ts";

/** What a device should run now, and why. */
export type DesiredState = Resolved & {
  readonly deviceId: string;
  /** Raised with every change of the account's configuration. */
  readonly revision: number;
  readonly environment: string;
};

/** What a device should run. With `explain`, the whole way to it. */
export const getDesiredState = read<{ explain: boolean }, DesiredState, DeviceInGroups>({
  name: "desired-state.get",
  summary: "Get what a device should run, and why",
  access: { permission: permission.read },
  resource: kind,
  sees: permission.read,
  target: deviceInGroupsTarget,
  async run(context, { explain }, { device, groupIds }) {
    const { db, account } = context;
    const subject = subjectOf(
      account.accountId,
      device,
      await namesOfGroups(db, account.accountId, groupIds),
    );
    const devicePolicies = await allDevicePolicies(db, account.accountId);
    const candidates = devicePolicies.map((devicePolicy) => ({
      ...devicePolicy,
      matches: () => devicePolicy.match !== null && matcherOf(devicePolicy.match)(subject),
    }));
    const resolved = await resolve(device, candidates, (id) => findHolder(db, account.accountId, id));
    const steps = explain ? explained(context, resolved.steps, devicePolicies, subject) : [];
    return {
      ...resolved,
      steps,
      deviceId: device.id,
      revision: await fleetRevision(db, account.accountId),
      environment: environmentKey(device.platform),
    };
  },
});

/** What a policy asks is shown to whoever may read the policy. */
function explained(
  { account }: Context,
  steps: readonly Step[],
  devicePolicies: readonly DevicePolicy[],
  subject: Subject,
): Step[] {
  const byId = new Map(devicePolicies.map((each) => [each.id, each]));
  return steps.map((step) => {
    const devicePolicy = step.step === "device_policy" ? byId.get(step.found?.id ?? "") : undefined;
    if (!devicePolicy?.match) return step;
    const chain = chainOf(account.accountId, policyKind, devicePolicy.id);
    if (!account.authorize(ofPolicy.read, chain).allowed) return step;
    return { ...step, parts: explainParts(readExpression(devicePolicy.match), subject) };
  });
}

import { type DevicePolicy, kind as policyKind } from "../../devices/device-policy/index.ts";
import type { Change } from "../../operation/operation.ts";
import { readExpression } from "../../selector/expression.ts";
import { eachTest } from "../../selector/predicate.ts";
import type { World } from "./world.ts";

/** What changes of the configuration may make a difference to. */
export type Touched = {
  /** Only devices that one of these matches, before or after, can be moved; the default one is never among them. */
  readonly devicePolicies: readonly DevicePolicy[];
  /** Those of them by which a device may fall under another device policy than before. */
  readonly moved: readonly DevicePolicy[];
  /** Devices that no policy matches may be moved, too. */
  readonly others: boolean;
};

/** Finds out which device policies changes of groups, policies and assignments touch. */
export function touchedBy(before: World, after: World, changes: readonly Change[]): Touched {
  const moved = movedPolicies(before, after, changes);
  const all = [...before.devicePolicies, ...after.devicePolicies];
  const reassigned = all.filter(({ id }) => targetsOf(before, id) !== targetsOf(after, id));
  return {
    devicePolicies: [...moved, ...reassigned].filter(({ match }) => match !== null),
    moved,
    others: reassigned.some(({ isDefault }) => isDefault),
  };
}

/** Policies that ask something else than before, or something that is answered in another way. */
function movedPolicies(before: World, after: World, changes: readonly Change[]): DevicePolicy[] {
  const edited = new Set(changes.flatMap(({ resource: { kind, id } }) => (kind === policyKind ? [id] : [])));
  const regrouped = changes.some(({ resource }) => resource.kind === "device-group");
  return [...before.devicePolicies, ...after.devicePolicies].filter(
    ({ id, match }) =>
      match !== null &&
      ((edited.has(id) && isOther(before, after, id)) || (regrouped && asksForGroups(match))),
  );
}

function isOther(before: World, after: World, id: string): boolean {
  const asked = ({ devicePolicies }: World) => {
    const { match, precedence, enabled } = devicePolicies.find((each) => each.id === id) ?? {};
    return JSON.stringify([match, precedence, enabled]);
  };
  return asked(before) !== asked(after);
}

function targetsOf({ holders }: World, devicePolicyId: string): string {
  return JSON.stringify(holders.get(devicePolicyId)?.targets ?? null);
}

/** Whether an expression asks which device groups a device is in. */
export function asksForGroups(match: string): boolean {
  let asks = false;
  eachTest(readExpression(match), ({ field }) => {
    asks ||= field.name.startsWith("device.group");
  });
  return asks;
}

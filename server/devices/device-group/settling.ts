import type { Change, Steps, Written } from "../../operation/operation.ts";
import type { DeviceGroup } from "./device-group.ts";
import { fill } from "./filling.ts";
import { countFitting, type Filling } from "./filling-store.ts";
import { predicateOf } from "./selector.ts";
import { findGroup } from "./store.ts";

/** A write of a group whose members are still to be brought in line with its rules, if it has any. */
export function settle(
  accountId: string,
  group: DeviceGroup,
  changes: readonly Change[],
): Written<DeviceGroup> {
  if (!group.evaluating) return { result: group, changes };
  return { result: group, changes, afterwards: (steps) => settled(steps, accountId, group) };
}

async function settled(steps: Steps, accountId: string, group: DeviceGroup): Promise<DeviceGroup> {
  const filling = fillingOf(accountId, group);
  if (steps.rehearsing) {
    const deviceCount = await steps.scan((db) => countFitting(db, filling));
    return { ...group, deviceCount, evaluating: false, evaluatedAt: group.updatedAt };
  }
  await fill(steps, filling);
  return (await steps.scan((db) => findGroup(db, accountId, group.id))) ?? group;
}

function fillingOf(accountId: string, { id, rules, rulesRevision }: DeviceGroup): Filling {
  return { accountId, groupId: id, predicate: predicateOf(rules ?? {}), revision: rulesRevision };
}

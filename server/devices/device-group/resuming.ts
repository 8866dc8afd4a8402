import type { Workshop } from "../../operation/room.ts";
import { beingFilled, fill } from "./filling.ts";
import { beingSentAway, sendAway } from "./leaving.ts";
import { unsettledGroups } from "./rule-store.ts";
import { keptRules, predicateOf } from "./selector.ts";
import { leavingGroups } from "./store.ts";

/**
 * Finishes what a crash, here or in another process, or a lost database left half done: groups on their way out, and
 * members that are not in line with their rules. What is being done in this process is left to whoever does it.
 */
export async function finishGroups({ read, stepsIn }: Workshop): Promise<void> {
  for (const { accountId, id } of await read(leavingGroups))
    if (!beingSentAway.has(id)) await sendAway(stepsIn(accountId), accountId, { id });
  for (const { accountId, groupId, rules, revision } of await read(unsettledGroups)) {
    const predicate = predicateOf(keptRules(rules));
    if (!beingFilled.has(groupId))
      await fill(stepsIn(accountId), { accountId, groupId, predicate, revision });
  }
}

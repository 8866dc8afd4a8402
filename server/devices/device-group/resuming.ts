import type { Workshop } from "../../operation/room.ts";
import { fill } from "./filling.ts";
import { sendAway } from "./leaving.ts";
import { unsettledGroups } from "./rule-store.ts";
import { predicateOf } from "./selector.ts";
import { leavingGroups } from "./store.ts";

/** Finishes what a crash left half done: groups on their way out, and members that are not in line with their rules. */
export async function finishGroups({ scan, stepsIn }: Workshop): Promise<void> {
  for (const { accountId, id } of await scan(leavingGroups))
    await sendAway(stepsIn(accountId), accountId, { id });
  for (const { accountId, groupId, rules, revision } of await scan(unsettledGroups)) {
    const predicate = predicateOf(JSON.parse(rules));
    await fill(stepsIn(accountId), { accountId, groupId, predicate, revision });
  }
}

import type { Steps } from "../../operation/operation.ts";
import { type Filling, findJoining, findLeaving, joinFitting, leaveUnfitting } from "./filling-store.ts";
import { revisionOf, settleRules } from "./rule-store.ts";
import { count } from "./store.ts";
import { makeUnderWay } from "./under-way.ts";

/** Memberships that one transaction changes: more would hold the writer for too long. */
const chunkMax = 1000;

/** Devices that one scan finds: each scan begins anew behind the last one. */
const foundMax = 20_000;

/**
 * Brings a group's members by rule in line with its rules. What to change is found on a snapshot, and changed in short
 * transactions that ask each device again: what devices report meanwhile has been put in line already. Ends early where
 * the rules have changed again, for then somebody else does it.
 */
export function fill(steps: Steps, filling: Filling): Promise<void> {
  return beingFilled.during(filling.groupId, () => bringInLine(steps, filling));
}

/** The groups that this process brings in line. */
export const beingFilled = makeUnderWay();

async function bringInLine(steps: Steps, filling: Filling): Promise<void> {
  const leaving = await inChunks(
    steps,
    filling,
    findLeaving,
    async (db, ids) => -(await leaveUnfitting(db, filling, ids)),
  );
  if (!leaving) return;
  const joining = await inChunks(steps, filling, findJoining, (db, ids, now) =>
    joinFitting(db, filling, ids, now),
  );
  if (!joining) return;
  const { accountId, groupId, revision } = filling;
  await steps.write((db, now) => settleRules(db, accountId, groupId, revision, now));
}

type Change = (db: Parameters<typeof findJoining>[0], ids: readonly string[], now: number) => Promise<number>;

async function inChunks(
  steps: Steps,
  filling: Filling,
  find: typeof findJoining,
  change: Change,
): Promise<boolean> {
  let after = "";
  for (;;) {
    const found = await steps.scan((db) => find(db, filling, after, foundMax));
    for (let at = 0; at < found.length; at += chunkMax)
      if (!(await oneChunk(steps, filling, found.slice(at, at + chunkMax), change))) return false;
    if (found.length < foundMax) return true;
    after = found.at(-1) ?? after;
  }
}

function oneChunk(
  steps: Steps,
  { accountId, groupId, revision }: Filling,
  ids: readonly string[],
  change: Change,
): Promise<boolean> {
  return steps.write(async (db, now) => {
    if ((await revisionOf(db, accountId, groupId)) !== revision) return false;
    await count(db, accountId, groupId, await change(db, ids, now));
    return true;
  });
}

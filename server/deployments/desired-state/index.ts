import type { Store } from "../../db/database.ts";
import type { Kept, Room } from "../../operation/room.ts";
import { Asked } from "./asked.ts";
import { rest } from "./faces/rest.ts";
import { weighFleet } from "./impact.ts";
import { getDesiredState, type Memory, memoryKey } from "./operations.ts";
import { askDesiredState, syncDevice } from "./reporting.ts";
import { Roster } from "./roster.ts";
import { deviceTotals } from "./roster-store.ts";

export { devicePoliciesOf } from "./policies-of.ts";
export { gathersWholeFleets, policyIndexSql } from "./policy-sql.ts";
export { presentWorld, type World } from "./world.ts";

/** Desired states: what each device should run, and why. */
export const desiredState: Room = {
  operations: [getDesiredState, askDesiredState, syncDevice],
  faces: rest,
  weigh: weighFleet,
  keeps: { key: memoryKey, make: remember },
};

/** Where other processes write to the store, too, the rows are asked each time. */
function remember(store: Store): Memory & Kept {
  const asked = new Asked(store);
  const roster = store.version() === undefined ? undefined : new Roster(store);
  let began: Promise<void> = Promise.resolve();
  return {
    roster,
    asked,
    begin() {
      if (roster) began = beginAll(store, roster);
    },
    flush: () => asked.flush(),
    check: async () => roster?.check(),
    close: () => roster?.close(),
    async settled() {
      await began;
      await roster?.settled();
      await asked.flush();
    },
  };
}

async function beginAll(store: Store, roster: Roster): Promise<void> {
  const totals = await store.read(deviceTotals).catch(() => []);
  for (const { accountId, devices } of totals) roster.begin(accountId, devices);
}

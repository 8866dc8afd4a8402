import type { Room } from "../../operation/room.ts";
import { rest } from "./faces/rest.ts";
import { weighFleet } from "./impact.ts";
import { getDesiredState } from "./operations.ts";

export { devicePoliciesOf, policyIndexSql } from "./policy-sql.ts";
export { presentWorld, type World } from "./world.ts";

/** Desired states: what each device should run, and why. */
export const desiredState: Room = {
  operations: [getDesiredState],
  faces: rest,
  weigh: weighFleet,
};

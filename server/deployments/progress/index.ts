import type { Room } from "../../operation/room.ts";
import { rest } from "./faces/rest.ts";
import { v4 } from "./faces/v4.ts";
import { listAllDevices, listTargetedDevices } from "./operations.ts";

/** Progress: how far devices are with what they should run, and which are stuck, and why. */
export const progress: Room = {
  operations: [listAllDevices, listTargetedDevices],
  faces: [...rest, ...v4],
};

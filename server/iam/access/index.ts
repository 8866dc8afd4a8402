import type { Room } from "../../operation/room.ts";
import { rest } from "./faces/rest.ts";
import { v4 } from "./faces/v4.ts";
import { effectivePermissions, explainAccess, whoCan } from "./operations.ts";

/** Access: who may do what, and why. */
export const access: Room = {
  operations: [explainAccess, whoCan, effectivePermissions],
  faces: [...rest, ...v4],
};

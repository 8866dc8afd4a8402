import type { Room } from "../../operation/room.ts";
import { permissions } from "./client-version.ts";
import { v4 } from "./faces/v4.ts";
import {
  getClientVersion,
  listAllClientVersions,
  listAllTargetEnvironments,
  removeClientVersion,
  setClientVersion,
} from "./operations.ts";

export { kind, permission } from "./client-version.ts";
export { firstUnlisted, newestVersions, type Wanted } from "./store.ts";

/** Client versions: the catalogue, filled by operators, of what deployment groups may target. */
export const clientVersion: Room = {
  permissions,
  operations: [
    listAllClientVersions,
    listAllTargetEnvironments,
    getClientVersion,
    setClientVersion,
    removeClientVersion,
  ],
  faces: v4,
};

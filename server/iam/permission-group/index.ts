import type { Room } from "../../operation/room.ts";
import { v4 } from "./faces/v4.ts";
import { listPermissionGroups } from "./operations.ts";

export {
  type Contents,
  fill,
  grant,
  permissionGroup,
  permissionGroups,
  superAdministrator,
  superAdministratorGroup,
} from "./catalogue.ts";
export { member, metaOf, type PermissionGroup } from "./permission-group.ts";

/** Permission groups: the built-in catalogue of what can be allowed or denied. */
export const permissionGroupRoom: Room = { operations: [listPermissionGroups], faces: v4 };

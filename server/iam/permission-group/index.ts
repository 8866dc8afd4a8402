import type { Room } from "../../operation/room.ts";
import { v4 } from "./faces/v4.ts";
import { getPermissionGroup, listForTokens, listPermissionGroups } from "./operations.ts";
import { permissions } from "./permission-group.ts";

export {
  type Contents,
  fill,
  grant,
  permissionGroup,
  permissionGroups,
  superAdministrator,
  superAdministratorGroup,
} from "./catalogue.ts";
export { selectableBy } from "./operations.ts";
export { member, metaOf, type PermissionGroup } from "./permission-group.ts";

/** Permission groups: the built-in catalogue of what can be allowed or denied. */
export const permissionGroupRoom: Room = {
  permissions,
  operations: [listPermissionGroups, getPermissionGroup, listForTokens],
  faces: v4,
};

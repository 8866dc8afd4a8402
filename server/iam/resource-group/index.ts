import type { Room } from "../../operation/room.ts";
import { v4 } from "./faces/v4.ts";
import {
  changeResourceGroup,
  createResourceGroup,
  getResourceGroup,
  listAllResourceGroups,
  removeResourceGroup,
} from "./operations.ts";
import { permissions } from "./resource-group.ts";

export { makeAccountWide } from "./account-wide.ts";
export {
  kind,
  member,
  permission,
  type ResourceGroup,
  scopeFromWire,
  shown,
  toWire,
} from "./resource-group.ts";
export { accountWide, dropUnused, findInline, findResourceGroups, insertResourceGroup } from "./store.ts";

/** Resource groups: named sets of resources that policies of people are about. */
export const resourceGroup: Room = {
  permissions,
  operations: [
    listAllResourceGroups,
    getResourceGroup,
    createResourceGroup,
    changeResourceGroup,
    removeResourceGroup,
  ],
  faces: v4,
};

import type { Room } from "../../operation/room.ts";
import { permissions } from "./device-group.ts";
import { rest } from "./faces/rest.ts";
import { restMembers } from "./faces/rest-members.ts";
import {
  addDevice,
  addDevices,
  listGroupDevices,
  listGroupsOfDevice,
  moveDevices,
  removeDeviceFromGroup,
  removeDevices,
} from "./member-operations.ts";
import {
  createDeviceGroup,
  deleteDeviceGroup,
  getDeviceGroup,
  listDeviceGroups,
  updateDeviceGroup,
} from "./operations.ts";
import { ofDevices } from "./reference.ts";

export { namesOfGroups } from "./store.ts";

/** Device groups: devices that belong together, and who is in them. */
export const deviceGroup: Room = {
  permissions,
  operations: [
    listDeviceGroups,
    getDeviceGroup,
    createDeviceGroup,
    updateDeviceGroup,
    deleteDeviceGroup,
    listGroupDevices,
    addDevice,
    removeDeviceFromGroup,
    addDevices,
    removeDevices,
    moveDevices,
    listGroupsOfDevice,
  ],
  faces: [...rest, ...restMembers],
  references: [ofDevices],
};

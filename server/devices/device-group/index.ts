import type { Room } from "../../operation/room.ts";
import { permissions } from "./device-group.ts";
import { setDevices } from "./exact.ts";
import { excludeDevices, listExcluded, readmitDevices } from "./exclusion-operations.ts";
import { rest } from "./faces/rest.ts";
import { restMembers } from "./faces/rest-members.ts";
import { restRules } from "./faces/rest-rules.ts";
import { followDevices } from "./follow.ts";
import { explainMembership, groupUsage, previewGroup } from "./inspecting.ts";
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
import { finishGroups } from "./resuming.ts";

export { type DeviceGroup, type GroupRules, kind, member, permission } from "./device-group.ts";
export { exclusionsOf } from "./exclusion-store.ts";
export { rulesIn } from "./faces/wire.ts";
export { fits } from "./filling-store.ts";
export {
  converge,
  countInto,
  type ExcludedPair,
  exclusionsBehind,
  groupIdsNamed,
  groupsBehind,
  groupTypes,
  keepExclusions,
  keepGroup,
} from "./importing.ts";
export { checkRules } from "./operations.ts";
export { reachFrom } from "./reach.ts";
export { checkMayRule } from "./ruling.ts";
export { isEmpty, predicateOf } from "./selector.ts";
export { count, findGroups, namesOfGroups } from "./store.ts";

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
    setDevices,
    ...[previewGroup, explainMembership, groupUsage],
    ...[listExcluded, excludeDevices, readmitDevices],
  ],
  faces: [...rest, ...restMembers, ...restRules],
  references: [ofDevices],
  follows: [followDevices],
  resume: finishGroups,
};

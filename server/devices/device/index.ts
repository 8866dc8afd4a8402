import { objectKey } from "../../iam/scope.ts";
import type { Room } from "../../operation/room.ts";
import { groupsOfDevice } from "../membership/index.ts";
import { kind, permissions } from "./device.ts";
import { rest } from "./faces/rest.ts";
import { getDevice, listAllDevices, registerDevice, removeDevice } from "./operations.ts";

export { type Device, kind, permission } from "./device.ts";
export { chainsOf, type DeviceInGroups, deviceInGroupsTarget, deviceTarget } from "./operations.ts";
export { type Found, resolveDevices } from "./store.ts";
export { bucketOf, type InGroups, subjectOf } from "./subject.ts";

/** Devices: the things that run versions. */
export const device: Room = {
  permissions,
  operations: [listAllDevices, getDevice, registerDevice, removeDevice],
  faces: rest,
  passages: {
    [kind]: async (db, accountId, id) =>
      (await groupsOfDevice(db, accountId, id)).map((groupId) => objectKey("device-group", groupId)),
  },
};

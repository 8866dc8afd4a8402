import { objectKey } from "../../iam/scope.ts";
import type { Room } from "../../operation/room.ts";
import { groupsOfDevice } from "../membership/index.ts";
import { kind, permissions } from "./device.ts";
import { rest } from "./faces/rest.ts";
import { restReports } from "./faces/rest-reports.ts";
import { editDevice, getDevice, removeDevice, resetDevice, revokeDevice } from "./operations.ts";
import { registerDevice } from "./registering.ts";
import { heartbeat, heartbeatOfNamed, observeState } from "./reporting.ts";

export { brought, essence, type Said } from "./bring.ts";
export { callingDevice, type OpenedDevice } from "./credential.ts";
export { openDevice } from "./credential-store.ts";
export {
  type Attributes,
  atTime,
  attribute,
  attributeNames,
  type Device,
  type DeviceNow,
  type DeviceUser,
  heartbeatIntervalS,
  kind,
  labelsMax,
  member,
  permission,
} from "./device.ts";
export { filterOf, filterQuery } from "./faces/filter.ts";
export * as wire from "./faces/wire.ts";
export { deviceIdsBehind, devicesNamed, type Named } from "./importing.ts";
export { type DeviceChange, insertDevices, noteAsked, noteSeen, updateDevices } from "./keeping-store.ts";
export { noteTold, toldOf } from "./last-store.ts";
export { removeDevice, revokeDevice } from "./operations.ts";
export { type Attempt, type Outcome, outcomesOf } from "./outcome.ts";
export {
  type ChosenDevices,
  chooseDevices,
  type DeviceChoice,
  type DeviceNarrowing,
  type DeviceOrder,
  type DevicePlace,
  type DeviceSortKey,
  deviceSortKeys,
} from "./physical-store.ts";
export { blankDevice, changeOf, checkIdentifier, type Saying } from "./registering.ts";
export { release } from "./releasing.ts";
export { keepReports, type Report, reportOf, type Told } from "./reporting.ts";
export { type InGroupsSql, sqlSubjectOf } from "./sql-subject.ts";
export {
  type Brief,
  type Filter,
  type Found,
  findDevice,
  findDevices,
  listDevices,
  narrowedDevices,
  resolveDevices,
} from "./store.ts";
export { bucketOf, type InGroups, subjectOf } from "./subject.ts";
export {
  briefAtHand,
  briefTarget,
  chainsOf,
  type DeviceInGroups,
  deviceInGroupsTarget,
  deviceTarget,
} from "./targets.ts";

/** Devices: the things that run versions. */
export const device: Room = {
  permissions,
  operations: [
    ...[getDevice, registerDevice, editDevice, revokeDevice, resetDevice, removeDevice],
    ...[heartbeat, heartbeatOfNamed, observeState],
  ],
  faces: [...rest, ...restReports],
  passages: {
    [kind]: async (db, accountId, id) =>
      (await groupsOfDevice(db, accountId, id)).map((groupId) => objectKey("device-group", groupId)),
  },
};

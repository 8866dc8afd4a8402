import type { Handle } from "../../db/database.ts";
import type { NewAccount } from "../../operation/operation.ts";
import type { Maker, Room } from "../../operation/room.ts";
import { permissions } from "./device-policy.ts";
import { v4 } from "./faces/v4.ts";
import {
  createDevicePolicy,
  editDefaultPolicy,
  editDevicePolicy,
  getDefaultPolicy,
  getDevicePolicy,
  listCustomPolicies,
  removeDevicePolicy,
} from "./operations.ts";
import { toDeviceGroups } from "./reference.ts";
import { insertDevicePolicy } from "./store.ts";

export { type DevicePolicy, devicePoliciesMax, kind, member, permission } from "./device-policy.ts";
export { sentSettings, settingsIn } from "./faces/v4.ts";
export {
  type BroughtPolicy,
  defaultWithBrought,
  keepDevicePolicy,
  listedPolicies,
  withBrought,
} from "./importing.ts";
export { allDevicePolicies, knownDevicePolicies } from "./store.ts";

/** Device policies: which devices are treated alike, the first that matches being a device's own. */
export const devicePolicy: Room = {
  permissions,
  operations: [
    listCustomPolicies,
    getDevicePolicy,
    getDefaultPolicy,
    createDevicePolicy,
    editDevicePolicy,
    editDefaultPolicy,
    removeDevicePolicy,
  ],
  faces: v4,
  references: [toDeviceGroups],
  onAccountCreated: makeDefault,
};

/** Every account has one device policy for the devices that no other matches. */
async function makeDefault(db: Handle, account: NewAccount, { ids, now }: Maker): Promise<void> {
  await insertDevicePolicy(db, account.id, {
    ...{ id: ids.uuid(), name: "Default", description: "", match: null, precedence: null },
    ...{ enabled: true, isDefault: true, settings: {}, createdAt: now, updatedAt: now },
  });
}

import type { Room } from "../../operation/room.ts";
import { v4 } from "./faces/v4.ts";
import { v4Registrations } from "./faces/v4-registrations.ts";
import { getPhysicalDevice, getRegistration, listPhysicalDevices, listRegistrations } from "./operations.ts";

/** Devices as clients of machines know them: physical devices and their registrations. */
export const physicalDevice: Room = {
  operations: [listPhysicalDevices, getPhysicalDevice, listRegistrations, getRegistration],
  faces: [...v4, ...v4Registrations],
};

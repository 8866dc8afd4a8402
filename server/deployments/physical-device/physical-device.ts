import type { Device, DeviceNarrowing, DeviceOrder } from "../../devices/device/index.ts";
import type { DevicePolicy } from "../../devices/device-policy/index.ts";

/** A device as those know it who come for a machine that a client runs on, with its device policy where it is asked for. */
export type PhysicalDevice = { readonly device: Device; readonly devicePolicy?: DevicePolicy };

/** What a list of them is narrowed to, in which order it comes, and whether device policies are wanted in it. */
export type Wanted = {
  readonly narrowing: DeviceNarrowing;
  /** Ids of device policies; a device has one, so of several different ones it can't have all. */
  readonly devicePolicyIds: readonly string[];
  readonly order: DeviceOrder;
  readonly withPolicies: boolean;
};

/** As clients of several generations ask for: the oldest device goes first where nothing is said. */
export const usualOrder: DeviceOrder = { by: "created_at", descending: false };

/** Whether it is the list of all active devices by age, with nothing else asked: it costs what its page costs. */
export function isPlain({ narrowing, devicePolicyIds, order, withPolicies }: Wanted): boolean {
  const asked = Object.keys(narrowing).filter((name) => name !== "madeIsSeen");
  const active = narrowing.standing === "active" && asked.length === 1;
  return active && devicePolicyIds.length === 0 && order.by === "created_at" && !withPolicies;
}

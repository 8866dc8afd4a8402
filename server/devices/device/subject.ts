import { hash } from "node:crypto";
import type { Subject } from "../../selector/closure.ts";
import type { Device } from "./device.ts";

/** The device groups that a device is in. */
export type InGroups = readonly { readonly id: string; readonly name: string }[];

type Known = ReturnType<Subject>;

/** What selectors can ask about a device. What nobody reported is not known. */
export function subjectOf(accountId: string, device: Device, groups: InGroups): Subject {
  const { attributes } = device;
  const memory = attributes.total_memory_mb;
  const known: Readonly<Record<string, Known>> = {
    "os.name": device.platform,
    "os.version": attributes.os_version,
    "device.id": device.id,
    "device.platform": device.platform,
    "device.groups": groups.map(({ name }) => name),
    "device.group_ids": groups.map(({ id }) => id),
    "device.bucket": bucketOf(accountId, device.id),
    "device.client_version": attributes.app_version,
    "device.sdk_version": attributes.sdk_version,
    "device.app_version": attributes.app_version,
    "device.manufacturer": attributes.manufacturer,
    "device.model": attributes.model,
    "device.locale": attributes.locale,
    "device.region": attributes.region,
    "device.ram_gb": memory === undefined ? undefined : memory / 1024,
    "device.gpu_available": attributes.gpu_available,
    "device.npu_available": attributes.npu_available ?? claimedNpu(device),
  };
  return ({ name, label }) =>
    label === undefined
      ? known[name]
      : Object.hasOwn(device.labels, label)
        ? device.labels[label]
        : undefined;
}

/** A number from 0 to below 100 that a device keeps for good, evenly spread, so that any fleet has a sticky tenth. */
export function bucketOf(accountId: string, deviceId: string): number {
  const bits = Number.parseInt(hash("sha256", `${accountId}:${deviceId}`, "hex").slice(0, 12), 16);
  return (bits / 2 ** 48) * 100;
}

function claimedNpu({ capabilities }: Device): boolean | undefined {
  const { npu_available: npu, has_neural_engine: engine } = capabilities;
  return [npu, engine].find((claim): claim is boolean => typeof claim === "boolean");
}

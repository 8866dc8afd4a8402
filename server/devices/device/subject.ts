import { hash } from "node:crypto";
import type { Subject } from "../../selector/closure.ts";
import type { Device, DeviceUser } from "./device.ts";

/** The device groups that a device is in. */
export type InGroups = readonly { readonly id: string; readonly name: string }[];

type Known = ReturnType<Subject>;

/** What selectors can ask about a device. What nobody reported is not known. */
export function subjectOf(accountId: string, device: Device, groups: InGroups): Subject {
  const { attributes, user } = device;
  const memory = attributes.total_memory_mb;
  const known: Readonly<Record<string, Known>> = {
    "identity.email": user?.email,
    "identity.groups.id": claims(user, "group_id"),
    "identity.groups.name": claims(user, "group_name"),
    "identity.groups.email": claims(user, "group_email"),
    "identity.service_token_uuid": user?.serviceTokenUuid,
    "identity.saml_attributes": claims(user, "saml"),
    network: device.network ?? undefined,
    "os.name": device.platform,
    "os.version": attributes.os_version,
    "device.id": device.id,
    "device.platform": device.platform,
    "device.groups": groups.map(({ name }) => name),
    "device.group_ids": groups.map(({ id }) => id),
    "device.bucket": bucketOf(accountId, device.id),
    "device.client_version": device.clientVersion?.version ?? attributes.app_version,
    "device.sdk_version": attributes.sdk_version,
    "device.app_version": attributes.app_version,
    "device.manufacturer": attributes.manufacturer,
    "device.model": attributes.model,
    "device.locale": attributes.locale,
    "device.region": attributes.region,
    "device.ram_gb": memory === undefined ? undefined : memory / 1024,
    "device.gpu_available": attributes.gpu_available,
    "device.npu_available": npuKnown(device),
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

/** Whether a device has a neural processor, as far as it says so anywhere. */
export function npuKnown({ attributes, capabilities }: Pick<Device, "attributes" | "capabilities">) {
  const { npu_available: npu, has_neural_engine: engine } = capabilities;
  const claimed = [npu, engine].find((claim): claim is boolean => typeof claim === "boolean");
  return attributes.npu_available ?? claimed;
}

/** What is kept in lists of a device's user. */
export type ClaimKind = "group_id" | "group_name" | "group_email" | "saml";

/** One list of a device's user, each of it once; undefined where there is nothing in it, as nobody told. */
export function claims(user: DeviceUser | null, kind: ClaimKind): string[] | undefined {
  if (!user) return undefined;
  const listed =
    kind === "saml"
      ? user.samlAttributes
      : user.groups.flatMap((group) => {
          const member = { group_id: group.id, group_name: group.name, group_email: group.email }[kind];
          return member === undefined ? [] : [member];
        });
  return listed.length === 0 ? undefined : [...new Set(listed)];
}

import Type, { type Static } from "typebox";
import type { Device, DeviceUser } from "../../../devices/device/index.ts";
import type { DevicePolicy } from "../../../devices/device-policy/index.ts";
import { printInstant } from "../../../operation/text.ts";
import { environmentKey } from "../../../selector/environment.ts";
import type { PhysicalDevice } from "../physical-device.ts";

const closed = { additionalProperties: false } as const;
const time = Type.String({ format: "date-time" });

const user = Type.Object(
  {
    id: Type.Optional(Type.String()),
    email: Type.Optional(Type.String()),
    name: Type.Optional(Type.String()),
  },
  closed,
);

const devicePolicyAnswer = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    default: Type.Boolean(),
    deleted: Type.Literal(false),
    updated_at: time,
  },
  closed,
);

/** A physical device; what nobody told of it is left out. */
export const physicalDevice = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    created_at: time,
    updated_at: time,
    last_seen_at: Type.Union([time, Type.Null()]),
    active_registrations: Type.Integer({ minimum: 0, maximum: 1 }),
    tags: Type.Unsafe<Record<string, string>>(Type.Object({}, { additionalProperties: Type.String() })),
    client_version: Type.Optional(Type.String()),
    device_type: Type.Optional(Type.String()),
    manufacturer: Type.Optional(Type.String()),
    model: Type.Optional(Type.String()),
    os_version: Type.Optional(Type.String()),
    serial_number: Type.Optional(Type.String()),
    last_seen_user: Type.Optional(user),
    last_seen_registration: Type.Optional(Type.Object({ policy: devicePolicyAnswer }, closed)),
  },
  closed,
);

/** The one registration of a device, which has the device's id. */
export const registration = Type.Object(
  {
    id: Type.String(),
    device: Type.Object(
      { id: Type.String(), name: Type.String(), client_version: Type.Optional(Type.String()) },
      closed,
    ),
    key: Type.Literal("", { description: "Always empty: devices have no key of a tunnel here." }),
    registration_type: Type.Literal("warp"),
    created_at: time,
    updated_at: time,
    last_seen_at: time,
    revoked_at: Type.Union([time, Type.Null()]),
    user: Type.Optional(user),
    policy: Type.Optional(devicePolicyAnswer),
  },
  closed,
);

const print = (at: number) => printInstant(at, "seconds");

/** Writes a physical device. */
export function toPhysicalDevice({ device, devicePolicy }: PhysicalDevice): Static<typeof physicalDevice> {
  const { attributes, metadata, user: uses } = device;
  const { manufacturer, model, os_version } = attributes;
  const { serial_number } = metadata;
  return {
    id: device.id,
    name: device.identifier,
    created_at: print(device.createdAt),
    updated_at: print(device.updatedAt),
    last_seen_at: device.lastSeenAt === null ? null : print(device.lastSeenAt),
    active_registrations: device.status === "revoked" ? 0 : 1,
    tags: { ...device.labels },
    ...versionOf(device),
    device_type: typeOf(device.platform),
    ...(manufacturer !== undefined && { manufacturer }),
    ...(model !== undefined && { model }),
    ...(os_version !== undefined && { os_version }),
    ...(typeof serial_number === "string" && { serial_number }),
    ...(uses && { last_seen_user: toUser(uses) }),
    ...(devicePolicy && { last_seen_registration: { policy: toPolicy(devicePolicy) } }),
  };
}

/** Writes the registration of a device; clients want an instant for when it was seen, so it was when it was made. */
export function toRegistration({ device, devicePolicy }: PhysicalDevice): Static<typeof registration> {
  const updated = print(device.updatedAt);
  return {
    id: device.id,
    device: { id: device.id, name: device.identifier, ...versionOf(device) },
    key: "",
    registration_type: "warp",
    created_at: print(device.createdAt),
    updated_at: updated,
    last_seen_at: print(device.lastSeenAt ?? device.createdAt),
    revoked_at: device.status === "revoked" ? updated : null,
    ...(device.user && { user: toUser(device.user) }),
    ...(devicePolicy && { policy: toPolicy(devicePolicy) }),
  };
}

function versionOf({ clientVersion, attributes }: Device): { client_version?: string } {
  const version = clientVersion?.version ?? attributes.app_version;
  return version === undefined ? {} : { client_version: version };
}

/** These clients have names of their own for platforms; others are told as they are. */
function typeOf(platform: string): string {
  const key = environmentKey(platform);
  return key === "macos" ? "mac" : key;
}

function toUser({ id, email, name }: DeviceUser): Static<typeof user> {
  return {
    ...(id !== undefined && { id }),
    ...(email !== undefined && { email }),
    ...(name !== undefined && { name }),
  };
}

function toPolicy(devicePolicy: DevicePolicy): Static<typeof devicePolicyAnswer> {
  const { id, name, isDefault, updatedAt } = devicePolicy;
  return { id, name, default: isDefault, deleted: false, updated_at: print(updatedAt) };
}

import Type, { type Static } from "typebox";
import { invalid } from "../../../failure.ts";
import { face, listFace } from "../../../operation/face.ts";
import { printInstant } from "../../../operation/instant.ts";
import { oneOf } from "../../../operation/text.ts";
import {
  type AttributeName,
  attribute,
  attributeNames,
  type DeviceNow,
  heartbeatIntervalS,
  member,
} from "../device.ts";
import { getDevice, listAllDevices, type Registration, registerDevice, removeDevice } from "../operations.ts";

const orNull = <T extends Parameters<typeof Type.Optional>[0]>(schema: T) =>
  Type.Union([schema, Type.Null()]);
const time = Type.String({ format: "date-time" });

const shownAttributes = Object.fromEntries(
  attributeNames.map((name) => [name, orNull(attribute[name])]),
) as unknown as { [Name in AttributeName]: Type.TUnion<[(typeof attribute)[Name], Type.TNull]> };

/** A device as every answer of this dialect shows it. */
const shown = {
  id: member.id,
  device_id: Type.String(),
  device_identifier: member.identifier,
  org_id: Type.String(),
  platform: member.platform,
  status: member.status,
  ...shownAttributes,
  gpu_available: Type.Boolean(),
  labels: member.labels,
  metadata: member.metadata,
  capabilities: member.capabilities,
  connectivity_status: oneOf("online", "stale", "offline", "revoked"),
  heartbeat_interval_seconds: Type.Integer(),
  last_seen_at: orNull(time),
  last_heartbeat: orNull(time),
  created_at: time,
  updated_at: time,
};
const closed = { additionalProperties: false } as const;
const answer = Type.Object(shown, closed);

const sent = {
  platform: Type.Optional(member.platform),
  ...(Object.fromEntries(attributeNames.map((name) => [name, Type.Optional(attribute[name])])) as {
    [Name in AttributeName]: Type.TOptional<(typeof attribute)[Name]>;
  }),
  labels: Type.Optional(member.labels),
  metadata: Type.Optional(member.metadata),
  capabilities: Type.Optional(member.capabilities),
};

const register = face(registerDevice, {
  dialect: "rest",
  method: "POST",
  path: "/devices/register",
  account: "body",
  body: Type.Object({
    org_id: Type.Optional(Type.String()),
    device_identifier: Type.Optional(member.identifier),
    installation_id: Type.Optional(member.identifier),
    device_id: Type.Optional(member.identifier),
    ...sent,
    device_info: Type.Optional(Type.Object(sent)),
  }),
  answer: Type.Object({ ...shown, registered_at: time }, closed),
  outcome: ({ isNew }) => (isNew ? "created" : "done"),
  read: ({ body }) => registrationOf(body),
  // Clients of several generations take `device_id` from this answer as the id to use in paths.
  write: ({ device }, { org }) => {
    const wire = toWire(device, org);
    return { ...wire, device_id: device.id, registered_at: wire.created_at };
  },
  location: ({ device }) => `/devices/${device.id}`,
});

const list = listFace(listAllDevices, {
  dialect: "rest",
  method: "GET",
  path: "/devices",
  account: "query",
  query: Type.Object({
    platform: Type.Optional(Type.String()),
    status: Type.Optional(member.status),
    group_id: Type.Optional(Type.String()),
  }),
  paging: { default: 100, max: 1000, items: "devices" },
  answer,
  read: ({ query }) => ({
    filter: {
      ...(query.platform !== undefined && { platform: query.platform }),
      ...(query.status !== undefined && { status: query.status }),
      ...(query.group_id !== undefined && { groupId: query.group_id }),
    },
  }),
  write: (device, { org }) => toWire(device, org),
});

const get = face(getDevice, {
  dialect: "rest",
  method: "GET",
  path: "/devices/{device_id}",
  account: "object",
  answer,
  read: () => ({}),
  write: (device, { org }) => toWire(device, org),
});

const remove = face(removeDevice, {
  dialect: "rest",
  method: "DELETE",
  path: "/devices/{device_id}",
  account: "object",
  outcome: "gone",
  answer,
  read: () => ({}),
  write: (device, { org }) => toWire({ ...device, connectivity: "offline" }, org),
});

/** The faces of devices on `/api/v1`. */
export const rest = [register, list, get, remove];

type Sent = Static<Type.TObject<typeof sent>>;
type Body = Sent & {
  device_identifier?: string;
  installation_id?: string;
  device_id?: string;
  device_info?: Sent;
};

function registrationOf(body: Body): Registration {
  const identifier = body.device_identifier ?? body.installation_id ?? body.device_id;
  if (identifier === undefined) throw invalid("/device_identifier", "device_identifier: required");
  const flat = { ...body.device_info, ...body };
  const attributes = Object.fromEntries(
    attributeNames.flatMap((name) => (flat[name] === undefined ? [] : [[name, flat[name]]])),
  );
  return {
    identifier,
    once: body.device_identifier === undefined && body.installation_id === undefined,
    attributes,
    ...(flat.platform !== undefined && { platform: flat.platform }),
    ...(flat.labels && { labels: flat.labels }),
    ...(flat.metadata && { metadata: flat.metadata }),
    ...(flat.capabilities && { capabilities: flat.capabilities }),
  };
}

function toWire(device: DeviceNow, orgId: string): Static<typeof answer> {
  const lastSeen = device.lastSeenAt === null ? null : printInstant(device.lastSeenAt, "seconds");
  const nothing = Object.fromEntries(attributeNames.map((name) => [name, null]));
  return {
    id: device.id,
    device_id: device.identifier,
    device_identifier: device.identifier,
    org_id: orgId,
    platform: device.platform,
    status: device.status,
    ...(nothing as { [Name in AttributeName]: null }),
    ...device.attributes,
    gpu_available: device.attributes.gpu_available ?? false,
    labels: { ...device.labels },
    metadata: { ...device.metadata },
    capabilities: { ...device.capabilities },
    connectivity_status: device.connectivity,
    heartbeat_interval_seconds: heartbeatIntervalS,
    last_seen_at: lastSeen,
    last_heartbeat: lastSeen,
    created_at: printInstant(device.createdAt, "seconds"),
    updated_at: printInstant(device.updatedAt, "seconds"),
  };
}

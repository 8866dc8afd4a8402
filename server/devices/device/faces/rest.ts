import Type, { type TSchema } from "typebox";
import { invalid } from "../../../failure.ts";
import { face } from "../../../operation/face.ts";
import { line, textMap } from "../../../operation/text.ts";
import { labelsMax, member } from "../device.ts";
import { editDevice, getDevice, removeDevice, resetDevice, revokeDevice } from "../operations.ts";
import { type Registration, registerDevice } from "../registering.ts";
import {
  answer,
  closed,
  outcomeToWire,
  type Sent,
  sayingOf,
  sent,
  shown,
  shownOutcome,
  time,
  toWire,
} from "./wire.ts";

const one = "/devices/{device_id}";
const secret = Type.Optional(
  Type.String({ description: "The device's credential: shown once, where it was issued." }),
);

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
  answer: Type.Object({ ...shown, registered_at: time, api_key: secret, api_token: secret }, closed),
  outcome: ({ isNew }) => (isNew ? "created" : "done"),
  read: ({ body }) => registrationOf(body),
  // Clients of several generations take `device_id` from this answer as the id to use in paths.
  write: ({ device, secret }, { org }) => {
    const wire = toWire(device, org);
    const issued = secret === null ? {} : { api_key: secret, api_token: secret };
    return { ...wire, device_id: device.id, registered_at: wire.created_at, ...issued };
  },
  location: ({ device }) => `/devices/${device.id}`,
});

const get = face(getDevice, {
  dialect: "rest",
  method: "GET",
  path: one,
  account: "object",
  answer: Type.Object({ ...shown, client_attempt: Type.Union([shownOutcome, Type.Null()]) }, closed),
  read: () => ({}),
  write: ({ outcome, ...device }, { org }) => ({
    ...toWire(device, org),
    client_attempt: outcome ? outcomeToWire(outcome) : null,
  }),
});

const nullable = Object.fromEntries(
  Object.entries(sent).map(([name, schema]) => [name, orNull(schema as TSchema)]),
);

const edit = face(editDevice, {
  dialect: "rest",
  method: "PATCH",
  path: one,
  account: "object",
  body: Type.Object({
    ...nullable,
    platform: sent.platform,
    metadata: sent.metadata,
    client_version: sent.client_version,
    labels: Type.Optional(
      textMap({
        max: labelsMax,
        key: line({ min: 1, max: 128 }),
        item: Type.Union([line({ max: 255 }), Type.Null()]),
      }),
    ),
  }),
  answer,
  read: ({ body }) => sayingOf(body as Sent),
  write: (device, { org }) => toWire(device, org),
});

const status = { status: member.status, device_id: Type.String() };

const revoke = face(revokeDevice, {
  dialect: "rest",
  method: "POST",
  path: `${one}/revoke`,
  account: "object",
  answer: Type.Object(status, closed),
  read: () => ({}),
  write: (device) => ({ status: device.status, device_id: device.id }),
});

const reset = face(resetDevice, {
  dialect: "rest",
  method: "POST",
  path: `${one}/reset`,
  account: "object",
  answer: Type.Object(status, closed),
  read: () => ({}),
  write: (device) => ({ status: device.status, device_id: device.id }),
});

const remove = face(removeDevice, {
  dialect: "rest",
  method: "DELETE",
  path: one,
  account: "object",
  outcome: "gone",
  answer,
  read: () => ({}),
  write: (device, { org }) => toWire({ ...device, connectivity: "offline" }, org),
});

/** The faces of devices on `/api/v1`, but for what they report. */
export const rest = [register, get, edit, revoke, reset, remove];

type Body = Sent & {
  device_identifier?: string;
  installation_id?: string;
  device_id?: string;
  device_info?: Sent;
};

function registrationOf(body: Body): Registration {
  const identifier = body.device_identifier ?? body.installation_id ?? body.device_id;
  if (identifier === undefined) throw invalid("/device_identifier", "device_identifier: required");
  return {
    identifier,
    once: body.device_identifier === undefined && body.installation_id === undefined,
    said: sayingOf({ ...body.device_info, ...body }),
  };
}

/** A member that may be null: whoever says so takes the word back. */
function orNull(schema: TSchema): TSchema {
  return Type.Optional(Type.Union([schema, Type.Null()]));
}

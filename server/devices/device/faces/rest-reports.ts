import Type, { type Static } from "typebox";
import { face } from "../../../operation/face.ts";
import { printInstant } from "../../../operation/instant.ts";
import { oneOf } from "../../../operation/text.ts";
import { connectivity, member } from "../device.ts";
import { type Heard, heartbeat, heartbeatOfNamed, observeState } from "../reporting.ts";
import { closed, sayingOf, sent, sentAttempt, time, toldIn } from "./wire.ts";

const answer = Type.Object(
  {
    status: Type.Literal("ok"),
    acknowledged: Type.Boolean(),
    id: member.id,
    device_id: Type.String(),
    device_identifier: member.identifier,
    last_heartbeat: time,
    server_time: time,
    connectivity_status: oneOf("online", "stale", "offline", "revoked"),
    health_status: oneOf("healthy"),
  },
  closed,
);

const beat = (method: "POST" | "PUT") =>
  face(heartbeat, {
    dialect: "rest",
    method,
    path: "/devices/{device_id}/heartbeat",
    account: "object",
    body: Type.Object(sent),
    bodyOptional: true,
    answer,
    read: ({ body }) => ({ saying: sayingOf(body ?? {}) }),
    write: (heard) => beatToWire(heard),
  });

const beatNamed = (method: "POST" | "PUT") =>
  face(heartbeatOfNamed, {
    dialect: "rest",
    method,
    path: "/devices/heartbeat",
    account: "body",
    body: Type.Object({
      org_id: Type.Optional(Type.String()),
      device_identifier: Type.Optional(member.identifier),
      device_id: Type.Optional(member.identifier),
      ...sent,
    }),
    bodyOptional: true,
    answer,
    read({ body }) {
      const ref = body?.device_identifier ?? body?.device_id;
      return { saying: sayingOf(body ?? {}), ...(ref !== undefined && { ref }) };
    },
    write: (heard) => beatToWire(heard),
  });

const observe = face(observeState, {
  dialect: "rest",
  method: "POST",
  path: "/devices/{device_id}/observed-state",
  account: "object",
  body: Type.Object({ ...sent, client: Type.Optional(sentAttempt) }),
  answer: Type.Object({ ack: Type.Boolean(), server_timestamp: time }, closed),
  read: ({ body }) => toldIn(body),
  write: ({ at }) => ({ ack: true, server_timestamp: printInstant(at, "seconds") }),
});

/** The faces on `/api/v1` of what devices report. */
export const restReports = [beat("POST"), beat("PUT"), beatNamed("POST"), beatNamed("PUT"), observe];

function beatToWire({ device, at }: Heard): Static<typeof answer> {
  const seen = printInstant(at, "seconds");
  return {
    ...{ status: "ok", acknowledged: true, id: device.id, device_id: device.id },
    ...{ device_identifier: device.identifier, last_heartbeat: seen, server_time: seen },
    ...{ connectivity_status: connectivity({ status: device.status, lastSeenAt: at }, at) },
    health_status: "healthy",
  };
}

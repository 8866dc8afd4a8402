import Type, { type Static } from "typebox";
import { listFace } from "../../../operation/face.ts";
import { printInstant } from "../../../operation/instant.ts";
import { oneOf } from "../../../operation/text.ts";
import { listTargetedDevices } from "../operations.ts";
import { type DeviceInProgress, shownCounts, shownProgress, states } from "../progress.ts";
import { progressToWire } from "./wire.ts";

const nullable = <T extends Parameters<typeof Type.Optional>[0]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

const answer = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    client_version: nullable(Type.String()),
    last_seen_at: nullable(Type.String({ format: "date-time" })),
    ...shownProgress.properties,
  },
  { additionalProperties: false },
);

/** The faces on `/client/v4` of how far devices are. */
export const v4 = [
  listFace(listTargetedDevices, {
    dialect: "v4",
    method: "GET",
    path: "/accounts/{account_id}/devices/deployment-groups/{group_id}/devices",
    account: "path",
    family: "product",
    query: Type.Object({ state: Type.Optional(oneOf(...states)) }),
    paging: {
      ...{ default: 50, max: 100 },
      summary: { name: "counts", schema: shownCounts, write: (counts) => counts },
    },
    answer,
    read: ({ query }) => (query.state === undefined ? {} : { state: query.state }),
    write: toWire,
  }),
];

function toWire(device: DeviceInProgress): Static<typeof answer> {
  const { id, identifier, lastSeenAt, progress } = device;
  if (!progress) throw new Error("a targeted device without its progress");
  return {
    ...{ id, name: identifier, client_version: progress.version },
    last_seen_at: lastSeenAt === null ? null : printInstant(lastSeenAt, "micro"),
    ...progressToWire(progress),
  };
}

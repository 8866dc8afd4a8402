import Type from "typebox";
import { filterOf, filterQuery, wire } from "../../../devices/device/index.ts";
import { invalid } from "../../../failure.ts";
import { listFace } from "../../../operation/face.ts";
import { oneOf } from "../../../operation/text.ts";
import { listAllDevices, listTargetedDevices } from "../operations.ts";
import { type DeviceInProgress, shownCounts, shownProgress, states } from "../progress.ts";
import { progressToWire, reasonsToWire, shownReasons } from "./wire.ts";

const answer = Type.Object({ ...wire.shown, progress: Type.Optional(shownProgress) }, wire.closed);

const list = listFace(listAllDevices, {
  dialect: "rest",
  method: "GET",
  path: "/devices",
  account: "query",
  query: Type.Object({
    ...filterQuery.properties,
    state: Type.Optional(oneOf(...states)),
    group_by: Type.Optional(oneOf("reason")),
  }),
  paging: {
    ...{ default: 100, max: 1000, items: "devices" },
    summary: { name: "groups", schema: shownReasons, write: reasonsToWire },
  },
  answer,
  read({ query }) {
    const { state, group_by: by } = query;
    if (by !== undefined && state === undefined)
      throw invalid("/state", "state: required with group_by, e.g. state=behind");
    return { filter: filterOf(query), byReason: by !== undefined, ...(state !== undefined && { state }) };
  },
  write: (device, { org }) => toWire(device, org),
});

const targeted = listFace(listTargetedDevices, {
  dialect: "rest",
  method: "GET",
  path: "/deployment-groups/{group_id}/devices",
  account: "object",
  query: Type.Object({ state: Type.Optional(oneOf(...states)) }),
  paging: {
    ...{ default: 100, max: 1000, items: "devices", beside: ["group_id"] },
    summary: { name: "counts", schema: shownCounts, write: (counts) => counts },
  },
  answer,
  read: ({ query }) => (query.state === undefined ? {} : { state: query.state }),
  write: (device, { org }) => toWire(device, org),
});

/** The faces on `/api/v1` of how far devices are. */
export const rest = [list, targeted];

function toWire({ progress, ...device }: DeviceInProgress, orgId: string) {
  return { ...wire.toWire(device, orgId), ...(progress && { progress: progressToWire(progress) }) };
}

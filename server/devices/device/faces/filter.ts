import Type, { type Static } from "typebox";
import { parseInstant } from "../../../operation/instant.ts";
import { instant, line, textMap } from "../../../operation/text.ts";
import { labelsMax, member } from "../device.ts";
import type { Filter } from "../store.ts";

/** The members of a query that narrow a list of devices. */
export const filterQuery = Type.Object({
  platform: Type.Optional(line({ max: 255 })),
  status: Type.Optional(member.status),
  group_id: Type.Optional(line({ max: 255 })),
  search: Type.Optional(line({ max: 255, description: "A part of the identifier, whatever its case." })),
  client_version: Type.Optional(line({ max: 255 })),
  seen_after: Type.Optional(instant()),
  seen_before: Type.Optional(instant()),
  battery_low: Type.Optional(Type.Boolean({ description: "Below 20 %, or not." })),
  label: Type.Optional(
    textMap({
      max: labelsMax,
      key: line({ min: 1, max: 128 }),
      item: line({ max: 255 }),
      description: "`label[key]=value`; all must hold.",
    }),
  ),
});

/** Reads what a list is narrowed to. */
export function filterOf(query: Static<typeof filterQuery>): Filter {
  return {
    ...(query.platform !== undefined && { platform: query.platform }),
    ...(query.status !== undefined && { status: query.status }),
    ...(query.group_id !== undefined && { groupId: query.group_id }),
    ...(query.search !== undefined && { search: query.search }),
    ...(query.client_version !== undefined && { clientVersion: query.client_version }),
    ...(query.seen_after !== undefined && { seenAfter: parseInstant(query.seen_after) }),
    ...(query.seen_before !== undefined && { seenBefore: parseInstant(query.seen_before) }),
    ...(query.battery_low !== undefined && { batteryLow: query.battery_low }),
    ...(query.label !== undefined && { labels: query.label }),
  };
}

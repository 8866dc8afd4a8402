import Type, { type Static } from "typebox";
import { face, listFace } from "../../../operation/face.ts";
import { printInstant } from "../../../operation/instant.ts";
import { wholeNumber } from "../../../operation/text.ts";
import { wire as deviceWire } from "../../device/index.ts";
import { batchMax } from "../../membership/index.ts";
import { member } from "../device-group.ts";
import { excludeDevices, listExcluded, readmitDevices } from "../exclusion-operations.ts";
import { type Explained, explainMembership, groupUsage, previewGroup, sampleMax } from "../inspecting.ts";
import { skippedToWire, skipping } from "./rest-members.ts";
import { closed, rulesIn, time } from "./wire.ts";

const one = "/device-groups/{group_id}";
const exclusions = `${one}/exclusions`;
const where = { dialect: "rest", account: "object" } as const;
const ids = Type.Array(Type.String());
const refs = Type.Array(member.deviceRef, { minItems: 1, maxItems: batchMax });
const nullable = <T extends Parameters<typeof Type.Optional>[0]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

const preview = face(previewGroup, {
  dialect: "rest",
  method: "POST",
  path: "/device-groups/preview",
  account: "body",
  body: Type.Object({
    org_id: Type.Optional(Type.String()),
    auto_assignment_rules: Type.Optional(member.rules),
    ...member.rules.properties,
    sample: Type.Optional(wholeNumber(0, sampleMax)),
  }),
  answer: Type.Object({ count: Type.Integer(), sample: Type.Array(deviceWire.answer) }, closed),
  read({ body }) {
    const { auto_assignment_rules: nested, sample = sampleMax } = body;
    const pointer = nested ? "/auto_assignment_rules" : "";
    return { rules: rulesIn(nested ?? body), pointer, sample };
  },
  write: ({ count, sample }, { org }) => ({
    count,
    sample: sample.map((device) => deviceWire.toWire(device, org)),
  }),
});

const value = Type.Union([Type.String(), Type.Number(), Type.Boolean()]);

const explain = face(explainMembership, {
  ...where,
  method: "GET",
  path: `${one}/devices/{device_id}/explain`,
  answer: Type.Object(
    {
      group_id: Type.String(),
      device_id: Type.String(),
      member: Type.Boolean(),
      membership_type: nullable(Type.String()),
      added_at: nullable(time),
      excluded: Type.Boolean(),
      matches: nullable(Type.Boolean()),
      parts: Type.Array(
        Type.Object(
          {
            field: Type.String(),
            comparison: Type.String(),
            wanted: Type.Array(value),
            has: Type.Union([value, Type.Array(Type.String()), Type.Null()]),
            held: Type.Boolean(),
          },
          closed,
        ),
      ),
      reason: Type.String(),
    },
    closed,
  ),
  read: ({ path }) => ({ ref: path.device_id ?? "" }),
  write: (explained) => ({
    group_id: explained.group.id,
    device_id: explained.device.id,
    member: explained.membership !== undefined,
    membership_type: explained.membership?.type ?? null,
    added_at: explained.membership ? printInstant(explained.membership.addedAt, "seconds") : null,
    excluded: explained.excluded,
    matches: explained.matches,
    parts: explained.parts.map(({ wanted, has, ...part }) => ({
      ...part,
      wanted: [...wanted],
      has: typeof has === "object" && has !== null ? [...has] : has,
    })),
    reason: reasonOf(explained),
  }),
});

const usage = face(groupUsage, {
  ...where,
  method: "GET",
  path: `${one}/usage`,
  answer: Type.Object(
    {
      group_id: Type.String(),
      used_by: Type.Array(
        Type.Object({ type: Type.String(), id: Type.String(), name: Type.String() }, closed),
      ),
      hidden: Type.Integer({ description: "Users of the group that the caller may not see." }),
    },
    closed,
  ),
  read: () => ({}),
  write: ({ group, users, hidden }) => ({
    group_id: group.id,
    used_by: users.map(({ kind, id, name }) => ({ type: kind.replaceAll("-", "_"), id, name })),
    hidden,
  }),
});

const shownExclusion = Type.Object(
  {
    device_id: Type.String(),
    device_identifier: Type.String(),
    added_at: time,
    added_by: nullable(Type.String()),
  },
  closed,
);

const listExclusions = listFace(listExcluded, {
  ...where,
  method: "GET",
  path: exclusions,
  paging: { default: 100, max: 1000, items: "exclusions", beside: ["group_id"] },
  answer: shownExclusion,
  read: () => ({}),
  write: ({ deviceId, identifier, addedAt, addedBy }): Static<typeof shownExclusion> => ({
    ...{ device_id: deviceId, device_identifier: identifier, added_by: addedBy },
    added_at: printInstant(addedAt, "seconds"),
  }),
});

const exclude = face(excludeDevices, {
  ...where,
  method: "POST",
  path: exclusions,
  bodyLimit: "batch",
  body: Type.Object({ device_ids: refs, added_by: Type.Optional(member.addedBy) }),
  answer: Type.Object({ group_id: Type.String(), excluded: ids, ...skipping }, closed),
  read: ({ body }) => ({ refs: body.device_ids, addedBy: body.added_by ?? null }),
  write: ({ group, batch }) => ({ group_id: group.id, excluded: [...batch.done], ...skippedToWire(batch) }),
});

const readmit = face(readmitDevices, {
  ...where,
  method: "DELETE",
  path: exclusions,
  bodyLimit: "batch",
  body: Type.Object({ device_ids: refs }),
  answer: Type.Object({ group_id: Type.String(), readmitted: ids, ...skipping }, closed),
  read: ({ body }) => ({ refs: body.device_ids }),
  write: ({ group, batch }) => ({
    group_id: group.id,
    readmitted: [...batch.done],
    ...skippedToWire(batch),
  }),
});

/** The faces on `/api/v1` of rules: what they would select, why a device is in, and who is kept out. */
export const restRules = [preview, explain, usage, listExclusions, exclude, readmit];

function reasonOf({ group, membership, excluded, matches }: Explained): string {
  if (excluded) return "the device is excluded from the group";
  if (membership?.type === "manual") return "the device was added by hand";
  if (matches === null) return "the device was not added, and the group has no rules";
  if (group.evaluating) return "the group is being evaluated: its members are not in line with its rules yet";
  return matches ? "the rules fit the device" : "the parts of the rules that did not hold would have to";
}

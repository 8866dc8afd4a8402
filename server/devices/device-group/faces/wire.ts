import Type, { type Static } from "typebox";
import { invalid } from "../../../failure.ts";
import { printInstant } from "../../../operation/instant.ts";
import { type DeviceGroup, type GroupRules, member } from "../device-group.ts";

/** Instants of this dialect have whole seconds: some clients can't read fractions. */
export const time = Type.String({ format: "date-time" });
/** Answers have no members that their schema does not name. */
export const closed = { additionalProperties: false } as const;

const shownRules = Type.Object(
  {
    rules: Type.Optional(
      Type.Array(
        Type.Object({ field: Type.String(), operator: Type.String(), value: Type.Unknown() }, closed),
      ),
    ),
    matchLabels: Type.Optional(Type.Record(Type.String(), Type.String())),
    expression: Type.Optional(Type.String()),
  },
  closed,
);

/** A device group as every answer of this dialect shows it. */
export const shownGroup = Type.Object(
  {
    id: member.id,
    org_id: Type.String(),
    name: Type.String(),
    description: member.description,
    group_type: member.type,
    tags: Type.Array(Type.String()),
    device_count: Type.Integer(),
    is_active: member.isActive,
    auto_assignment_rules: Type.Union([shownRules, Type.Null()]),
    evaluating: Type.Boolean({ description: "Its members are still being brought in line with its rules." }),
    evaluated_at: Type.Union([time, Type.Null()]),
    created_at: time,
    updated_at: time,
  },
  closed,
);

/** Writes a device group. */
export function groupToWire(group: DeviceGroup, orgId: string): Static<typeof shownGroup> {
  return {
    id: group.id,
    org_id: orgId,
    name: group.name,
    description: group.description,
    group_type: group.type,
    tags: [...group.tags],
    device_count: group.deviceCount,
    is_active: group.isActive,
    auto_assignment_rules: group.rules && rulesToWire(group.rules),
    evaluating: group.evaluating,
    evaluated_at: group.evaluatedAt === null ? null : printInstant(group.evaluatedAt, "seconds"),
    created_at: printInstant(group.createdAt, "seconds"),
    updated_at: printInstant(group.updatedAt, "seconds"),
  };
}

/** Reads rules as they are kept: no member that says nothing, so that equal ones are equal as text. */
export function rulesIn(sent: Static<typeof member.rules>): GroupRules {
  const { rules, matchLabels, expression } = sent;
  // A member that is spelled wrong must not take everybody out of the group.
  if (rules === undefined && matchLabels === undefined && expression === undefined)
    throw invalid(
      "/auto_assignment_rules",
      "auto_assignment_rules: expected at least one of rules, matchLabels, expression",
    );
  return {
    ...(rules !== undefined && {
      rules: rules.map(({ field, operator, value }) => ({ field, operator, value })),
    }),
    ...(matchLabels !== undefined && { matchLabels }),
    ...(expression !== undefined && { expression }),
  };
}

function rulesToWire({ rules, matchLabels, expression }: GroupRules): Static<typeof shownRules> {
  return {
    ...(rules && { rules: rules.map((rule) => ({ ...rule })) }),
    ...(matchLabels && { matchLabels: { ...matchLabels } }),
    ...(expression !== undefined && { expression }),
  };
}

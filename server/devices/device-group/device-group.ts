import Type, { type Static } from "typebox";
import { line, prose, textList, textMap, trimmed } from "../../operation/text.ts";
import { lengthMax } from "../../selector/expression.ts";
import type { Rule } from "../../selector/rules.ts";
import { labelsMax } from "../device/index.ts";

/** Devices that belong together. */
export type DeviceGroup = {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly type: GroupType;
  /** In the order that they were given, each once. */
  readonly tags: readonly string[];
  /** An inactive group can't be made the target of a rollout. */
  readonly isActive: boolean;
  /** What makes devices members by themselves; null where nothing does. */
  readonly rules: GroupRules | null;
  /** Moves with every change of the rules. */
  readonly rulesRevision: number;
  /** Its members are still being brought in line with its rules. */
  readonly evaluating: boolean;
  /** When they last were, in microseconds since the epoch; null for a group without rules. */
  readonly evaluatedAt: number | null;
  /** How many devices are in it; exact after every write. */
  readonly deviceCount: number;
  /** All times are microseconds since the epoch. */
  readonly createdAt: number;
  readonly updatedAt: number;
};

/** What devices must be like to be members: everything that is given must hold. */
export type GroupRules = {
  readonly rules?: readonly Rule[];
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly expression?: string;
};

/** Rules that one group can have. */
export const rulesMax = 50;

/** The members of a device group on the wire, with their limits. */
export const member = {
  id: Type.String(),
  name: trimmed({ max: 255 }),
  description: Type.Union([prose({ max: 2000 }), Type.Null()]),
  type: Type.Union([Type.Literal("static"), Type.Literal("dynamic"), Type.Literal("hybrid")]),
  tags: textList({ max: 50, item: line({ min: 1, max: 64 }) }),
  isActive: Type.Boolean(),
  /** Who did it, as the caller says: a label beside the authenticated caller, never instead. */
  addedBy: Type.Union([line({ max: 255 }), Type.Null()]),
  deviceRef: line({ min: 1, max: 1024 }),
  rules: Type.Object({
    rules: Type.Optional(
      textList({
        max: rulesMax,
        item: Type.Object({ field: Type.String(), operator: Type.String(), value: Type.Unknown() }),
      }),
    ),
    matchLabels: Type.Optional(
      textMap({ max: labelsMax, key: line({ min: 1, max: 128 }), item: line({ max: 255 }) }),
    ),
    /** Read as one line: it may be written over several. */
    expression: Type.Optional(prose({ max: lengthMax })),
  }),
};

export type GroupType = Static<typeof member.type>;

/** What seeing and changing device groups takes, and what changing who is in them takes. */
export const permission = {
  read: "device-group.read",
  write: "device-group.write",
  changeMembers: "device-group.change-members",
} as const;

/** Which permission groups contain them. */
export const permissions = {
  [permission.read]: ["Device Groups Read", "Device Groups Write"],
  [permission.write]: ["Device Groups Write"],
  [permission.changeMembers]: ["Device Groups Write", "Device Group Membership Write"],
};

/** The kind of scope key that device groups have. */
export const kind = "device-group";

import Type, { type Static } from "typebox";

const closed = { additionalProperties: false } as const;
const decision = Type.Union([Type.Literal("allowed"), Type.Literal("denied")]);

const through = Type.Object(
  {
    policy_id: Type.String(),
    access: Type.Union([Type.Literal("allow"), Type.Literal("deny")]),
    from: Type.Object(
      {
        type: Type.Union([Type.Literal("member"), Type.Literal("user_group"), Type.Literal("token")]),
        id: Type.Optional(Type.String()),
      },
      closed,
    ),
  },
  closed,
);

const changedRight = Type.Object(
  {
    member: Type.Optional(Type.Object({ id: Type.String(), email: Type.String() }, closed)),
    token: Type.Optional(Type.Object({ id: Type.String(), name: Type.String() }, closed)),
    permission: Type.String(),
    resource: Type.String({ description: "The scope key on which it changes." }),
    before: decision,
    after: decision,
    through: Type.Union([through, Type.Null()], {
      description: "The policy that decides afterwards; where none does, the one that decided before.",
    }),
  },
  closed,
);

const rights = Type.Object(
  {
    gained: Type.Integer({ description: "Permissions on resources that somebody would gain." }),
    lost: Type.Integer({ description: "Permissions on resources that somebody would lose." }),
    sample: Type.Array(changedRight, { maxItems: 20 }),
  },
  closed,
);

const named = Type.Union([Type.Object({ id: Type.String(), name: Type.String() }, closed), Type.Null()]);
const version = Type.Union([Type.String(), Type.Null()]);

const movedDevice = Type.Object(
  {
    device_id: Type.String(),
    before: version,
    after: version,
    reason: Type.Object(
      {
        code: Type.String({ description: "Why it would run what it would run afterwards." }),
        device_policy: named,
        deployment_group: named,
        entry: version,
      },
      closed,
    ),
  },
  closed,
);

/** The schema of what a change would bring about; answered beside the result of a dry run. */
export const impactMember = Type.Object(
  {
    rights: Type.Optional(rights),
    devices: Type.Optional(
      Type.Integer({ description: "Devices that would get another desired version, of those you may see." }),
    ),
    sampled: Type.Optional(Type.Boolean({ description: "False where they were counted exactly." })),
    sample: Type.Optional(Type.Array(movedDevice, { maxItems: 20 })),
  },
  closed,
);

/** One device that would get another desired version. */
export type MovedDevice = Static<typeof movedDevice>;

/** What a change would bring about. */
export type Impact = Static<typeof impactMember>;

/** One right that somebody would gain or lose. */
export type ChangedRight = Static<typeof changedRight>;

/** The most that a sample shows. */
export const sampleMax = 20;

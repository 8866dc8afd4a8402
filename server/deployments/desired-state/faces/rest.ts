import Type, { type Static } from "typebox";
import { face } from "../../../operation/face.ts";
import { printInstant } from "../../../operation/instant.ts";
import { oneOf } from "../../../operation/text.ts";
import { type DesiredState, getDesiredState } from "../operations.ts";
import type { Step } from "../resolve.ts";

const closed = { additionalProperties: false } as const;
const named = Type.Object({ id: Type.String(), name: Type.String() }, closed);
const orNull = <T extends Parameters<typeof Type.Optional>[0]>(schema: T) =>
  Type.Union([schema, Type.Null()]);
const value = Type.Union([Type.String(), Type.Number(), Type.Boolean()]);

/** Seconds after which a device should ask again. */
const pollAfterS = 300;

const part = Type.Object(
  {
    field: Type.String(),
    comparison: oneOf("==", "!=", "<", "<=", ">", ">=", "in"),
    wanted: Type.Array(value),
    has: Type.Union([value, Type.Array(Type.String()), Type.Null()]),
    held: Type.Boolean(),
  },
  closed,
);

const step = Type.Object(
  {
    step: oneOf("device", "device_policy", "deployment_group", "entry"),
    found: orNull(named),
    outcome: Type.String(),
    /** What would have to change, where the step gave nothing. */
    would_need: orNull(Type.String()),
    parts: Type.Optional(Type.Array(part)),
  },
  closed,
);

const reason = Type.Object(
  {
    code: oneOf(
      "deployment_group",
      "no_deployment_group",
      "no_version_for_environment",
      "environment_unknown",
      "device_revoked",
    ),
    device_policy: orNull(named),
    deployment_group: orNull(named),
    entry: orNull(Type.String()),
  },
  closed,
);

const answer = Type.Object(
  {
    device_id: Type.String(),
    revision: Type.Integer({ description: "Raised with every change of the organization's configuration." }),
    poll_after_s: Type.Integer(),
    client: Type.Object(
      {
        environment: Type.String(),
        version: orNull(Type.String()),
        since: orNull(Type.String({ format: "date-time" })),
        reason,
      },
      closed,
    ),
    models: Type.Array(Type.Object({}, closed), { maxItems: 0 }),
    steps: Type.Optional(Type.Array(step)),
  },
  closed,
);

/** The faces of desired states on `/api/v1`. */
export const rest = [
  face(getDesiredState, {
    dialect: "rest",
    method: "GET",
    path: "/devices/{device_id}/desired-state",
    account: "object",
    query: Type.Object({
      explain: Type.Optional(Type.Boolean({ description: "Answer the whole way to it, step by step." })),
    }),
    answer,
    read: ({ query: { explain = false } }) => ({ explain }),
    write: (state, { query: { explain = false } }) => ({
      ...toWire(state),
      ...(explain && { steps: state.steps.map(stepToWire) }),
    }),
  }),
];

function toWire(state: DesiredState): Static<typeof answer> {
  return {
    device_id: state.deviceId,
    revision: state.revision,
    poll_after_s: pollAfterS,
    client: {
      environment: state.environment,
      version: state.version,
      since: state.since === null ? null : printInstant(state.since, "seconds"),
      reason: {
        code: state.reason,
        device_policy: state.devicePolicy && { ...state.devicePolicy },
        deployment_group: state.deploymentGroup && { ...state.deploymentGroup },
        entry: state.entry,
      },
    },
    models: [],
  };
}

function stepToWire({ step: name, found, outcome, wouldNeed, parts }: Step): Static<typeof step> {
  return {
    step: name,
    found: found && { ...found },
    outcome,
    would_need: wouldNeed,
    ...(parts && {
      parts: parts.map(({ wanted, has, ...rest }) => ({
        ...rest,
        wanted: [...wanted],
        has: typeof has === "object" && has !== null ? [...has] : has,
      })),
    }),
  };
}

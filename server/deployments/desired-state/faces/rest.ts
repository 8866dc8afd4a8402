import Type, { type Static } from "typebox";
import { wire } from "../../../devices/device/index.ts";
import { face } from "../../../operation/face.ts";
import { printInstant } from "../../../operation/instant.ts";
import { oneOf, wholeNumber } from "../../../operation/text.ts";
import { type DesiredState, getDesiredState } from "../operations.ts";
import { askDesiredState, type Synced, syncDevice } from "../reporting.ts";
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

const path = "/devices/{device_id}/desired-state";

/** What a device tells of itself when it asks. */
const telling = { ...wire.sent, client: Type.Optional(wire.sentAttempt) };

const ask = face(askDesiredState, {
  dialect: "rest",
  method: "POST",
  path,
  account: "object",
  body: Type.Object(telling),
  bodyOptional: true,
  answer,
  read: ({ body }) => wire.toldIn(body ?? {}),
  write: ({ state }) => toWire(state),
});

const sync = face(syncDevice, {
  dialect: "rest",
  method: "POST",
  path: "/devices/{device_id}/sync",
  account: "object",
  body: Type.Object({
    ...telling,
    known_revision: Type.Optional(
      wholeNumber(0, Number.MAX_SAFE_INTEGER, { description: "`revision` of the last answer." }),
    ),
  }),
  bodyOptional: true,
  answer: Type.Object(
    {
      device_id: Type.String(),
      generated_at: Type.String({ format: "date-time" }),
      server_timestamp: Type.String({ format: "date-time" }),
      state_changed: Type.Boolean({ description: "Something may be new since `known_revision`." }),
      next_poll_interval_seconds: Type.Integer(),
      models: Type.Array(Type.Object({}, closed), { maxItems: 0 }),
      gc_eligible_artifact_ids: Type.Array(Type.String(), { maxItems: 0 }),
      desired_state: answer,
    },
    closed,
  ),
  read({ body }) {
    const { known_revision: knownRevision } = body ?? {};
    return { ...wire.toldIn(body ?? {}), ...(knownRevision !== undefined && { knownRevision }) };
  },
  write: (synced) => syncToWire(synced),
});

/** The faces of desired states on `/api/v1`. */
export const rest = [
  ask,
  sync,
  face(getDesiredState, {
    dialect: "rest",
    method: "GET",
    path,
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
    text: (state) => state.told && textOf(state, state.told),
  }),
];

/** What is told to all devices of a sort, as JSON: all but the device's id, which stands first. */
const tails = new WeakMap<NonNullable<DesiredState["told"]>, string>();

function textOf(state: DesiredState, told: NonNullable<DesiredState["told"]>): string {
  let tail = tails.get(told);
  if (tail === undefined) {
    const { device_id: id, ...rest } = toWire(state);
    tail = JSON.stringify(rest).slice(1);
    tails.set(told, tail);
  }
  return `{"device_id":${JSON.stringify(state.deviceId)},${tail}`;
}

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

function syncToWire({ state, at, isNew }: Synced) {
  const now = printInstant(at, "seconds");
  return {
    ...{ device_id: state.deviceId, generated_at: now, server_timestamp: now },
    ...{ state_changed: isNew, next_poll_interval_seconds: pollAfterS },
    ...{ models: [], gc_eligible_artifact_ids: [], desired_state: toWire(state) },
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

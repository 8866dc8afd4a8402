import Type from "typebox";
import type { DeviceNow } from "../../devices/device/index.ts";
import { heartbeatIntervalS } from "../../devices/device/index.ts";
import { oneOf } from "../../operation/text.ts";

/**
 * How a device stands to the version that it should run: at it, below it, above it, or nobody knows what it runs;
 * `no_version` where its deployment group has none for its environment, `untargeted` where no group holds its policy.
 */
export const states = ["on_target", "behind", "ahead", "unknown", "no_version", "untargeted"] as const;

/** One of them. */
export type State = (typeof states)[number];

/** Why a device does not run what it should. */
export const reasons = [
  ...(["failed", "refused", "fell_back", "silent", "in_progress", "never_asked", "waiting"] as const),
  "no_version_for_environment",
] as const;

/** One of them. */
export type Reason = (typeof reasons)[number];

/** What a list can be narrowed to; `behind` is everything that is stuck, or may be. */
export const wanted: Readonly<Record<State, readonly State[]>> = {
  on_target: ["on_target"],
  behind: ["behind", "unknown", "no_version"],
  ahead: ["ahead"],
  unknown: ["unknown"],
  no_version: ["no_version"],
  untargeted: ["untargeted"],
};

/** Seconds without a word after which a device counts as silent. */
export const silentAfterS = 5 * heartbeatIntervalS;

/** How far a device is. */
export type Progress = {
  readonly state: State;
  readonly desiredVersion: string | null;
  /** What it runs, as far as it said. */
  readonly version: string | null;
  /** Null for a device that is where it should be, or needs to be nowhere. */
  readonly reason: Reason | null;
  /** Of an attempt that failed or was refused. */
  readonly errorCode: string | null;
  /** Since when the reason stands, in microseconds since the epoch; null where that is not known. */
  readonly since: number | null;
};

/** A device and how far it is, where that was asked. */
export type DeviceInProgress = DeviceNow & { readonly progress?: Progress };

/** Devices that are stuck for the same reason. */
export type ReasonCount = {
  readonly reason: Reason;
  readonly errorCode: string | null;
  readonly devices: number;
};

const nullable = <T extends Parameters<typeof Type.Optional>[0]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

/** How far a device is, on the wire. */
export const shownProgress = Type.Object(
  {
    state: oneOf(...states),
    desired_version: nullable(Type.String()),
    reason: nullable(oneOf(...reasons)),
    error_code: nullable(Type.String()),
    since: nullable(Type.String({ format: "date-time" })),
  },
  { additionalProperties: false },
);

/** How many devices are in each state, on the wire. */
export const shownCounts = Type.Object(
  Object.fromEntries(states.map((state) => [state, Type.Integer()])) as { [Name in State]: Type.TInteger },
  { additionalProperties: false },
);

import Type, { type Static } from "typebox";
import { printInstant } from "../../../operation/instant.ts";
import { oneOf } from "../../../operation/text.ts";
import { type Progress, type ReasonCount, reasons, type shownProgress } from "../progress.ts";

/** How many devices are stuck for which reason, most first. */
export const shownReasons = Type.Array(
  Type.Object(
    {
      reason: oneOf(...reasons),
      error_code: Type.Union([Type.String(), Type.Null()]),
      devices: Type.Integer(),
    },
    { additionalProperties: false },
  ),
);

/** Writes how far a device is. */
export function progressToWire(progress: Progress): Static<typeof shownProgress> {
  return {
    ...{ state: progress.state, desired_version: progress.desiredVersion, reason: progress.reason },
    error_code: progress.errorCode,
    since: progress.since === null ? null : printInstant(progress.since, "seconds"),
  };
}

/** Writes how many devices are stuck for which reason. */
export function reasonsToWire(counted: readonly ReasonCount[]): Static<typeof shownReasons> {
  return counted.map(({ reason, errorCode, devices }) => ({ reason, error_code: errorCode, devices }));
}

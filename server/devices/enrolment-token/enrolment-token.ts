import Type from "typebox";
import { instant, trimmed } from "../../operation/text.ts";
import type { Saying } from "../device/index.ts";

/** What is fixed of a device that enrols by a token: a version that runs is a measurement and can't be. */
export type Fixed = Omit<Saying, "clientVersion">;

/** A credential that many devices share to enrol with: it registers devices and does nothing else. */
export type EnrolmentToken = {
  readonly id: string;
  readonly name: string;
  readonly fixed: Fixed;
  readonly disabled: boolean;
  /** All times are microseconds since the epoch. */
  readonly createdAt: number;
  readonly updatedAt: number;
  /** From this instant on the token is no longer taken. */
  readonly expiresAt: number | null;
  readonly lastUsedAt: number | null;
};

/** The members of an enrolment token on the wire, with their limits. */
export const member = {
  id: Type.String(),
  name: trimmed({ max: 255 }),
  status: Type.Union([Type.Literal("active"), Type.Literal("disabled"), Type.Literal("expired")]),
  instant: instant(),
  token: Type.String({ description: "The secret. It is shown this once." }),
};

/** What seeing and changing enrolment tokens takes. */
export const permission = { read: "enrolment-token.read", write: "enrolment-token.write" } as const;

/** Which permission groups contain them. */
export const permissions = {
  [permission.read]: ["Zero Trust Read", "Zero Trust Write", "Devices Read", "Devices Write"],
  [permission.write]: ["Zero Trust Write", "Devices Write"],
};

/** The kind of scope key that enrolment tokens have. */
export const kind = "enrolment-token";

/** Whether a token may be used at an instant; the one that it expires at counts as too late. */
export function standingOf(
  { disabled, expiresAt }: Pick<EnrolmentToken, "disabled" | "expiresAt">,
  now: number,
): "active" | "disabled" | "expired" {
  if (expiresAt !== null && expiresAt <= now) return "expired";
  return disabled ? "disabled" : "active";
}

/** A token with the standing that it has at the time of asking. */
export type TokenNow = EnrolmentToken & { readonly status: ReturnType<typeof standingOf> };

/** The token as it stands at an instant. */
export function atTime(token: EnrolmentToken, now: number): TokenNow {
  return { ...token, status: standingOf(token, now) };
}

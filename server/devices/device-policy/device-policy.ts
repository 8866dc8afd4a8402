import Type from "typebox";
import { line, prose, wholeNumber } from "../../operation/text.ts";
import type { Settings } from "./settings.ts";

/** Which devices it is for, by a match expression; the first that matches a device, by precedence, is the device's. */
export type DevicePolicy = {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  /** Null for the default one, which is for every device that no other matches. */
  readonly match: string | null;
  /** The smallest goes first; unique in the account. Null for the default one, which goes last. */
  readonly precedence: number | null;
  readonly enabled: boolean;
  readonly isDefault: boolean;
  readonly settings: Settings;
  /** All times are microseconds since the epoch. */
  readonly createdAt: number;
  readonly updatedAt: number;
};

/** Device policies that one account can have: all of them may have to be tried for one device. */
export const devicePoliciesMax = 1000;

/** The members of a device policy on the wire, with their limits. */
export const member = {
  id: Type.String(),
  name: line({ min: 1, max: 100 }),
  description: prose({ max: 500 }),
  /** Read as one line: configurations are written over several. */
  match: prose({ min: 1, max: 500 }),
  precedence: wholeNumber(0, 999_999_999),
  enabled: Type.Boolean(),
};

/** What seeing and changing device policies takes. */
export const permission = { read: "device-policy.read", write: "device-policy.write" } as const;

/** Which permission groups contain them. */
export const permissions = {
  [permission.read]: ["Zero Trust Read", "Zero Trust Write"],
  [permission.write]: ["Zero Trust Write"],
};

/** The kind of scope key that device policies have. */
export const kind = "device-policy";

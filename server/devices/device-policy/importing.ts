import type { Handle } from "../../db/database.ts";
import { invalid } from "../../failure.ts";
import type { Context } from "../../operation/operation.ts";
import type { Visible } from "../../operation/visible.ts";
import { type DevicePolicy, devicePoliciesMax } from "./device-policy.ts";
import { checkMatch, type SentSettings, withSettings } from "./operations.ts";
import { deleteDevicePolicy, insertDevicePolicy, listDevicePolicies, updateDevicePolicy } from "./store.ts";

/** A device policy as an import brings it: what is absent stays as it is. */
export type BroughtPolicy = {
  readonly id?: string;
  readonly name?: string;
  readonly description?: string;
  readonly match?: string;
  readonly precedence?: number;
  readonly enabled?: boolean;
  readonly settings?: SentSettings;
  /** Microseconds since the epoch. */
  readonly createdAt?: number;
};

/**
 * A custom device policy as it would be with what is brought. Throws Failure `invalid` where that is no device policy;
 * whether its precedence is free is for the caller to see.
 */
export function withBrought(
  { ids, now }: Pick<Context, "ids" | "now">,
  before: DevicePolicy | null,
  brought: BroughtPolicy,
): DevicePolicy {
  const { id, name, match, precedence, settings = {}, createdAt = now, ...others } = brought;
  for (const [member, value] of Object.entries({ name, match, precedence }))
    if (!before && value === undefined) throw invalid(`/${member}`, `${member}: required`);
  if (match !== undefined) checkMatch(match);
  const blank = { name: "", description: "", match: "", precedence: 0, enabled: true, isDefault: false };
  const times = { settings: {}, createdAt, updatedAt: now };
  const known: DevicePolicy = before ?? { id: id ?? ids.uuid(), ...blank, ...times };
  return {
    ...known,
    ...others,
    ...(name !== undefined && { name }),
    ...(match !== undefined && { match }),
    ...(precedence !== undefined && { precedence }),
    settings: withSettings(known.settings, settings),
  };
}

/** The default device policy with what is brought; where it `takesOver`, it gets the id and the age of what is brought. */
export function defaultWithBrought(
  before: DevicePolicy,
  { id = before.id, createdAt = before.createdAt, settings = {} }: BroughtPolicy,
  takesOver: boolean,
): DevicePolicy {
  const own = takesOver ? { id, createdAt } : {};
  return { ...before, ...own, settings: withSettings(before.settings, settings) };
}

/** Keeps a device policy; the default one may have another id than before, if nothing names it. */
export async function keepDevicePolicy(
  db: Handle,
  accountId: string,
  before: DevicePolicy | null,
  after: DevicePolicy,
): Promise<void> {
  if (before && before.id === after.id) return updateDevicePolicy(db, accountId, after);
  if (before) await deleteDevicePolicy(db, accountId, before.id);
  await insertDevicePolicy(db, accountId, after);
}

/** All device policies that may be seen, in the order that they are tried. */
export async function listedPolicies(
  db: Handle,
  accountId: string,
  visible: Visible,
): Promise<readonly DevicePolicy[]> {
  const everything = { limit: devicePoliciesMax + 1, offset: 0 };
  return (await listDevicePolicies(db, accountId, true, visible, everything)).items;
}

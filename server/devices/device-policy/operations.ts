import type { Handle } from "../../db/database.ts";
import { conflict, invalid } from "../../failure.ts";
import { chainOf } from "../../iam/scope.ts";
import type { Membership } from "../../operation/caller.ts";
import {
  type Change,
  type Context,
  list,
  type Path,
  read,
  type Target,
  write,
} from "../../operation/operation.ts";
import type { Page } from "../../operation/page.ts";
import { checkPredicate } from "../../selector/check.ts";
import { readExpression } from "../../selector/expression.ts";
import { SelectorError } from "../../selector/predicate.ts";
import { type DevicePolicy, devicePoliciesMax, kind, permission } from "./device-policy.ts";
import { defaults, type SettingName, type Settings, settingNames } from "./settings.ts";
import {
  countDevicePolicies,
  deleteDevicePolicy,
  findByPrecedence,
  findDefault,
  findDevicePolicy,
  insertDevicePolicy,
  listDevicePolicies,
  updateDevicePolicy,
} from "./store.ts";

/** Settings as they are sent: what is absent stays, `null` goes back to what is documented. */
export type SentSettings = { readonly [Name in SettingName]?: Settings[Name] | null };

/** What makes a device policy. */
export type Creation = Pick<DevicePolicy, "name" | "description" | "enabled"> & {
  readonly match: string;
  readonly precedence: number;
  readonly settings: SentSettings;
};

/** What changes a device policy; what is absent stays. */
export type Edit = Partial<Creation> & { readonly settings: SentSettings };

const declared = { resource: kind, sees: permission.read } as const;

async function target(db: Handle, { accountId }: Membership, path: Path): Promise<Target<DevicePolicy>> {
  return found(accountId, await findDevicePolicy(db, accountId, path.policy_id ?? ""));
}

async function theDefault(db: Handle, { accountId }: Membership): Promise<Target<DevicePolicy>> {
  return found(accountId, await findDefault(db, accountId));
}

function found(accountId: string, devicePolicy: DevicePolicy | undefined): Target<DevicePolicy> {
  return devicePolicy
    ? { chain: chainOf(accountId, kind, devicePolicy.id), noun: devicePolicy }
    : { missing: "device policy" };
}

/** The account's device policies but the default one, in the order that they are tried. */
export const listCustomPolicies = list<{ page: Page }, DevicePolicy>({
  name: "device-policy.list",
  summary: "List device policies",
  access: { permission: permission.read },
  resource: kind,
  run: ({ db, account }, { page }, visible) =>
    listDevicePolicies(db, account.accountId, false, visible, page),
});

/** One device policy. */
export const getDevicePolicy = read<unknown, DevicePolicy, DevicePolicy>({
  ...declared,
  name: "device-policy.get",
  summary: "Get a device policy",
  access: { permission: permission.read },
  target,
  run: async (_context, _input, devicePolicy) => devicePolicy,
});

/** The device policy of every device that no other matches. */
export const getDefaultPolicy = read<unknown, DevicePolicy, DevicePolicy>({
  ...declared,
  name: "device-policy.get-default",
  summary: "Get the default device policy",
  access: { permission: permission.read },
  target: theDefault,
  run: async (_context, _input, devicePolicy) => devicePolicy,
});

/** Makes a device policy. */
export const createDevicePolicy = write<Creation, DevicePolicy>({
  ...declared,
  name: "device-policy.create",
  summary: "Create a device policy",
  access: { permission: permission.write },
  raises: "fleet",
  async run(context, { settings, ...wanted }) {
    const { db, account, ids, now } = context;
    if ((await countDevicePolicies(db, account.accountId)) >= devicePoliciesMax)
      throw conflict(`an account can have ${devicePoliciesMax} device policies`, "too-many");
    const times = { createdAt: now, updatedAt: now };
    const created = {
      ...wanted,
      ...{ id: ids.uuid(), isDefault: false, settings: withSettings({}, settings), ...times },
    };
    await check(context, created);
    await insertDevicePolicy(db, account.accountId, created);
    return { result: created, changes: [changeOf(null, created)] };
  },
});

/** Changes a device policy; equal values written again change nothing. */
export const editDevicePolicy = write<Edit, DevicePolicy, DevicePolicy>({
  ...declared,
  name: "device-policy.update",
  summary: "Change a device policy",
  access: { permission: permission.write },
  raises: "fleet",
  target,
  run: (context, { settings, ...edit }, before) =>
    changed(context, before, {
      ...before,
      ...(before.isDefault ? {} : edit),
      settings: withSettings(before.settings, settings),
    }),
});

/** Changes the default device policy's settings. */
export const editDefaultPolicy = write<{ settings: SentSettings }, DevicePolicy, DevicePolicy>({
  ...declared,
  name: "device-policy.update-default",
  summary: "Change the default device policy",
  access: { permission: permission.write },
  raises: "fleet",
  target: theDefault,
  run: (context, { settings }, before) =>
    changed(context, before, { ...before, settings: withSettings(before.settings, settings) }),
});

/** Deletes a device policy, takes it out of its deployment group, and answers those that are left. */
export const removeDevicePolicy = write<unknown, readonly DevicePolicy[], DevicePolicy>({
  ...declared,
  name: "device-policy.delete",
  summary: "Delete a device policy",
  access: { permission: permission.write },
  raises: "fleet",
  target,
  async run(context, _input, devicePolicy) {
    if (devicePolicy.isDefault) throw conflict("the default device policy can't be deleted", "default");
    const { db, account, now } = context;
    const released = await context.referrers(kind).release(db, account.accountId, devicePolicy.id, now);
    await deleteDevicePolicy(db, account.accountId, devicePolicy.id);
    const visible = account.visible(permission.read, kind);
    const everything = { limit: devicePoliciesMax + 1, offset: 0 };
    const left = await listDevicePolicies(db, account.accountId, true, visible, everything);
    return { result: left.items, changes: [changeOf(devicePolicy, null), ...released] };
  },
});

async function changed(context: Context, before: DevicePolicy, wanted: DevicePolicy) {
  if (JSON.stringify(wanted) === JSON.stringify(before)) return { result: before, changes: [] };
  await check(context, wanted);
  const after = { ...wanted, updatedAt: context.now };
  await updateDevicePolicy(context.db, context.account.accountId, after);
  return { result: after, changes: [changeOf(before, after)] };
}

/** What is sent in the place of what was; `null` takes a setting away. Names stand in one order, to compare as text. */
export function withSettings(before: Settings, sent: SentSettings): Settings {
  checkTunnel(before, sent);
  const merged: Record<string, unknown> = { ...before, ...sent };
  checkNetworks((merged as Settings).virtual_networks);
  return Object.fromEntries(
    settingNames.flatMap((name) => {
      const value = merged[name];
      return value === undefined || value === null ? [] : [[name, value]];
    }),
  );
}

/** Either is set in one request; clients that read both, one of them by default, may send them back as they are. */
function checkTunnel(before: Settings, { exclude, include }: SentSettings): void {
  const present = { ...defaults, ...before };
  const same = JSON.stringify([exclude, include]) === JSON.stringify([present.exclude, present.include]);
  if (exclude?.length && include?.length && !same)
    throw invalid("/include", "include: expected either exclude or include, not both");
}

function checkNetworks(networks: Settings["virtual_networks"] | null): void {
  if (!networks) return;
  const seen = new Set<string>();
  for (const [index, id] of networks.allowed.entries()) {
    const pointer = `/virtual_networks/allowed/${index}`;
    if (seen.has(id)) throw invalid(pointer, `${pointer.slice(1)}: expected each network once`);
    seen.add(id);
  }
  if (!seen.has(networks.default))
    throw invalid("/virtual_networks/default", "virtual_networks/default: expected one of those allowed");
}

async function check({ db, account }: Context, devicePolicy: DevicePolicy): Promise<void> {
  if (devicePolicy.match !== null) checkMatch(devicePolicy.match);
  if (devicePolicy.precedence === null) return;
  const other = await findByPrecedence(db, account.accountId, devicePolicy.precedence);
  if (other && other.id !== devicePolicy.id)
    throw invalid(
      "/precedence",
      `precedence: expected one that no other device policy has; ${devicePolicy.precedence} is taken`,
    );
}

/** Throws Failure `invalid` for what is no match expression of a device policy. */
export function checkMatch(match: string): void {
  // The language takes nothing for nobody: here it is a mistake, as an empty text is.
  if (match.trim() === "") throw invalid("/match", "match: expected an expression");
  try {
    checkPredicate(readExpression(match), "device-policy");
  } catch (error) {
    if (!(error instanceof SelectorError)) throw error;
    throw invalid("/match", `match: at character ${error.at}: ${error.message}`);
  }
}

function changeOf(before: DevicePolicy | null, after: DevicePolicy | null): Change {
  const { id, name } = (after ?? before) as DevicePolicy;
  return { resource: { kind, id, name }, before, after };
}

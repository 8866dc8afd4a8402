import { missing } from "../../failure.ts";
import { chainOf } from "../../iam/scope.ts";
import { read } from "../../operation/operation.ts";
import type { Referrer } from "../../operation/reference.ts";
import { compileMatcher } from "../../selector/closure.ts";
import { explainParts, type Part } from "../../selector/explain.ts";
import {
  atTime,
  type Device,
  type DeviceNow,
  deviceTarget,
  permission as ofDevice,
  subjectOf,
} from "../device/index.ts";
import { findMembership, type Membership } from "../membership/index.ts";
import { type DeviceGroup, type GroupRules, kind, permission } from "./device-group.ts";
import { excludedAmong } from "./exclusion-store.ts";
import { declared, groupTarget } from "./operations.ts";
import { findMatching } from "./preview-store.ts";
import { isEmpty, predicateOf } from "./selector.ts";

/** Devices that a preview shows. */
export const sampleMax = 20;

/** What a selector would select. */
export type Preview = { readonly count: number; readonly sample: readonly DeviceNow[] };

/** Says which devices rules would select, of those that the caller may see. Nothing is kept. */
export const previewGroup = read<{ rules: GroupRules; pointer: string; sample: number }, Preview>({
  ...declared,
  name: "device-group.preview",
  summary: "Count and sample the devices that rules would select",
  access: { permission: permission.read },
  aside: () => true,
  async run({ db, account, now }, { rules, pointer, sample }) {
    const predicate = predicateOf(rules, pointer);
    const visible = account.visible(ofDevice.read, "device");
    const { total, devices } = await findMatching(db, account.accountId, predicate, visible, sample);
    return { count: total, sample: devices.map((device) => atTime(device, now)) };
  },
});

/** Why a device is in a group, or is not. */
export type Explained = {
  readonly group: DeviceGroup;
  readonly device: Device;
  readonly membership: Membership | undefined;
  readonly excluded: boolean;
  /** Whether the rules fit it; null for a group without rules. */
  readonly matches: boolean | null;
  readonly parts: readonly Part[];
};

/** Says how each part of a group's rules went for one device. */
export const explainMembership = read<{ ref: string }, Explained, DeviceGroup>({
  ...declared,
  name: "device-group.explain",
  summary: "Explain why a device is in a device group, or is not",
  access: { permission: permission.read },
  target: groupTarget,
  async run({ db, account }, { ref }, group) {
    const target = await deviceTarget(db, account, { device_id: ref });
    if ("missing" in target) throw missing("device");
    const sight = account.authorize(ofDevice.read, target.readChain ?? target.chain);
    if (!sight.allowed) throw missing("device");
    const device = target.noun;
    const { accountId } = account;
    const excluded = (await excludedAmong(db, accountId, group.id, [device.id])).has(device.id);
    const membership = await findMembership(db, accountId, group.id, device.id);
    if (!group.rules) return { group, device, membership, excluded, matches: null, parts: [] };
    const predicate = predicateOf(group.rules);
    const subject = subjectOf(accountId, device, []);
    const matches = !isEmpty(group.rules) && compileMatcher(predicate)(subject);
    return { group, device, membership, excluded, matches, parts: explainParts(predicate, subject) };
  },
});

/** What names a group. */
export type Usage = {
  readonly group: DeviceGroup;
  readonly users: readonly Referrer[];
  readonly hidden: number;
};

/** Says what refers to a group, as far as the caller may see it. */
export const groupUsage = read<unknown, Usage, DeviceGroup>({
  ...declared,
  name: "device-group.usage",
  summary: "Say what refers to a device group",
  access: { permission: permission.read },
  target: groupTarget,
  async run({ db, account, referrers }, _input, group) {
    const all = await referrers(kind).find(db, account.accountId, [group.id]);
    const users = all.filter(
      (user) =>
        account.authorize(`${user.kind}.read`, chainOf(account.accountId, user.kind, user.id)).allowed,
    );
    return { group, users, hidden: all.length - users.length };
  },
});

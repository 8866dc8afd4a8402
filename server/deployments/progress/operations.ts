import type { Handle } from "../../db/database.ts";
import {
  atTime,
  type DeviceNow,
  type Filter,
  listDevices,
  permission as ofDevice,
} from "../../devices/device/index.ts";
import { chainOf } from "../../iam/scope.ts";
import type { Membership } from "../../operation/caller.ts";
import { type Context, list, type Path, read, type Target } from "../../operation/operation.ts";
import type { Listed, Page } from "../../operation/page.ts";
import {
  type DeploymentGroup,
  findDeploymentGroup,
  kind as groupKind,
  permission as ofGroup,
} from "../deployment-group/index.ts";
import { presentWorld } from "../desired-state/index.ts";
import { type DeviceInProgress, type ReasonCount, type State, states, wanted } from "./progress.ts";
import { type Asked, countReasons, countStates, listInProgress } from "./store.ts";

/** What a list of devices is asked for. */
export type Asking = { readonly filter: Filter; readonly state?: State; readonly byReason?: boolean };

/** The devices of the account; with a state, those that stand so to what they should run, and why. */
export const listAllDevices = list<Asking & { page: Page }, DeviceInProgress>({
  name: "device.list",
  summary: "List devices",
  access: { permission: ofDevice.read },
  resource: "device",
  aside: ({ filter, state }: Asking) => state !== undefined || Object.keys(filter).length > 0,
  async run(context, { filter, state, byReason = false, page }, visible) {
    const { db, account, now } = context;
    if (filter.groupId !== undefined && !mayReadGroup(account, filter.groupId))
      return { items: [], total: 0, next: null };
    if (state === undefined)
      return timed(await listDevices(db, account.accountId, filter, visible, page), now);
    const asked = await askedOf(context, { filter, visible, states: wanted[state] });
    const listed = timed(await listInProgress(db, asked, page), now);
    return byReason ? { ...listed, summary: await countReasons(db, asked) } : listed;
  },
});

/** A hidden group answers like one that is not there. */
function mayReadGroup(account: Membership, groupId: string): boolean {
  return account.authorize("device-group.read", chainOf(account.accountId, "device-group", groupId)).allowed;
}

async function target(db: Handle, { accountId }: Membership, path: Path): Promise<Target<DeploymentGroup>> {
  const group = await findDeploymentGroup(db, accountId, path.group_id ?? "");
  return group
    ? { chain: chainOf(accountId, groupKind, group.id), noun: group }
    : { missing: "deployment group" };
}

/** The devices that a deployment group targets, of those that the caller may see, and how many stand how. */
export const listTargetedDevices = read<
  { state?: State; page: Page },
  Listed<DeviceInProgress>,
  DeploymentGroup
>({
  name: "deployment-group.list-devices",
  summary: "List the devices that a deployment group targets, and how far they are",
  access: { permission: ofGroup.read },
  sees: ofGroup.read,
  resource: groupKind,
  aside: () => true,
  target,
  async run(context, { state, page }, group) {
    const { db, account, now } = context;
    const visible = account.visible(ofDevice.read, "device");
    const all = await askedOf(context, { filter: {}, visible, groupId: group.id });
    const asked = state === undefined ? all : { ...all, states: [state] };
    const counted = await countStates(db, all);
    const counts = Object.fromEntries(states.map((each) => [each, counted.get(each) ?? 0]));
    return { ...timed(await listInProgress(db, asked, page), now), summary: counts };
  },
});

async function askedOf(
  { db, account: { accountId }, now }: Context,
  more: Omit<Asked, "accountId" | "world" | "now">,
): Promise<Asked> {
  return { ...more, accountId, world: await presentWorld(db, accountId), now };
}

function timed<Item extends Parameters<typeof atTime>[0]>(
  listed: Listed<Item>,
  now: number,
): Listed<DeviceNow & Item> {
  return { ...listed, items: listed.items.map((device) => ({ ...device, ...atTime(device, now) })) };
}

/** How many devices are stuck for which reason. */
export type Reasons = readonly ReasonCount[];

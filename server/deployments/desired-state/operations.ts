import { fleetRevision } from "../../accounts/account/index.ts";
import type { Handle } from "../../db/database.ts";
import {
  type Device,
  type DeviceInGroups,
  deviceInGroupsTarget,
  kind,
  permission,
  subjectOf,
} from "../../devices/device/index.ts";
import { namesOfGroups } from "../../devices/device-group/index.ts";
import {
  type DevicePolicy,
  permission as ofPolicy,
  kind as policyKind,
} from "../../devices/device-policy/index.ts";
import { chainOf } from "../../iam/scope.ts";
import type { Caller } from "../../operation/caller.ts";
import { type AtHand, type Context, type Path, type Ready, read } from "../../operation/operation.ts";
import type { Subject } from "../../selector/closure.ts";
import { environmentKey } from "../../selector/environment.ts";
import { explainParts } from "../../selector/explain.ts";
import { readExpression } from "../../selector/expression.ts";
import type { Asked } from "./asked.ts";
import { matcherOf } from "./matchers.ts";
import { type Resolved, resolve, type Step } from "./resolve.ts";
import type { Configuration, Roster, Told } from "./roster.ts";
import { sortOf } from "./sort.ts";
import { presentWorld } from "./world.ts";

/** What a device should run now, and why. */
export type DesiredState = Resolved & {
  readonly deviceId: string;
  /** Raised with every change of the account's configuration. */
  readonly revision: number;
  readonly environment: string;
  /** What all devices of its sort are told, where it is that. */
  readonly told?: Told;
};

/** What this room keeps in memory: `roster` where this process alone writes to the store. */
export type Memory = { readonly roster: Roster | undefined; readonly asked: Asked };

/** Under which it is kept. */
export const memoryKey = Symbol("desired states");

type Input = { readonly explain: boolean };

/** What a device should run. With `explain`, the whole way to it. */
export const getDesiredState = read<Input, DesiredState, DeviceInGroups>({
  name: "desired-state.get",
  summary: "Get what a device should run, and why",
  access: { permission: permission.read },
  resource: kind,
  sees: permission.read,
  target: deviceInGroupsTarget,
  atHand(context, path, { explain }) {
    return explain ? undefined : readyFor(context, path);
  },
  async run(context, { explain }, { device, groupIds }) {
    const { db, account } = context;
    const { roster } = noted(context, device.id);
    const { accountId } = account;
    const changes = roster?.changes(accountId);
    const configuration = await presentConfiguration(db, accountId);
    const subject = subjectOf(accountId, device, await namesOfGroups(db, accountId, groupIds));
    const resolved = await resolveIn(configuration, device, subject);
    if (roster && changes !== undefined) {
      const position = positionOf(configuration, resolved);
      roster.note(accountId, changes, configuration, device.id, sortOf(device, position));
    }
    const { devicePolicies } = configuration.world;
    const steps = explain ? explained(context, resolved, devicePolicies, subject) : [];
    return stateOf(device, { ...resolved, steps }, configuration.revision);
  },
});

/** The answer to a device that is known by its id; its own credential reads it whatever groups it is in. */
function readyFor(context: AtHand, { device_id: id = "" }: Path): Ready<DesiredState> | undefined {
  const { account, caller } = context;
  const { roster } = context.kept<Memory>(memoryKey);
  const told = roster?.find(account.accountId, id);
  if (!told) return undefined;
  const { resolved, environment, revision } = told;
  const output = { ...resolved, deviceId: id, revision, environment, told };
  if (!isItself(caller, id)) return { output };
  noted(context, id);
  return { output, chain: chainOf(account.accountId, kind, id) };
}

/** Notes that a device itself asked. */
function noted({ account, caller, now, kept }: AtHand, deviceId: string): Memory {
  const memory = kept<Memory>(memoryKey);
  if (isItself(caller, deviceId)) memory.asked.note(account.accountId, deviceId, now);
  return memory;
}

function isItself(caller: Caller, deviceId: string): boolean {
  return caller.type === "device" && caller.id === deviceId;
}

/** The present configuration of an account. */
export async function presentConfiguration(db: Handle, accountId: string): Promise<Configuration> {
  // The counter is read first: with an older number than the configuration's, the next change is seen as one.
  const revision = await fleetRevision(db, accountId);
  return { revision, world: await presentWorld(db, accountId) };
}

/** What a device should run under a configuration. */
export function resolveIn({ world }: Configuration, device: Device, subject: Subject): Promise<Resolved> {
  const candidates = world.devicePolicies.map((devicePolicy) => ({
    ...devicePolicy,
    matches: () => devicePolicy.match !== null && matcherOf(devicePolicy.match)(subject),
  }));
  return resolve(device, candidates, async (id) => world.holders.get(id));
}

/** A device's desired state out of what was resolved. */
export function stateOf(device: Device, resolved: Resolved, revision: number): DesiredState {
  return { ...resolved, deviceId: device.id, revision, environment: environmentKey(device.platform) };
}

function positionOf({ world: { devicePolicies } }: Configuration, { devicePolicy }: Resolved): number {
  return devicePolicies.findIndex(({ id }) => id === devicePolicy?.id);
}

/** What a policy asks is shown to whoever may read the policy, and so is one that was tried and not taken. */
function explained(
  { account }: Context,
  { steps, devicePolicy: taken }: Resolved,
  devicePolicies: readonly DevicePolicy[],
  subject: Subject,
): Step[] {
  const byId = new Map(devicePolicies.map((each) => [each.id, each]));
  return steps.map((step) => {
    const devicePolicy = step.step === "device_policy" ? byId.get(step.found?.id ?? "") : undefined;
    if (!devicePolicy) return step;
    const chain = chainOf(account.accountId, policyKind, devicePolicy.id);
    if (!account.authorize(ofPolicy.read, chain).allowed)
      return devicePolicy.id === taken?.id ? step : { ...step, found: null };
    if (!devicePolicy.match) return step;
    return { ...step, parts: explainParts(readExpression(devicePolicy.match), subject) };
  });
}

import type { Handle } from "../../db/database.ts";
import { permission, sqlSubjectOf } from "../../devices/device/index.ts";
import type { DevicePolicy } from "../../devices/device-policy/index.ts";
import type { Membership } from "../../operation/caller.ts";
import { type Impact, type MovedDevice, sampleMax } from "../../operation/impact.ts";
import type { Change } from "../../operation/operation.ts";
import { type Alike, type Compared, countAlike, someAlike } from "./impact-store.ts";
import { devicesMoved, membershipsAfter } from "./membership-sql.ts";
import { gathersWholeFleets, meant, policyIndexSql } from "./policy-sql.ts";
import { assigned, type Resolved } from "./resolve.ts";
import { touchedBy } from "./touched.ts";
import { presentWorld, type World, worldAfter } from "./world.ts";

const kinds: readonly string[] = ["device-group", "device-policy", "deployment-group"];
const nothing: Impact = { devices: 0, sampled: false, sample: [] };

/**
 * How many devices would get another desired version by changes of device groups, device policies and deployment
 * groups, and a few of them: the old configuration against the new one, counted exactly. Only devices that the caller
 * may see count. Undefined where the changes are of other kinds.
 */
export async function weighFleet(
  db: Handle,
  account: Membership,
  changes: readonly Change[],
): Promise<Impact | undefined> {
  const own = changes.filter(({ resource }) => kinds.includes(resource.kind));
  if (own.length === 0) return changes.length === 0 ? nothing : undefined;
  const { accountId } = account;
  const before = await presentWorld(db, accountId);
  const after = worldAfter(before, own);
  const sources = {
    before: sqlSubjectOf(accountId),
    after: sqlSubjectOf(accountId, membershipsAfter(accountId, own)),
  };
  const touched = touchedBy(before, after, own);
  if (touched.devicePolicies.length === 0 && !touched.others) return nothing;
  const only = devicesMoved(own);
  const gathers = only === undefined && gathersWholeFleets(db);
  const samePositions = touched.moved.length === 0;
  const position = policyIndexSql(accountId, before.devicePolicies, { gathers, source: sources.before });
  const compared: Compared = {
    accountId,
    visible: account.visible(permission.read, "device"),
    before: position,
    after: samePositions
      ? null
      : policyIndexSql(accountId, after.devicePolicies, { gathers, source: sources.after }),
    only,
    meant: touched.others ? null : touched.devicePolicies.flatMap((each) => meant(each, sources)),
  };
  return count(db, compared, before, after);
}

async function count(db: Handle, compared: Compared, before: World, after: World): Promise<Impact> {
  const moved = (await countAlike(db, compared)).filter((sort) => {
    const { version } = inWorld(before, sort.before, sort.environment);
    return version !== inWorld(after, sort.after, sort.environment).version;
  });
  if (moved.length === 0) return nothing;
  const some = await someAlike(db, compared, moved, sampleMax);
  return {
    devices: moved.reduce((total, { devices }) => total + devices, 0),
    sampled: false,
    sample: some.map((device) => shown(device, before, after)),
  };
}

function inWorld({ devicePolicies, holders }: World, position: number, environment: string): Resolved {
  const devicePolicy = devicePolicies[position] as DevicePolicy;
  return assigned({ platform: environment }, devicePolicy, holders.get(devicePolicy.id), []);
}

function shown(
  { id, environment, ...positions }: Omit<Alike, "devices"> & { id: string },
  before: World,
  after: World,
): MovedDevice {
  const now = inWorld(before, positions.before, environment);
  const then = inWorld(after, positions.after, environment);
  return {
    ...{ device_id: id, before: now.version, after: then.version },
    reason: {
      code: then.reason,
      device_policy: then.devicePolicy && { ...then.devicePolicy },
      deployment_group: then.deploymentGroup && { ...then.deploymentGroup },
      entry: then.entry,
    },
  };
}

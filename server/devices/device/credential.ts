import { chainOf, objectKey } from "../../iam/scope.ts";
import type { Caller, Decision, Membership } from "../../operation/caller.ts";
import type { Target } from "../../operation/operation.ts";
import { kind, permission } from "./device.ts";
import type { Brief } from "./store.ts";

/** The account in which a device's secret opens it, as it was when it was looked up, at a version of the store. */
export type DevicePlace = {
  readonly accountId: string;
  readonly orgId: string;
  readonly rightsRevision: number;
  readonly asOf: number | undefined;
};

/** What a device's secret opens. */
export type OpenedDevice = { readonly device: Brief; readonly memberships: readonly [Membership] };

const yes: Decision = { allowed: true, decidedBy: "allow" };
const no: Decision = { allowed: false, decidedBy: "no-allow" };

/** What a device may do, with itself alone. */
const permitted: ReadonlySet<string> = new Set([permission.read, permission.report, permission.register]);

/** A device that calls with its own credential: it may read and report itself, and nothing else. */
export function callingDevice({ device, memberships }: OpenedDevice, address: string): Caller {
  const { id, identifier: label } = device;
  return { type: "device", id, label, address, ownsInstallation: false, standing: "active", memberships };
}

/** The device whose own credential a membership came with, if it is the one with this id. */
export function itselfIn({ own }: Membership, deviceId: string | undefined): Target<Brief> | undefined {
  const target = own as Own | undefined;
  return target && (deviceId === undefined || deviceId === target.noun.id) ? target : undefined;
}

type Own = { readonly noun: Brief; readonly chain: readonly string[] };

/** What a device may do in its account, and what is known of it there. */
export function placeOf(
  device: Brief,
  { accountId, orgId, rightsRevision: revision, asOf }: DevicePlace,
): Membership {
  const { id: deviceId } = device;
  const key = objectKey(kind, deviceId);
  const own: Own = { noun: device, chain: chainOf(accountId, kind, deviceId) };
  const nothing = { groups: [], exceptGroups: [] } as const;
  const itself = [{ every: false, ids: [deviceId], except: [], through: nothing }];
  const nobody = [{ every: false, ids: [], except: [], through: nothing }];
  const may = (asked: string, of: string) => of === kind && permitted.has(asked);
  return {
    ...{ accountId, orgId, revision, rights: {}, own, asOf },
    // Registering again is decided on the kind as a whole: that it is itself is looked at there.
    authorize: (asked, chain) =>
      permitted.has(asked) && (asked === permission.register || chain.includes(key)) ? yes : no,
    visible: (asked, of) => (may(asked, of) ? itself : nobody),
    notDenied: () => [],
    holds: may,
  };
}

import { objectKey } from "../../iam/scope.ts";
import type { Caller, Decision, Membership } from "../../operation/caller.ts";
import { kind, permission } from "./device.ts";

/** What a device's secret opens. */
export type OpenedDevice = {
  readonly accountId: string;
  readonly orgId: string;
  readonly rightsRevision: number;
  readonly deviceId: string;
  readonly identifier: string;
};

const yes: Decision = { allowed: true, decidedBy: "allow" };
const no: Decision = { allowed: false, decidedBy: "no-allow" };

/** What a device may do, with itself alone. */
const own: ReadonlySet<string> = new Set([permission.read, permission.report, permission.register]);

/** A device that calls with its own credential: it may read and report itself, and nothing else. */
export function callingDevice(opened: OpenedDevice, address: string): Caller {
  const { deviceId: id, identifier: label } = opened;
  const who = { type: "device", id, label, address } as const;
  return { ...who, ownsInstallation: false, standing: "active", memberships: [placeOf(opened)] };
}

function placeOf({ accountId, orgId, rightsRevision: revision, deviceId }: OpenedDevice): Membership {
  const key = objectKey(kind, deviceId);
  const nothing = { groups: [], exceptGroups: [] } as const;
  const itself = [{ every: false, ids: [deviceId], except: [], through: nothing }];
  const nobody = [{ every: false, ids: [], except: [], through: nothing }];
  const may = (permitted: string, of: string) => of === kind && own.has(permitted);
  return {
    ...{ accountId, orgId, revision, rights: {} },
    // Registering again is decided on the kind as a whole: that it is itself is looked at there.
    authorize: (asked, chain) =>
      own.has(asked) && (asked === permission.register || chain.includes(key)) ? yes : no,
    visible: (asked, of) => (may(asked, of) ? itself : nobody),
    notDenied: () => [],
    holds: may,
  };
}

import type { Handle } from "../../db/database.ts";
import { chainOf, chainOfKind } from "../../iam/scope.ts";
import type { Membership as Place } from "../../operation/caller.ts";
import { showsAll } from "../../operation/visible.ts";
import { chainsOf, permission as ofDevice } from "../device/index.ts";
import { groupsOfDevices } from "../membership/index.ts";
import { kind, permission } from "./device-group.ts";

/** What a caller may know of a device, and whether it may put it into the group in question. */
export type Reach = {
  /** A deny hides it, whatever else may be allowed. */
  readonly denied: boolean;
  /** The caller may know that it is there. */
  readonly known: boolean;
  readonly placeable: boolean;
};

const whole: Reach = { denied: false, known: true, placeable: true };
const nothing: Reach = { denied: true, known: false, placeable: false };

/**
 * How far a caller's hand reaches to some devices, seen from a group that it may change the members of. A
 * device may be put into that group by whoever may read it, or already may change its memberships, by a key
 * other than that group's, if that does not let it see what it could not: else the right to fill one group
 * would be the right to see every device.
 */
export async function reachFrom(
  db: Handle,
  account: Place,
  groupId: string,
  deviceIds: readonly string[],
): Promise<(deviceId: string) => Reach> {
  if (showsAll(account.visible(ofDevice.read, "device"))) return () => whole;
  const mayChange = (chain: readonly string[]) => account.authorize(permission.changeMembers, chain).allowed;
  const mayChangeMembers = (id: string) => mayChange(chainOf(account.accountId, kind, id));
  const changesAll = mayChange(chainOfKind(account.accountId, kind));
  const groupsByDevice = await groupsOfDevices(db, account.accountId, deviceIds);
  return (deviceId) => {
    const groups = groupsByDevice.get(deviceId) ?? [];
    const sight = account.authorize(ofDevice.read, chainsOf(account.accountId, deviceId, groups).readChain);
    if (sight.decidedBy === "deny") return nothing;
    const others = groups.filter((id) => id !== groupId);
    const { readChain } = chainsOf(account.accountId, deviceId, others);
    const readable = account.authorize(ofDevice.read, readChain).allowed;
    const inGroup = chainsOf(account.accountId, deviceId, [...others, groupId]).readChain;
    const wouldSee = account.authorize(ofDevice.read, inGroup).allowed;
    const placeable = readable || (!wouldSee && (changesAll || others.some(mayChangeMembers)));
    return { denied: false, known: sight.allowed || placeable, placeable };
  };
}

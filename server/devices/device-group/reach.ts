import type { Handle } from "../../db/database.ts";
import { chainOf, chainOfKind } from "../../iam/scope.ts";
import type { Membership as Place } from "../../operation/caller.ts";
import { showsAll } from "../../operation/visible.ts";
import { chainsOf, permission as ofDevice } from "../device/index.ts";
import { groupsOfDevices } from "../membership/index.ts";
import { kind, permission } from "./device-group.ts";

/** What a caller may know of a device, and whether it may put it into the group in question. */
export type Reach = { readonly hidden: boolean; readonly placeable: boolean };

/**
 * How far a caller's hand reaches to some devices, seen from a group that it may change the members of. A
 * device may be put into that group by whoever may read it, or already may change its memberships, by a key
 * other than that group's: else the right to fill one group would be the right to see every device.
 */
export async function reachFrom(
  db: Handle,
  account: Place,
  groupId: string,
  deviceIds: readonly string[],
): Promise<(deviceId: string) => Reach> {
  if (showsAll(account.visible(ofDevice.read, "device"))) return () => ({ hidden: false, placeable: true });
  const mayChange = (chain: readonly string[]) => account.authorize(permission.changeMembers, chain).allowed;
  const mayChangeMembers = (id: string) => mayChange(chainOf(account.accountId, kind, id));
  const changesAll = mayChange(chainOfKind(account.accountId, kind));
  const groupsByDevice = await groupsOfDevices(db, account.accountId, deviceIds);
  return (deviceId) => {
    const groups = groupsByDevice.get(deviceId) ?? [];
    const sight = account.authorize(ofDevice.read, chainsOf(account.accountId, deviceId, groups).readChain);
    if (sight.decidedBy === "deny") return { hidden: true, placeable: false };
    const others = groups.filter((id) => id !== groupId);
    const { readChain } = chainsOf(account.accountId, deviceId, others);
    const placeable =
      changesAll || account.authorize(ofDevice.read, readChain).allowed || others.some(mayChangeMembers);
    return { hidden: !sight.allowed && !placeable, placeable };
  };
}

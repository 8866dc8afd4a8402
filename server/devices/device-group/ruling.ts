import { Failure } from "../../failure.ts";
import { chainOfKind, kindKey, objectKey } from "../../iam/scope.ts";
import type { Context } from "../../operation/operation.ts";
import { permission as ofDevice, kind as ofDevices } from "../device/index.ts";
import { type DeviceGroup, type GroupRules, kind, permission } from "./device-group.ts";
import { isEmpty } from "./selector.ts";

/**
 * Rules can put any device of the account into a group, so they take what putting each of them there by hand takes (see
 * `reachFrom`): to read all devices by another key than this group's, or to change the members of all groups without
 * gaining sight of devices by it.
 *
 * @throws Failure `forbidden`
 */
export function checkMayRule(
  { account, groupsContaining }: Pick<Context, "account" | "groupsContaining">,
  group: DeviceGroup | null,
  rules: GroupRules | null,
): void {
  if (!rules || isEmpty(rules)) return;
  const { accountId } = account;
  const devices = chainOfKind(accountId, ofDevices);
  if (account.authorize(ofDevice.read, devices).allowed) return;
  const through = [...devices, kindKey(kind), ...(group ? [objectKey(kind, group.id)] : [])];
  const wouldSee = account.authorize(ofDevice.read, through).allowed;
  const changesAll = account.authorize(permission.changeMembers, chainOfKind(accountId, kind)).allowed;
  if (changesAll && !wouldSee) return;
  const permissionGroups = groupsContaining(ofDevice.read);
  throw new Failure(
    "forbidden",
    `rules may put any device into the group: ${ofDevice.read} is needed on all devices; it is in ${permissionGroups.join(", ")}`,
    { needs: { permission: ofDevice.read, permissionGroups, decidedBy: "no-allow" } },
  );
}

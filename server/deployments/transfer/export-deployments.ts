import { type DevicePolicy, listedPolicies, permission } from "../../devices/device-policy/index.ts";
import { printInstant } from "../../operation/instant.ts";
import type { StreamContext } from "../../operation/operation.ts";
import {
  type DeploymentGroup,
  deploymentGroupsBehind,
  permission as ofGroup,
} from "../deployment-group/index.ts";
import type { Given } from "./line.ts";
import { paged, pageSize } from "./pages.ts";

const time = (us: number) => printInstant(us, "shortest");

/** All device policies that may be seen, in the order that they are tried. */
export async function* devicePoliciesOf({ read, account }: StreamContext): AsyncGenerator<Given> {
  const visible = account.visible(permission.read, "device-policy");
  for (const each of await read((db) => listedPolicies(db, account.accountId, visible)))
    yield policyLine(each);
}

function policyLine(devicePolicy: DevicePolicy): Given {
  const { id, name, description, match, precedence, enabled, isDefault, settings, createdAt } = devicePolicy;
  const own = { name, description, match, precedence, enabled };
  return {
    ...{ type: "device_policy", id, ...(isDefault ? { default: true } : own) },
    settings,
    created_at: time(createdAt),
  };
}

/** All deployment groups that may be seen, oldest first. */
export async function* deploymentGroupsOf({ read, account }: StreamContext): AsyncGenerator<Given> {
  const visible = account.visible(ofGroup.read, "deployment-group");
  const groups = paged<DeploymentGroup>((last) =>
    read((db) => deploymentGroupsBehind(db, account.accountId, visible, last, pageSize)),
  );
  for await (const group of groups) yield groupLine(group);
}

function groupLine({ id, name, targets, policyIds, createdAt }: DeploymentGroup): Given {
  const version_config = targets.map(({ environment, version }) => {
    return { target_environment: environment, version };
  });
  return {
    ...{ type: "deployment_group", id, name, version_config },
    ...(policyIds && { policy_ids: policyIds }),
    created_at: time(createdAt),
  };
}

import { permission as ofDevice } from "../../devices/device/index.ts";
import { permission as ofDeviceGroup } from "../../devices/device-group/index.ts";
import { permission as ofDevicePolicy } from "../../devices/device-policy/index.ts";
import { invalid } from "../../failure.ts";
import { chainOfKind } from "../../iam/scope.ts";
import { permission as ofUserGroup } from "../../iam/user-group/index.ts";
import { forbidden } from "../../operation/admit.ts";
import { type StreamContext, stream } from "../../operation/operation.ts";
import { permission as ofDeploymentGroup } from "../deployment-group/index.ts";
import { kind } from "./applying.ts";
import { deploymentGroupsOf, devicePoliciesOf } from "./export-deployments.ts";
import { devicesOf, groupsOf, membershipsOf } from "./export-devices.ts";
import { userGroupsOf } from "./export-people.ts";
import { type Given, type LineType, lineTypes } from "./line.ts";

/** How the lines of one type are found, and what seeing them takes. */
type Source = {
  readonly permission: string;
  readonly resource: string;
  lines(context: StreamContext): AsyncIterable<Given>;
};

const sources: Readonly<Record<LineType, Source>> = {
  user_group: { permission: ofUserGroup.read, resource: "user-group", lines: userGroupsOf },
  device_group: { permission: ofDeviceGroup.read, resource: "device-group", lines: groupsOf },
  device: { permission: ofDevice.read, resource: "device", lines: devicesOf },
  membership: { permission: ofDeviceGroup.read, resource: "device-group", lines: membershipsOf },
  device_policy: { permission: ofDevicePolicy.read, resource: "device-policy", lines: devicePoliciesOf },
  deployment_group: {
    permission: ofDeploymentGroup.read,
    resource: "deployment-group",
    lines: deploymentGroupsOf,
  },
};

/** Which lines an export gives; all where none are named. */
export type Wanted = { readonly types?: readonly string[] };

/** Gives all of an account that the caller may see, so that an import of it makes the same again. Never a credential. */
export const exportLines = stream<Wanted, Given>({
  name: "transfer.export",
  summary: "Export devices, groups, memberships, device policies, deployment groups and user groups",
  access: { to: "everyone", reason: "of each type it gives what the caller may see" },
  resource: kind,
  raises: "nothing",
  run(context, { types = lineTypes }) {
    const wanted = new Set(types);
    const strange = types.find((type) => !lineTypes.some((each) => each === type));
    if (strange !== undefined)
      throw invalid("/types", `types: expected some of ${lineTypes.join(", ")}, separated by commas`);
    const those = lineTypes.filter((type) => wanted.has(type)).map((type) => sources[type]);
    const shown = those.filter(({ permission, resource }) => context.account.holds(permission, resource));
    const [refused] = those;
    if (shown.length === 0 && refused) throw refusal(context, refused);
    return given(context, shown);
  },
});

async function* given(context: StreamContext, those: readonly Source[]): AsyncGenerator<Given> {
  yield { type: "export", version: 1 };
  for (const source of those) yield* source.lines(context);
}

function refusal({ account, groupsContaining }: StreamContext, { permission, resource }: Source) {
  const { decidedBy } = account.authorize(permission, chainOfKind(account.accountId, resource));
  const judge = { chainOfKind, groupsContaining };
  return forbidden(judge, permission, decidedBy === "deny" ? "deny" : "no-allow");
}

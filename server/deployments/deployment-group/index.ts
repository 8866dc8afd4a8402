import type { Room } from "../../operation/room.ts";
import { permissions } from "./deployment-group.ts";
import { v4 } from "./faces/v4.ts";
import {
  createDeploymentGroup,
  editDeploymentGroup,
  getDeploymentGroup,
  listAllDeploymentGroups,
  removeDeploymentGroup,
} from "./operations.ts";
import { ofDevicePolicies } from "./reference.ts";

export { type DeploymentGroup, kind, member, permission } from "./deployment-group.ts";
export {
  type BroughtGroup,
  checkBrought,
  deploymentGroupsNamed,
  holdersAmong,
  keepDeploymentGroup,
  withBrought,
} from "./importing.ts";
export { allDeploymentGroups, deploymentGroupsBehind, findDeploymentGroup } from "./store.ts";

/** Deployment groups: which version the devices of some device policies should run. */
export const deploymentGroup: Room = {
  permissions,
  operations: [
    listAllDeploymentGroups,
    getDeploymentGroup,
    createDeploymentGroup,
    editDeploymentGroup,
    removeDeploymentGroup,
  ],
  faces: v4,
  references: [ofDevicePolicies],
};

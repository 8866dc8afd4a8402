import { account } from "./accounts/account/index.ts";
import { deploymentGroup } from "./deployments/deployment-group/index.ts";
import { device } from "./devices/device/index.ts";
import { deviceGroup } from "./devices/device-group/index.ts";
import { apiToken } from "./iam/api-token/index.ts";
import { member } from "./iam/member/index.ts";
import { permissionGroupRoom } from "./iam/permission-group/index.ts";
import type { Room } from "./operation/room.ts";

/** Every room of the house, in the order that they may know each other: the table of contents. */
export const rooms: readonly Room[] = [
  account,
  permissionGroupRoom,
  member,
  apiToken,
  device,
  deviceGroup,
  deploymentGroup,
];

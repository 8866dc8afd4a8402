// biome-ignore-all assist/source/organizeImports: the order says who may know whom
// Every room of the house, in the order that they may know each other: the table of contents.
export { account } from "./accounts/account/index.ts";
export { permissionGroupRoom } from "./iam/permission-group/index.ts";
export { resourceGroup } from "./iam/resource-group/index.ts";
export { member } from "./iam/member/index.ts";
export { userGroup } from "./iam/user-group/index.ts";
export { apiToken } from "./iam/api-token/index.ts";
export { userToken } from "./iam/user-token/index.ts";
export { access } from "./iam/access/index.ts";
export { device } from "./devices/device/index.ts";
export { enrolmentToken } from "./devices/enrolment-token/index.ts";
export { deviceGroup } from "./devices/device-group/index.ts";
export { devicePolicy } from "./devices/device-policy/index.ts";
export { clientVersion } from "./deployments/client-version/index.ts";
export { deploymentGroup } from "./deployments/deployment-group/index.ts";
export { desiredState } from "./deployments/desired-state/index.ts";
export { progress } from "./deployments/progress/index.ts";
export { physicalDevice } from "./deployments/physical-device/index.ts";
export { transfer } from "./deployments/transfer/index.ts";

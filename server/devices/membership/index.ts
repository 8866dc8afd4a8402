export {
  keepMemberships,
  membershipsBehind,
  type Pair,
  type Sight,
  typesOfPairs,
} from "./importing.ts";
export { listMembers, type Member } from "./listing-store.ts";
export { batchMax, type Membership } from "./membership.ts";
export { inOneOf } from "./sight-sql.ts";
export {
  addMembers,
  type DynamicRow,
  findMembership,
  groupsOfDevice,
  groupsOfDevices,
  insertDynamic,
  manualMembers,
  membersAmong,
  membershipsOfDevice,
  membershipTypes,
  moved,
  removeFromAll,
  removeMembers,
  removePairs,
  someMembers,
} from "./store.ts";

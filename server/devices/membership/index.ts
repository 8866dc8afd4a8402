export {
  keepMemberships,
  membershipsBehind,
  type Pair,
  type Sight,
  typesOfPairs,
} from "./importing.ts";
export { batchMax, type Membership } from "./membership.ts";
export {
  addMembers,
  type DynamicRow,
  findMembership,
  groupsOfDevice,
  groupsOfDevices,
  inOneOf,
  insertDynamic,
  listMembers,
  type Member,
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

export { batchMax, type Membership } from "./membership.ts";
export {
  addMembers,
  clearGroup,
  findMembership,
  groupsOfDevice,
  groupsOfDevices,
  inOneOf,
  listMembers,
  type Member,
  membersAmong,
  membershipsOfDevice,
  removeFromAll,
  removeMembers,
} from "./store.ts";

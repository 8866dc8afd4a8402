export {
  activeAmong,
  addMemberships,
  groupsOfMembers,
  memberNames,
  membersOfGroups,
  removeGroup,
  removeMember,
  removeMembership,
  replaceMemberships,
} from "./store.ts";

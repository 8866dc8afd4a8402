import type { Room } from "../../operation/room.ts";
import { v4 } from "./faces/v4.ts";
import { v4 as membersV4 } from "./faces/v4-members.ts";
import {
  addMembersToGroup,
  getMemberOfGroup,
  listMembersOfGroup,
  removeMemberFromGroup,
  replaceMembersOfGroup,
} from "./member-operations.ts";
import {
  createUserGroup,
  getUserGroup,
  listAllUserGroups,
  removeUserGroup,
  updateGroup,
} from "./operations.ts";
import { ofMembers } from "./reference.ts";
import { permissions } from "./user-group.ts";

export { type BroughtGroup, bringGroup, groupMeant } from "./importing.ts";
export { emailsIn } from "./member-operations.ts";
export { userGroupNames, userGroupsBehind } from "./store.ts";
export { kind, member, membersMax, permission, type UserGroup } from "./user-group.ts";

/** User groups: members and the policies that they hold together. */
export const userGroup: Room = {
  permissions,
  operations: [
    listAllUserGroups,
    getUserGroup,
    createUserGroup,
    updateGroup,
    removeUserGroup,
    listMembersOfGroup,
    getMemberOfGroup,
    addMembersToGroup,
    replaceMembersOfGroup,
    removeMemberFromGroup,
  ],
  faces: [...v4, ...membersV4],
  references: [ofMembers],
};

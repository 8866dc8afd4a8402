import type { Handle } from "../../db/database.ts";
import type { NewAccount } from "../../operation/operation.ts";
import type { Maker, Room } from "../../operation/room.ts";
import { ofResourceGroups, replacePolicies } from "../iam-policy/index.ts";
import { superAdministratorGroup } from "../permission-group/index.ts";
import { makeAccountWide } from "../resource-group/index.ts";
import { rest } from "./faces/rest.ts";
import { v4 } from "./faces/v4.ts";
import { v4 as rolesV4 } from "./faces/v4-roles.ts";
import { acceptInvitation, inviteAgain, issueKey } from "./key-operations.ts";
import { permissions } from "./member.ts";
import { createMember, getMember, listAllMembers, removeMember, updateMember } from "./operations.ts";
import { getRole, listRoles } from "./role-operations.ts";
import { insertMember } from "./store.ts";

export { kind, type Member, type MemberWithPolicies, member as wire, permission } from "./member.ts";
export { target as memberTarget } from "./operations.ts";
export {
  acceptedMembers,
  accountsOf,
  findMemberByEmail,
  findMemberOfUser,
  findMembers,
  type KeyHolder,
  openByKey,
  type Place,
  placesIn,
} from "./store.ts";

/** Members: the people of an account, and those who are invited. */
export const member: Room = {
  permissions,
  operations: [
    listAllMembers,
    getMember,
    createMember,
    updateMember,
    removeMember,
    issueKey,
    inviteAgain,
    acceptInvitation,
    listRoles,
    getRole,
  ],
  faces: [...v4, ...rolesV4, ...rest],
  references: [ofResourceGroups],
  onAccountCreated: makeFounder,
};

/** Whoever makes an account is its first super administrator, on all of it. */
async function makeFounder(db: Handle, account: NewAccount, maker: Maker): Promise<void> {
  const { ids, now } = maker;
  const { userId, email } = account.founder;
  const id = ids.hex();
  await insertMember(db, { id, accountId: account.id, userId, email, status: "accepted", createdAt: now });
  await replacePolicies(db, account.id, { kind: "member", id }, [
    {
      id: ids.hex(),
      access: "allow",
      permissionGroupIds: [superAdministratorGroup],
      resources: {},
      resourceGroups: [await makeAccountWide(db, account, maker)],
    },
  ]);
}

import Type from "typebox";
import { line } from "../../operation/text.ts";
import type { IamPolicy } from "../iam-policy/index.ts";

/** Members and the policies that they all hold by being in it. */
export type UserGroup = {
  readonly id: string;
  readonly name: string;
  /** Whether it is answered with a list of policies where it has none: clients tell `[]` from nothing. */
  readonly listsPolicies: boolean;
  /** All times are microseconds since the epoch. */
  readonly createdOn: number;
  readonly modifiedOn: number;
  readonly iamPolicies: readonly IamPolicy[];
};

/** A member of the account as one of a user group. */
export type GroupMember = {
  readonly id: string;
  readonly userId: string | null;
  readonly email: string;
  readonly status: "accepted" | "pending";
  /** When it came into the group, in microseconds since the epoch. */
  readonly createdAt: number;
};

/** Members that one request can add to a user group or put into it. */
export const membersMax = 10_000;

/** The members of a user group on the wire, with their limits. */
export const member = {
  id: Type.String(),
  name: line({ min: 1, max: 255 }),
  memberId: line({ max: 64 }),
};

/** What seeing and changing user groups and who is in them takes. */
export const permission = {
  read: "user-group.read",
  write: "user-group.write",
  changeMembers: "user-group.change-members",
} as const;

/** Which permission groups contain them. */
export const permissions = {
  [permission.read]: ["Account Settings Read", "Account Settings Write", "SCIM Provisioning"],
  [permission.write]: ["Account Settings Write", "SCIM Provisioning"],
  [permission.changeMembers]: ["Account Settings Write", "SCIM Provisioning"],
};

/** The kind of scope key that user groups have. */
export const kind = "user-group";

import Type, { type Static } from "typebox";
import { face, listFace } from "../../../operation/face.ts";
import { oneOf, orNull } from "../../../operation/text.ts";
import { policiesFromWire, policyToWire, sentPolicies, shownPolicy } from "../../policy-wire.ts";
import { inviteAgain, issueKey } from "../key-operations.ts";
import { type MemberWithPolicies, member } from "../member.ts";
import {
  createMember,
  getMember,
  listAllMembers,
  removeMember,
  updateMember,
  type Wanted,
} from "../operations.ts";
import { rolesOf } from "../roles.ts";
import { invited, issued } from "./keys.ts";
import { rolesFromWire, roleToWire, sentRoles, shownRole } from "./roles.ts";

const closed = { additionalProperties: false } as const;

const shown = {
  id: member.id,
  email: Type.String(),
  status: member.status,
  user: Type.Object(
    {
      id: Type.Optional(Type.String()),
      email: Type.String(),
      first_name: Type.Null(),
      last_name: Type.Null(),
      two_factor_authentication_enabled: Type.Boolean(),
    },
    closed,
  ),
  roles: Type.Array(shownRole),
  policies: Type.Array(shownPolicy),
};
const answer = Type.Object(shown, closed);
const made = Type.Object({ ...shown, invitation_token: Type.Optional(member.invitation) }, closed);

const where = { dialect: "v4", account: "path", family: "iam" } as const;
const members = "/accounts/{account_id}/members";
const rights = { policies: orNull(sentPolicies), roles: orNull(sentRoles) };

const list = listFace(listAllMembers, {
  ...where,
  method: "GET",
  path: members,
  query: Type.Object({
    order: Type.Optional(oneOf("user.first_name", "user.last_name", "user.email", "status")),
    status: Type.Optional(oneOf("accepted", "pending", "rejected")),
    direction: Type.Optional(oneOf("asc", "desc")),
  }),
  paging: { default: 20, max: 50 },
  answer,
  read: ({ query: { order, status, direction = "asc" } }) => ({
    direction,
    ...(order && { order }),
    ...(status && { status }),
  }),
  write: toWire,
});

const get = face(getMember, {
  ...where,
  method: "GET",
  path: `${members}/{member_id}`,
  answer,
  read: () => ({}),
  write: toWire,
});

const create = face(createMember, {
  ...where,
  method: "POST",
  path: members,
  body: Type.Object({ email: member.email, status: orNull(member.status), ...rights }),
  answer: made,
  outcome: "created",
  read: ({ body }) => ({ email: body.email.trim(), status: body.status ?? "pending", ...fromWire(body) }),
  write: ({ member, invitation }) => ({
    ...toWire(member),
    ...(invitation !== null && { invitation_token: invitation }),
  }),
});

const update = face(updateMember, {
  ...where,
  method: "PUT",
  path: `${members}/{member_id}`,
  body: Type.Object(rights),
  answer,
  read: ({ body }) => fromWire(body),
  write: toWire,
});

const remove = face(removeMember, {
  ...where,
  method: "DELETE",
  path: `${members}/{member_id}`,
  answer: Type.Object({ id: member.id }, closed),
  read: () => ({}),
  write: ({ id }) => ({ id }),
});

const key = face(issueKey, { ...where, ...issued, path: `${members}/{member_id}/key` });

const again = face(inviteAgain, { ...where, ...invited, path: `${members}/{member_id}/invitation` });

/** The faces of members on `/client/v4`. */
export const v4 = [list, get, create, update, remove, key, again];

type Rights = { policies?: Static<typeof sentPolicies> | null; roles?: Static<typeof sentRoles> | null };

function fromWire({ policies: sent, roles }: Rights): Wanted {
  return {
    ...(sent && { iamPolicies: policiesFromWire(sent) }),
    ...(roles && rolesFromWire(roles, sent)),
  };
}

function toWire({ id, email, status, userId, iamPolicies }: MemberWithPolicies): Static<typeof answer> {
  return {
    id,
    email,
    status,
    user: {
      ...(userId !== null && { id: userId }),
      email,
      first_name: null,
      last_name: null,
      two_factor_authentication_enabled: false,
    },
    roles: rolesOf(iamPolicies).map(roleToWire),
    policies: iamPolicies.map(policyToWire),
  };
}

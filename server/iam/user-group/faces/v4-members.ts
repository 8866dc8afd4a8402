import Type, { type Static } from "typebox";
import { face, listFace } from "../../../operation/face.ts";
import { printInstant } from "../../../operation/instant.ts";
import { oneOf } from "../../../operation/text.ts";
import {
  addMembersToGroup,
  getMemberOfGroup,
  listMembersOfGroup,
  removeMemberFromGroup,
  replaceMembersOfGroup,
} from "../member-operations.ts";
import { type GroupMember, member, membersMax } from "../user-group.ts";

const closed = { additionalProperties: false } as const;

const shown = { id: member.id, email: Type.String(), status: oneOf("accepted", "pending") };
const answer = Type.Object(shown, closed);

const detail = Type.Object(
  {
    ...shown,
    created_at: Type.String({ format: "date-time" }),
    user: Type.Object({ id: Type.Optional(Type.String()), email: Type.String() }, closed),
  },
  closed,
);

const where = { dialect: "v4", account: "path", family: "iam" } as const;
const members = "/accounts/{account_id}/iam/user_groups/{user_group_id}/members";
const named = Type.Array(Type.Object({ id: member.memberId }), { maxItems: membersMax });

const list = listFace(listMembersOfGroup, {
  ...where,
  method: "GET",
  path: members,
  query: Type.Object({
    fuzzyEmail: Type.Optional(
      Type.String({ maxLength: 90, description: "A part of the address, in upper or lower case." }),
    ),
    direction: Type.Optional(oneOf("asc", "desc")),
  }),
  paging: { default: 100, max: 500, setting: "userGroupMembersPerPage" },
  answer,
  read: ({ query: { fuzzyEmail, direction } }) => ({
    ...(fuzzyEmail !== undefined && { part: fuzzyEmail }),
    ...(direction && { direction }),
  }),
  write: toWire,
});

const get = face(getMemberOfGroup, {
  ...where,
  method: "GET",
  path: `${members}/{member_id}`,
  answer: detail,
  read: ({ path }) => ({ memberId: path.member_id ?? "" }),
  write: (one) => ({
    ...toWire(one),
    created_at: printInstant(one.createdAt, "micro"),
    user: { ...(one.userId !== null && { id: one.userId }), email: one.email },
  }),
});

const add = face(addMembersToGroup, {
  ...where,
  method: "POST",
  path: members,
  body: named,
  bodyLimit: "batch",
  answer: Type.Array(answer),
  read: ({ body }) => ({ memberIds: body.map(({ id }) => id) }),
  write: (added) => added.map(toWire),
});

const replace = face(replaceMembersOfGroup, {
  ...where,
  method: "PUT",
  path: members,
  body: named,
  bodyLimit: "batch",
  answer: Type.Array(answer),
  read: ({ body }) => ({ memberIds: body.map(({ id }) => id) }),
  write: (those) => those.map(toWire),
});

const remove = face(removeMemberFromGroup, {
  ...where,
  method: "DELETE",
  path: `${members}/{member_id}`,
  answer,
  read: ({ path }) => ({ memberId: path.member_id ?? "" }),
  write: toWire,
});

/** The faces of who is in a user group, on `/client/v4`. */
export const v4 = [list, get, add, replace, remove];

function toWire({ id, email, status }: GroupMember): Static<typeof answer> {
  return { id, email, status };
}

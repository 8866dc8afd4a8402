import Type, { type Static } from "typebox";
import { face, listFace } from "../../../operation/face.ts";
import { printInstant } from "../../../operation/instant.ts";
import { oneOf, orNull } from "../../../operation/text.ts";
import { policiesFromWire, policyToWire, sentPolicies, shownPolicy } from "../../policy-wire.ts";
import {
  createUserGroup,
  type Edit,
  getUserGroup,
  listAllUserGroups,
  removeUserGroup,
  updateGroup,
} from "../operations.ts";
import { member, type UserGroup } from "../user-group.ts";

const closed = { additionalProperties: false } as const;

const answer = Type.Object(
  {
    id: member.id,
    name: Type.String(),
    created_on: Type.String({ format: "date-time" }),
    modified_on: Type.String({ format: "date-time" }),
    /** Absent where none were ever given, or where they were taken away with `null`. */
    policies: Type.Optional(Type.Array(shownPolicy)),
  },
  closed,
);

const where = { dialect: "v4", account: "path", family: "iam" } as const;
const groups = "/accounts/{account_id}/iam/user_groups";

const list = listFace(listAllUserGroups, {
  ...where,
  method: "GET",
  path: groups,
  query: Type.Object({
    id: Type.Optional(Type.String({ maxLength: 64 })),
    name: Type.Optional(Type.String({ maxLength: 255 })),
    fuzzyName: Type.Optional(
      Type.String({ maxLength: 255, description: "A part of the name, in upper or lower case." }),
    ),
    direction: Type.Optional(oneOf("asc", "desc")),
  }),
  paging: { default: 100, max: 500 },
  answer,
  read: ({ query: { id, name, fuzzyName, direction = "asc" } }) => ({
    direction,
    ...(id !== undefined && { id }),
    ...(name !== undefined && { name }),
    ...(fuzzyName !== undefined && { part: fuzzyName }),
  }),
  write: toWire,
});

const get = face(getUserGroup, {
  ...where,
  method: "GET",
  path: `${groups}/{user_group_id}`,
  answer,
  read: () => ({}),
  write: toWire,
});

const create = face(createUserGroup, {
  ...where,
  method: "POST",
  path: groups,
  body: Type.Object({ name: member.name, policies: orNull(sentPolicies) }),
  answer,
  outcome: "created",
  read: ({ body }) => ({ name: body.name, ...policiesOf(body.policies) }),
  write: toWire,
});

const update = face(updateGroup, {
  ...where,
  method: "PUT",
  path: `${groups}/{user_group_id}`,
  body: Type.Object({ name: orNull(member.name), policies: orNull(sentPolicies) }),
  answer,
  read: ({ body }) => ({ ...(body.name && { name: body.name }), ...policiesOf(body.policies) }),
  write: toWire,
});

const remove = face(removeUserGroup, {
  ...where,
  method: "DELETE",
  path: `${groups}/{user_group_id}`,
  answer: Type.Object({ id: member.id }, closed),
  read: () => ({}),
  write: ({ id }) => ({ id }),
});

/** The faces of user groups on `/client/v4`. */
export const v4 = [list, get, create, update, remove];

function policiesOf(sent: Static<typeof sentPolicies> | null | undefined): Pick<Edit, "iamPolicies"> {
  return sent === undefined ? {} : { iamPolicies: sent && policiesFromWire(sent) };
}

function toWire({
  id,
  name,
  createdOn,
  modifiedOn,
  listsPolicies,
  iamPolicies,
}: UserGroup): Static<typeof answer> {
  return {
    id,
    name,
    created_on: printInstant(createdOn, "micro"),
    modified_on: printInstant(modifiedOn, "micro"),
    ...((listsPolicies || iamPolicies.length > 0) && { policies: iamPolicies.map(policyToWire) }),
  };
}

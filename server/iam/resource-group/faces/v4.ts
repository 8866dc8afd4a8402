import Type from "typebox";
import { face, listFace } from "../../../operation/face.ts";
import { orNull } from "../../../operation/text.ts";
import {
  changeResourceGroup,
  createResourceGroup,
  getResourceGroup,
  listAllResourceGroups,
  removeResourceGroup,
} from "../operations.ts";
import { member, scopeFromWire, shown, toWire } from "../resource-group.ts";

const where = { dialect: "v4", account: "path", family: "iam" } as const;
const groups = "/accounts/{account_id}/iam/resource_groups";

const list = listFace(listAllResourceGroups, {
  ...where,
  method: "GET",
  path: groups,
  query: Type.Object({ id: Type.Optional(member.id), name: Type.Optional(Type.String()) }),
  paging: { default: 1000, max: 1000 },
  answer: shown,
  read: ({ query: { id, name } }) => ({
    ...(id !== undefined && { id }),
    ...(name !== undefined && { name }),
  }),
  write: toWire,
});

const get = face(getResourceGroup, {
  ...where,
  method: "GET",
  path: `${groups}/{resource_group_id}`,
  answer: shown,
  read: () => ({}),
  write: toWire,
});

const create = face(createResourceGroup, {
  ...where,
  method: "POST",
  path: groups,
  body: Type.Object({ name: member.name, scope: member.scope }),
  answer: shown,
  outcome: "created",
  read: ({ body: { name, scope } }) => ({ name, scope: scopeFromWire(scope) }),
  write: toWire,
});

const update = face(changeResourceGroup, {
  ...where,
  method: "PUT",
  path: `${groups}/{resource_group_id}`,
  body: Type.Object({ name: orNull(member.name), scope: orNull(member.scope) }),
  answer: shown,
  read: ({ body: { name, scope } }) => ({
    ...(name && { name }),
    ...(scope && { scope: scopeFromWire(scope) }),
  }),
  write: toWire,
});

const remove = face(removeResourceGroup, {
  ...where,
  method: "DELETE",
  path: `${groups}/{resource_group_id}`,
  answer: Type.Object({ id: member.id }, { additionalProperties: false }),
  read: () => ({}),
  write: ({ id }) => ({ id }),
});

/** The faces of resource groups on `/client/v4`. */
export const v4 = [list, get, create, update, remove];

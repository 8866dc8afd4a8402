import Type from "typebox";
import { face, listFace } from "../../../operation/face.ts";
import { getPermissionGroup, listForTokens, listPermissionGroups } from "../operations.ts";
import { member, metaOf, type PermissionGroup } from "../permission-group.ts";

const closed = { additionalProperties: false } as const;
const where = { dialect: "v4", method: "GET", account: "path", family: "iam" } as const;
const groups = "/accounts/{account_id}/iam/permission_groups";
const answer = Type.Object({ id: member.id, name: member.name, meta: member.meta }, closed);

const list = listFace(listPermissionGroups, {
  ...where,
  path: groups,
  query: Type.Object({
    id: Type.Optional(Type.String()),
    name: Type.Optional(Type.String()),
    label: Type.Optional(Type.String({ description: "`meta.label`." })),
  }),
  paging: { default: 20, max: 50 },
  answer,
  read: ({ query: { id, name, label } }) => ({
    ...(id !== undefined && { id }),
    ...(name !== undefined && { name }),
    ...(label !== undefined && { label }),
  }),
  write: toWire,
});

const get = face(getPermissionGroup, {
  ...where,
  path: `${groups}/{permission_group_id}`,
  answer,
  read: () => ({}),
  write: toWire,
});

const forTokens = listFace(listForTokens, {
  ...where,
  path: "/accounts/{account_id}/tokens/permission_groups",
  query: Type.Object({ name: Type.Optional(Type.String()), scope: Type.Optional(Type.String()) }),
  paging: { default: 500, max: 500 },
  answer: Type.Object(
    { id: member.id, name: member.name, scopes: member.scopes, category: member.category },
    closed,
  ),
  read: ({ query }) => ({
    ...(query.name !== undefined && { name: query.name }),
    ...(query.scope !== undefined && { scope: query.scope }),
  }),
  write: ({ id, name, category }) => ({
    id,
    name,
    scopes: ["com.cloudflare.api.account" as const],
    category,
  }),
});

/** The faces of permission groups on `/client/v4`. */
export const v4 = [list, get, forTokens];

function toWire(group: PermissionGroup) {
  return { id: group.id, name: group.name, meta: metaOf(group) };
}

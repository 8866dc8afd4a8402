import Type from "typebox";
import { listFace } from "../../../operation/face.ts";
import { listPermissionGroups } from "../operations.ts";
import { member } from "../permission-group.ts";

const list = listFace(listPermissionGroups, {
  dialect: "v4",
  method: "GET",
  path: "/accounts/{account_id}/tokens/permission_groups",
  account: "path",
  family: "iam",
  query: Type.Object({ name: Type.Optional(Type.String()), scope: Type.Optional(Type.String()) }),
  paging: { default: 500, max: 500 },
  answer: Type.Object(
    { id: member.id, name: member.name, scopes: member.scopes, category: member.category },
    { additionalProperties: false },
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
export const v4 = [list];

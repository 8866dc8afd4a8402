import Type from "typebox";
import { face, listFace } from "../../../operation/face.ts";
import { orNull } from "../../../operation/text.ts";
import { member, wire } from "../../api-token/index.ts";
import { member as ofPermissionGroup } from "../../permission-group/index.ts";
import {
  createOwnToken,
  deleteOwnToken,
  getOwnToken,
  listForOwnTokens,
  listOwnTokens,
  rollOwnToken,
  updateOwnToken,
  verifyToken,
} from "../operations.ts";

const closed = { additionalProperties: false } as const;
const where = { dialect: "v4", account: "none", family: "iam" } as const;
const tokens = "/user/tokens";
const token = `${tokens}/{token_id}`;
const {
  answer,
  answerWithValue,
  body,
  disabledBy,
  fromWire,
  listed,
  listQuery,
  standing,
  toStanding,
  toWire,
} = wire;
const named = ({ path }: { path: Readonly<Record<string, string>> }) => ({ tokenId: path.token_id ?? "" });

const list = listFace(listOwnTokens, {
  ...where,
  method: "GET",
  path: tokens,
  query: listQuery,
  paging: { default: 20, max: 50 },
  answer,
  read: ({ query }) => listed(query),
  write: toWire,
});

const get = face(getOwnToken, {
  ...where,
  method: "GET",
  path: token,
  answer,
  read: named,
  write: toWire,
});

const create = face(createOwnToken, {
  ...where,
  method: "POST",
  path: tokens,
  body: Type.Object(body),
  answer: answerWithValue,
  outcome: "created",
  read: ({ body }) => fromWire(body),
  write: ({ token, value }) => ({ ...toWire(token), value }),
});

const update = face(updateOwnToken, {
  ...where,
  method: "PUT",
  path: token,
  body: Type.Object({ ...body, status: orNull(member.status) }),
  answer,
  read: ({ path, body }) => ({ ...named({ path }), ...fromWire(body), ...disabledBy(body.status) }),
  write: toWire,
});

const remove = face(deleteOwnToken, {
  ...where,
  method: "DELETE",
  path: token,
  answer: Type.Object({ id: member.id }, closed),
  read: named,
  write: ({ id }) => ({ id }),
});

const roll = face(rollOwnToken, {
  ...where,
  method: "PUT",
  path: `${token}/value`,
  body: Type.Object({}),
  bodyOptional: true,
  answer: member.value,
  read: named,
  write: (value) => value,
});

const verify = face(verifyToken, {
  ...where,
  method: "GET",
  path: `${tokens}/verify`,
  answer: standing,
  read: () => ({}),
  write: toStanding,
});

const permissionGroups = listFace(listForOwnTokens, {
  ...where,
  method: "GET",
  path: `${tokens}/permission_groups`,
  query: Type.Object({ name: Type.Optional(Type.String()), scope: Type.Optional(Type.String()) }),
  paging: { default: 500, max: 500 },
  answer: Type.Object(
    {
      id: ofPermissionGroup.id,
      name: ofPermissionGroup.name,
      scopes: ofPermissionGroup.scopes,
      category: ofPermissionGroup.category,
    },
    closed,
  ),
  read: ({ query: { name, scope } }) => ({
    ...(name !== undefined && { name }),
    ...(scope !== undefined && { scope }),
  }),
  write: ({ id, name, category }) => ({
    id,
    name,
    scopes: ["com.cloudflare.api.account" as const],
    category,
  }),
});

/** The faces of people's own tokens on `/client/v4`. */
export const v4 = [list, get, create, update, remove, roll, verify, permissionGroups];

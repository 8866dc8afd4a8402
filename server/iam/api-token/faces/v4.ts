import Type from "typebox";
import { face, listFace } from "../../../operation/face.ts";
import { orNull } from "../../../operation/text.ts";
import { member } from "../api-token.ts";
import {
  createApiToken,
  deleteApiToken,
  getApiToken,
  listApiTokens,
  rollApiToken,
  updateApiToken,
  verifyApiToken,
} from "../operations.ts";
import {
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
} from "./wire.ts";

const closed = { additionalProperties: false } as const;
const where = { dialect: "v4", account: "path", family: "iam" } as const;
const tokens = "/accounts/{account_id}/tokens";

const list = listFace(listApiTokens, {
  ...where,
  method: "GET",
  path: tokens,
  query: listQuery,
  paging: { default: 20, max: 50 },
  answer,
  read: ({ query }) => listed(query),
  write: toWire,
});

const get = face(getApiToken, {
  ...where,
  method: "GET",
  path: `${tokens}/{token_id}`,
  answer,
  read: () => ({}),
  write: toWire,
});

const create = face(createApiToken, {
  ...where,
  method: "POST",
  path: tokens,
  body: Type.Object(body),
  answer: answerWithValue,
  outcome: "created",
  read: ({ body }) => fromWire(body),
  write: ({ token, value }) => ({ ...toWire(token), value }),
});

const update = face(updateApiToken, {
  ...where,
  method: "PUT",
  path: `${tokens}/{token_id}`,
  body: Type.Object({ ...body, status: orNull(member.status) }),
  answer,
  read: ({ body }) => ({ ...fromWire(body), ...disabledBy(body.status) }),
  write: toWire,
});

const remove = face(deleteApiToken, {
  ...where,
  method: "DELETE",
  path: `${tokens}/{token_id}`,
  answer: Type.Object({ id: member.id }, closed),
  read: () => ({}),
  write: ({ id }) => ({ id }),
});

const roll = face(rollApiToken, {
  ...where,
  method: "PUT",
  path: `${tokens}/{token_id}/value`,
  body: Type.Object({}),
  bodyOptional: true,
  answer: member.value,
  read: () => ({}),
  write: (value) => value,
});

const verify = face(verifyApiToken, {
  ...where,
  method: "GET",
  path: `${tokens}/verify`,
  answer: standing,
  read: ({ path }) => ({ ...(path.account_id !== undefined && { account: path.account_id }) }),
  write: toStanding,
});

/** The faces of API tokens on `/client/v4`. */
export const v4 = [list, get, create, update, remove, roll, verify];

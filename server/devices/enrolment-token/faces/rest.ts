import Type from "typebox";
import { face, listFace } from "../../../operation/face.ts";
import { orNull } from "../../../operation/text.ts";
import { member } from "../enrolment-token.ts";
import {
  createEnrolmentToken,
  editEnrolmentToken,
  getEnrolmentToken,
  listEnrolmentTokens,
  removeEnrolmentToken,
} from "../operations.ts";
import { answer, answerWithToken, fixed, fromWire, toWire } from "./wire.ts";

const one = "/enrolment-tokens/{enrolment_token_id}";

const list = listFace(listEnrolmentTokens, {
  dialect: "rest",
  method: "GET",
  path: "/enrolment-tokens",
  account: "query",
  paging: { default: 100, max: 1000, items: "enrolment_tokens" },
  answer,
  read: () => ({}),
  write: (token, { org }) => toWire(token, org),
});

const get = face(getEnrolmentToken, {
  dialect: "rest",
  method: "GET",
  path: one,
  account: "object",
  answer,
  read: () => ({}),
  write: (token, { org }) => toWire(token, org),
});

const create = face(createEnrolmentToken, {
  dialect: "rest",
  method: "POST",
  path: "/enrolment-tokens",
  account: "body",
  accountRequired: true,
  body: Type.Object({
    org_id: Type.Optional(Type.String()),
    name: member.name,
    expires_at: orNull(member.instant),
    fixed: Type.Optional(fixed),
  }),
  answer: answerWithToken,
  outcome: "created",
  read: ({ body }) => ({ ...fromWire(body), name: body.name.trim() }),
  write: ({ token, secret }, { org }) => ({ ...toWire(token, org), token: secret }),
  location: ({ token }) => `/enrolment-tokens/${token.id}`,
});

const edit = face(editEnrolmentToken, {
  dialect: "rest",
  method: "PATCH",
  path: one,
  account: "object",
  body: Type.Object({
    name: Type.Optional(member.name),
    disabled: Type.Optional(Type.Boolean()),
    expires_at: orNull(member.instant),
    fixed: Type.Optional(fixed),
  }),
  answer,
  read: ({ body }) => fromWire(body),
  write: (token, { org }) => toWire(token, org),
});

const remove = face(removeEnrolmentToken, {
  dialect: "rest",
  method: "DELETE",
  path: one,
  account: "object",
  outcome: "gone",
  answer,
  read: () => ({}),
  write: (token, { org }) => toWire(token, org),
});

/** The faces of enrolment tokens on `/api/v1`. */
export const rest = [list, get, create, edit, remove];

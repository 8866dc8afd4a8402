import Type, { type Static } from "typebox";
import { face, listFace } from "../../../operation/face.ts";
import { printInstant } from "../../../operation/instant.ts";
import { orNull } from "../../../operation/text.ts";
import { type AccountSettings, member } from "../account.ts";
import { createAccount, getAccount, type Listing, listOwnAccounts, updateOwnAccount } from "../operations.ts";

const answer = Type.Object(
  {
    id: member.id,
    org_id: Type.String({ description: "The account's handle on /api/v1." }),
    name: member.name,
    type: member.type,
    /** Absent in a list where the caller may not read the account. */
    settings: Type.Optional(
      Type.Object(
        { enforce_twofactor: Type.Boolean(), abuse_contact_email: Type.Optional(Type.String()) },
        { additionalProperties: false },
      ),
    ),
    created_on: Type.String({ format: "date-time" }),
  },
  { additionalProperties: false },
);

const direction = Type.Union([Type.Literal("asc"), Type.Literal("desc")]);

const list = listFace(listOwnAccounts, {
  dialect: "v4",
  method: "GET",
  path: "/accounts",
  account: "none",
  family: "iam",
  query: Type.Object({ name: Type.Optional(Type.String()), direction: Type.Optional(direction) }),
  paging: { default: 20, max: 50 },
  answer,
  read: ({ query }) => ({
    ...(query.name !== undefined && { name: query.name }),
    ...(query.direction && { direction: query.direction }),
  }),
  write: toWire,
});

const get = face(getAccount, {
  dialect: "v4",
  method: "GET",
  path: "/accounts/{account_id}",
  account: "path",
  family: "iam",
  answer,
  read: () => ({}),
  write: toWire,
});

const create = face(createAccount, {
  dialect: "v4",
  method: "POST",
  path: "/accounts",
  account: "none",
  family: "iam",
  body: Type.Object({ name: member.name, type: Type.Optional(member.type) }),
  answer,
  read: ({ body }) => ({ name: body.name, ...(body.type && { type: body.type }) }),
  write: toWire,
});

const update = face(updateOwnAccount, {
  dialect: "v4",
  method: "PUT",
  path: "/accounts/{account_id}",
  account: "path",
  family: "iam",
  body: Type.Object({
    id: Type.Optional(Type.String()),
    name: member.name,
    type: orNull(member.type),
    settings: orNull(member.settings),
  }),
  answer,
  read: ({ body }) => ({
    ...(body.id !== undefined && { id: body.id }),
    name: body.name,
    ...(body.type && { type: body.type }),
    ...(body.settings && { settings: settingsFromWire(body.settings) }),
  }),
  write: toWire,
});

/** The faces of accounts on `/client/v4`. */
export const v4 = [list, get, create, update];

function settingsFromWire(settings: Static<typeof member.settings>) {
  return {
    ...(typeof settings.enforce_twofactor === "boolean" && { enforceTwofactor: settings.enforce_twofactor }),
    ...(settings.abuse_contact_email !== undefined && { abuseContactEmail: settings.abuse_contact_email }),
  };
}

function settingsToWire({ enforceTwofactor, abuseContactEmail }: AccountSettings) {
  return {
    enforce_twofactor: enforceTwofactor,
    ...(abuseContactEmail !== null && { abuse_contact_email: abuseContactEmail }),
  };
}

function toWire(account: Listing): Static<typeof answer> {
  return {
    id: account.id,
    org_id: account.orgId,
    name: account.name,
    type: account.type,
    ...(account.settings && { settings: settingsToWire(account.settings) }),
    created_on: printInstant(account.createdAt, "micro"),
  };
}

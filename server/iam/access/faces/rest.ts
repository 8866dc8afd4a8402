import Type, { type Static } from "typebox";
import { face, listFace } from "../../../operation/face.ts";
import { line, orNull } from "../../../operation/text.ts";
import { policiesFromWire, sentPolicies } from "../../policy-wire.ts";
import { effectivePermissions, explainAccess, whoCan } from "../operations.ts";
import { able, ableToWire, effective, effectiveToWire, explanation, explanationToWire } from "./wire.ts";

const permission = line({ min: 1, max: 128, examples: ["device-group.read"] });
const resource = line({
  min: 1,
  max: 512,
  examples: ["com.cloudflare.api.account.device-group.*"],
  description: "A scope key: of the account, of a kind (`….device-group.*`) or of one object.",
});
const id = line({ min: 1, max: 64 });
const about = Type.Object(
  {
    member_id: Type.Optional(id),
    email: Type.Optional(line({ min: 1, max: 90 })),
    token_id: Type.Optional(id),
  },
  {
    description:
      "A member, by id or by e-mail address, or a token of the account; the credential that asks where this is absent.",
  },
);

const question = Type.Object({
  org_id: Type.Optional(Type.String()),
  caller: orNull(about),
  policies: orNull(sentPolicies),
  permission,
  resource,
});

const explain = face(explainAccess, {
  dialect: "rest",
  method: "POST",
  path: "/access/explain",
  account: "body",
  body: question,
  answer: explanation,
  read: ({ body }) => ({ permission: body.permission, resource: body.resource, ...whom(body) }),
  write: explanationToWire,
});

const can = listFace(whoCan, {
  dialect: "rest",
  method: "GET",
  path: "/access/who-can",
  account: "object",
  query: Type.Object({ permission, resource }),
  paging: { default: 100, max: 1000 },
  answer: able,
  read: ({ query: { permission, resource } }) => ({ permission, resource }),
  write: ableToWire,
});

const ofMember = listFace(effectivePermissions, {
  dialect: "rest",
  method: "GET",
  path: "/members/{member_id}/effective-permissions",
  account: "object",
  paging: { default: 100, max: 1000 },
  answer: effective,
  read: () => ({}),
  write: effectiveToWire,
});

/** The faces of who may do what and why, on `/api/v1`. */
export const rest = [explain, can, ofMember];

function whom({ caller, policies: sent }: Static<typeof question>) {
  return {
    ...(caller?.member_id !== undefined && { memberId: caller.member_id }),
    ...(caller?.email !== undefined && { email: caller.email }),
    ...(caller?.token_id !== undefined && { tokenId: caller.token_id }),
    ...(sent && { iamPolicies: policiesFromWire(sent) }),
  };
}

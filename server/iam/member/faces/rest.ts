import Type from "typebox";
import { face } from "../../../operation/face.ts";
import { acceptInvitation, inviteAgain, issueKey } from "../key-operations.ts";
import { member } from "../member.ts";
import { invited, issued } from "./keys.ts";

const closed = { additionalProperties: false } as const;
const where = { dialect: "rest", account: "object", method: "POST" } as const;

const key = face(issueKey, { ...where, ...issued, path: "/members/{member_id}/key" });

const again = face(inviteAgain, { ...where, ...invited, path: "/members/{member_id}/invitation" });

const accept = face(acceptInvitation, {
  ...where,
  account: "none",
  path: "/invitations/accept",
  body: Type.Object({
    token: Type.String({ minLength: 1, maxLength: 200, description: "The invitation, `fli_…`." }),
  }),
  answer: Type.Object(
    {
      account_id: Type.String(),
      org_id: Type.String(),
      member_id: member.id,
      email: Type.String(),
      api_key: Type.Optional(member.key),
    },
    closed,
  ),
  read: ({ body: { token } }) => ({ token }),
  write: ({ accountId, orgId, memberId, email, key }) => ({
    account_id: accountId,
    org_id: orgId,
    member_id: memberId,
    email,
    ...(key !== null && { api_key: key }),
  }),
});

/** The faces of members on `/api/v1`. */
export const rest = [key, again, accept];

import Type from "typebox";
import { line, oneOf } from "../../operation/text.ts";
import type { IamPolicy } from "../iam-policy/index.ts";

/** A user, or an e-mail address that is invited, in one account, with policies of its own. */
export type Member = {
  readonly id: string;
  readonly accountId: string;
  /** Null until the invitation is accepted. */
  readonly userId: string | null;
  readonly email: string;
  readonly status: Status;
  /** Microseconds since the epoch. */
  readonly createdAt: number;
};

/** Whether somebody is a member already, or only invited. */
export type Status = "accepted" | "pending";

/** A member and what it may do by itself, without its user groups. */
export type MemberWithPolicies = Member & { readonly iamPolicies: readonly IamPolicy[] };

/** The members of a member on the wire, with their limits. */
export const member = {
  id: Type.String(),
  email: line({
    min: 3,
    max: 90,
    pattern:
      "^[^\\s@\\u0000-\\u001f\\u007f-\\u009f\\ud800-\\udfff]+@[^\\s@\\u0000-\\u001f\\u007f-\\u009f\\ud800-\\udfff]+$",
    expected: "an e-mail address of at most 90 characters",
  }),
  status: oneOf("accepted", "pending"),
  key: Type.String({ description: "The global key. It is shown this once." }),
  invitation: Type.String({ description: "The invitation. It is shown this once, and is good for 7 days." }),
};

/** What seeing and changing members takes. */
export const permission = { read: "member.read", write: "member.write" } as const;

/** Which permission groups contain them. */
export const permissions = {
  [permission.read]: ["Account Settings Read", "Account Settings Write", "SCIM Provisioning"],
  [permission.write]: ["Account Settings Write", "SCIM Provisioning"],
};

/** The kind of scope key that members have. */
export const kind = "member";

/** How long an invitation can be accepted, in microseconds: 7 days. */
export const invitationLife = 7 * 24 * 3600 * 1_000_000;

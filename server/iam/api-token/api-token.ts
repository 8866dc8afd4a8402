import Type, { type Static } from "typebox";
import { instant, line, orNull } from "../../operation/text.ts";
import type { IamPolicy } from "../iam-policy/index.ts";

/** A credential of an account with policies of its own. */
export type ApiToken = {
  readonly id: string;
  readonly name: string;
  readonly disabled: boolean;
  /** All times are microseconds since the epoch. */
  readonly issuedOn: number;
  readonly modifiedOn: number;
  readonly lastUsedOn: number | null;
  /** From this instant on the token is no longer taken. */
  readonly expiresOn: number | null;
  /** Before this instant the token is not yet taken. */
  readonly notBefore: number | null;
  readonly condition: Condition | null;
  readonly iamPolicies: readonly IamPolicy[];
};

/** The addresses that a token may be used from, as CIDR blocks: in one of `in` (if any), and in none of `not_in`. */
export type Condition = Static<typeof member.shownCondition>;

const cidrs = Type.Array(Type.String({ maxLength: 64 }), { maxItems: 200 });
const sides = { in: Type.Optional(cidrs), not_in: Type.Optional(cidrs) };
const closed = { additionalProperties: false } as const;

/** As callers may give it: Terraform writes `null` for what it takes away. */
const given = Type.Object({
  request_ip: orNull(Type.Object({ in: orNull(cidrs), not_in: orNull(cidrs) })),
});

/** The members of an API token on the wire, with their limits. */
export const member = {
  id: Type.String(),
  name: line({ min: 1, max: 120 }),
  status: Type.Union([Type.Literal("active"), Type.Literal("disabled"), Type.Literal("expired")]),
  instant: instant(),
  condition: given,
  shownCondition: Type.Object({ request_ip: Type.Optional(Type.Object(sides, closed)) }, closed),
  value: Type.String({ description: "The secret. It is shown this once." }),
};

/** What seeing and changing API tokens takes. */
export const permission = { read: "api-token.read", write: "api-token.write" } as const;

/** Which permission groups contain them. */
export const permissions = {
  [permission.read]: ["Account API Tokens Read", "Account API Tokens Write"],
  [permission.write]: ["Account API Tokens Write"],
};

/** The kind of scope key that API tokens have. */
export const kind = "api-token" as const;

export type Status = Static<typeof member.status>;

/** A token with the status that it has at the time of asking. */
export type TokenNow = ApiToken & { readonly status: Status };

/** The token as it stands at an instant. */
export function at(token: ApiToken, now: number): TokenNow {
  const expired = token.expiresOn !== null && token.expiresOn <= now;
  return { ...token, status: expired ? "expired" : token.disabled ? "disabled" : "active" };
}

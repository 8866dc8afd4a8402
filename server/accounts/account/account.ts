import Type, { type Static } from "typebox";
import { line } from "../../operation/text.ts";

/** The tenant: everything belongs to exactly one. */
export type Account = {
  readonly id: string;
  /** Its handle on `/api/v1`, `org_…`. */
  readonly orgId: string;
  readonly name: string;
  readonly type: AccountType;
  readonly settings: AccountSettings;
  /** Microseconds since the epoch. */
  readonly createdAt: number;
};

/** The members of an account on the wire, with their limits. */
export const member = {
  id: Type.String({ description: "The account's id, 32 lowercase hex digits." }),
  name: line({ min: 1, max: 100 }),
  type: Type.Union([Type.Literal("standard"), Type.Literal("enterprise")]),
  settings: Type.Object({
    enforce_twofactor: Type.Optional(Type.Union([Type.Boolean(), Type.Null()])),
    abuse_contact_email: Type.Optional(Type.Union([line({ min: 3, max: 320 }), Type.Null()])),
  }),
};

export type AccountType = Static<typeof member.type>;
/** What can be set for an account; `null` stands for no address. */
export type AccountSettings = {
  readonly enforceTwofactor: boolean;
  readonly abuseContactEmail: string | null;
};

/** What reading and changing an account takes. */
export const permission = { read: "account.read", update: "account.update" } as const;

/** Which permission groups contain them. */
export const permissions = {
  [permission.read]: ["Account Settings Read", "Account Settings Write", "SCIM Provisioning"],
  [permission.update]: ["Account Settings Write"],
};

/** The kind of scope key that accounts have. */
export const kind = "account";

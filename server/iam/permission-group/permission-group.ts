import Type, { type Static } from "typebox";
import { oneOf } from "../../operation/text.ts";

/** A named, built-in, read-only set of permissions. */
export type PermissionGroup = {
  /** 32 lowercase hex digits that never change: clients keep them in their configuration. */
  readonly id: string;
  readonly name: string;
  /** The short name that `meta.label` shows. */
  readonly label: string;
  readonly description: string;
  readonly category: Static<typeof member.category>;
};

/** The members of a permission group on the wire. */
export const member = {
  id: Type.String(),
  name: Type.String(),
  scopes: Type.Array(Type.Literal("com.cloudflare.api.account")),
  category: oneOf(
    "cloudflare_one_and_zero_trust",
    "account_and_billing",
    "dns_and_zones",
    "network_services",
    "other",
  ),
  meta: Type.Object(
    {
      key: Type.String(),
      value: Type.String(),
      label: Type.String(),
      scopes: Type.String(),
      description: Type.String(),
    },
    { additionalProperties: false },
  ),
};

/** What the catalogue takes to be read: beside tokens it goes with them, elsewhere with everything there is. */
export const permission = { readForTokens: "api-token.read", read: "permission-group.read" } as const;

/** Which permission groups contain it: whoever may do anything in an account may know what its rights are called. */
export const permissions = {
  [permission.read]: [
    "Account Settings Read",
    "Account Settings Write",
    "SCIM Provisioning",
    "Account API Tokens Read",
    "Account API Tokens Write",
    "Zero Trust Read",
    "Zero Trust Write",
    "Device Groups Read",
    "Device Groups Write",
    "Device Group Membership Write",
    "Devices Read",
    "Devices Write",
    "Audit Logs Read",
  ],
};

/** The kind of scope key that permission groups have. */
export const kind = "permission-group";

/** Beside tokens the catalogue is read by whoever may see some token. */
export const kindForTokens = "api-token";

/** How a permission group describes itself beside its name: the reference shows `key` and `value`, SDKs the rest. */
export function metaOf({ label, description }: PermissionGroup): Static<typeof member.meta> {
  return { key: "label", value: label, label, scopes: "com.cloudflare.api.account", description };
}

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

/** Permission groups are found through the tokens that name them. */
export const permission = { read: "api-token.read" } as const;

/** The catalogue is one for all: whoever may see some API token may see it. */
export const kind = "api-token";

/** How a permission group describes itself beside its name: the reference shows `key` and `value`, SDKs the rest. */
export function metaOf({ label, description }: PermissionGroup): Static<typeof member.meta> {
  return { key: "label", value: label, label, scopes: "com.cloudflare.api.account", description };
}

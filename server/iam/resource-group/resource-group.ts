import { hash } from "node:crypto";
import Type, { type Static } from "typebox";
import { line, textList } from "../../operation/text.ts";
import type { NamedResources } from "../iam-policy/index.ts";
import type { ResourceGroupScope } from "../scope.ts";

/** A named set of resources that policies of people are about. */
export type ResourceGroup = NamedResources & {
  /** All times are microseconds since the epoch. */
  readonly createdOn: number;
  readonly modifiedOn: number;
};

/** Objects that one resource group can name. */
export const objectsMax = 1000;

const scopeKey = line({ min: 1, max: 512 });
const closed = { additionalProperties: false } as const;

const scope = Type.Object({
  key: scopeKey,
  objects: textList({ min: 1, max: objectsMax, item: Type.Object({ key: scopeKey }) }),
});

const shownScope = Type.Object(
  { key: Type.String(), objects: Type.Array(Type.Object({ key: Type.String() }, closed)) },
  closed,
);

/** The members of a resource group on the wire, with their limits. */
export const member = {
  id: line({ max: 64 }),
  name: line({ min: 1, max: 255 }),
  /** Clients send the scope as an object, or as a list of that one object, as it is answered. */
  scope: Type.Union([scope, Type.Array(scope, { minItems: 1, maxItems: 1 })]),
};

/** A resource group as it is answered, alone or in a policy. */
export const shown = Type.Object(
  {
    id: Type.String(),
    name: Type.Optional(Type.String()),
    scope: Type.Array(shownScope, { minItems: 1, maxItems: 1 }),
    meta: Type.Object({ editable: Type.String() }, closed),
  },
  closed,
);

/** What seeing and changing resource groups takes. */
export const permission = { read: "resource-group.read", write: "resource-group.write" } as const;

/** Which permission groups contain them. */
export const permissions = {
  [permission.read]: ["Account Settings Read", "Account Settings Write", "SCIM Provisioning"],
  [permission.write]: ["Account Settings Write", "SCIM Provisioning"],
};

/** The kind of scope key that resource groups have. */
export const kind = "resource-group";

/** Reads a scope as it is sent. */
export function scopeFromWire(sent: Static<typeof member.scope>): ResourceGroupScope {
  const { key, objects } = (Array.isArray(sent) ? sent[0] : sent) as Static<typeof scope>;
  return { key, objects: objects.map((object) => ({ key: object.key })) };
}

/** Writes a resource group as it is answered. */
export function toWire({ id, name, scope, origin }: NamedResources): Static<typeof shown> {
  const { key, objects } = scope;
  return {
    id,
    ...(name !== null && { name }),
    scope: [{ key, objects: objects.map((object) => ({ key: object.key })) }],
    meta: { editable: String(origin === "named") },
  };
}

/** Equal for scopes that hold the same objects under the same key, in whatever order. */
export function fingerprintOf({ key, objects }: ResourceGroupScope): string {
  const keys = [...new Set(objects.map((object) => object.key))].sort();
  return hash("sha256", JSON.stringify([key, keys]), "hex");
}

import Type, { type Static } from "typebox";
import { orNull } from "../operation/text.ts";
import type { SentPolicy } from "./drafts.ts";
import { type Access, type IamPolicy, member as ofIamPolicy, policiesMax } from "./iam-policy/index.ts";
import { metaOf, member as ofPermissionGroup, permissionGroup } from "./permission-group/index.ts";
import {
  member as ofResourceGroup,
  toWire as resourceGroupToWire,
  scopeFromWire,
  shown as shownResourceGroup,
} from "./resource-group/index.ts";

const closed = { additionalProperties: false } as const;

const resources = Type.Object({
  id: orNull(ofResourceGroup.id),
  scope: orNull(ofResourceGroup.scope),
});

const sentPolicy = Type.Object({
  id: orNull(Type.String({ maxLength: 64 })),
  access: Type.String({
    pattern: "^([Aa][Ll][Ll][Oo][Ww]|[Dd][Ee][Nn][Yy])$",
    expected: "allow or deny",
    description: "`allow` or `deny`; Terraform takes them in any case.",
    examples: ["allow"],
  }),
  permission_groups: Type.Array(
    Type.Object({
      id: Type.String({ maxLength: 64, examples: ["c8fed203ed3043cba015a93ad1616f1f"] }),
    }),
    { minItems: 1, maxItems: 200 },
  ),
  /** Each with the id of a resource group, or with a scope of its own. */
  resource_groups: Type.Array(resources, { minItems: 1, maxItems: 200 }),
});

/** Policies as people's are sent: of a member or of a user group. */
export const sentPolicies = Type.Array(sentPolicy, { maxItems: policiesMax });

/** A permission group as it is answered in a policy. */
export const shownPermissionGroup = Type.Object(
  { id: ofPermissionGroup.id, name: ofPermissionGroup.name, meta: ofPermissionGroup.meta },
  closed,
);

/** A policy as people's are answered, what it names written out. */
export const shownPolicy = Type.Object(
  {
    id: ofIamPolicy.id,
    access: ofIamPolicy.access,
    permission_groups: Type.Array(shownPermissionGroup),
    resource_groups: Type.Array(shownResourceGroup),
  },
  closed,
);

/** Reads policies as they were sent. */
export function policiesFromWire(sent: Static<typeof sentPolicies>): SentPolicy[] {
  return sent.map(({ id, access, permission_groups, resource_groups }) => ({
    ...(id && { id }),
    access: access.toLowerCase() as Access,
    permissionGroupIds: permission_groups.map((group) => group.id),
    resources: resource_groups.map((group) => ({
      ...(group.id && { id: group.id }),
      ...(group.scope && { scope: scopeFromWire(group.scope) }),
    })),
  }));
}

/** Writes a policy as it is answered. */
export function policyToWire(iamPolicy: IamPolicy): Static<typeof shownPolicy> {
  return {
    id: iamPolicy.id,
    access: iamPolicy.access,
    permission_groups: permissionGroupsToWire(iamPolicy.permissionGroupIds),
    resource_groups: iamPolicy.resourceGroups.map(resourceGroupToWire),
  };
}

/** Writes permission groups as they are answered in a policy. */
export function permissionGroupsToWire(ids: readonly string[]): Static<typeof shownPermissionGroup>[] {
  return ids.flatMap((id) => {
    const group = permissionGroup(id);
    return group ? [{ id, name: group.name, meta: metaOf(group) }] : [];
  });
}

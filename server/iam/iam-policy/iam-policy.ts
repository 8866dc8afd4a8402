import Type, { type Static } from "typebox";
import { line, textMap } from "../../operation/text.ts";
import type { ResourceGroupScope } from "../scope.ts";

/** Which resources a policy is about: scope keys, each with `"*"` or with the keys inside it that are meant. */
export type Resources = { readonly [key: string]: "*" | { readonly [key: string]: "*" } };

/** A resource group as the policies that name it need it; one that was given inline has no name. */
export type NamedResources = {
  readonly id: string;
  readonly name: string | null;
  readonly origin: "built-in" | "named" | "inline";
  readonly scope: ResourceGroupScope;
};

/**
 * Allows or denies permission groups on resources. Belongs to a member, a user group or an API token. A token's
 * policies spell their `resources` out; those of people name resource groups.
 */
export type IamPolicy = {
  readonly id: string;
  readonly access: "allow" | "deny";
  readonly permissionGroupIds: readonly string[];
  readonly resources: Resources;
  readonly resourceGroups: readonly NamedResources[];
};

/** Whose policy it is. */
export type Owner = { readonly kind: "member" | "user-group" | "api-token"; readonly id: string };

/** A policy as a caller gives it: without an id, or with the one it has. */
export type Draft = Omit<IamPolicy, "id"> & { readonly id?: string };

const everything = Type.Literal("*");
const scopeKey = line({ min: 1, max: 512 });
const inner = textMap({ max: 1000, key: scopeKey, item: everything, minProperties: 1 });

/** The members of a policy on the wire. */
export const member = {
  id: Type.String(),
  access: Type.Union([Type.Literal("allow"), Type.Literal("deny")]),
  /** Scope keys, each with `"*"` or with an object of the keys inside it that are meant. */
  resources: textMap({
    max: 1000,
    key: scopeKey,
    item: Type.Union([everything, inner]),
    minProperties: 1,
    examples: [{ "com.cloudflare.api.account.device-group.grp_01m7yzzmx7ekjac241eee6z6g2": "*" }],
  }),
};

export type Access = Static<typeof member.access>;

/** Scope keys that all policies of one owner can name together: what they cost to compile is paid by every caller. */
export const scopeKeysMax = 2000;

/** Policies that one owner can have. */
export const policiesMax = 100;

/** The same resources with their keys sorted: what clients compare as text must not depend on the order of writing. */
export function sortedResources(resources: Resources): Resources {
  const sorted = (entries: [string, unknown][]) =>
    Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  return sorted(
    Object.entries(resources).map(([key, within]) => [
      key,
      within === "*" ? within : sorted(Object.entries(within)),
    ]),
  ) as Resources;
}

/**
 * Gives each draft an id: its own where it is one of the present policies', else that of an equal present
 * policy, else a new one. So the ids of what was not changed stay.
 */
export function identify(
  drafts: readonly Draft[],
  present: readonly IamPolicy[],
  newId: () => string,
): IamPolicy[] {
  const free = [...present];
  const take = (index: number) => (index < 0 ? undefined : free.splice(index, 1)[0]?.id);
  const named = drafts.map((draft) => take(free.findIndex(({ id }) => id === draft.id)));
  return drafts.map((draft, index) => {
    const essence = essenceOf(draft);
    const id = named[index] ?? take(free.findIndex((held) => essenceOf(held) === essence)) ?? newId();
    return {
      id,
      access: draft.access,
      permissionGroupIds: draft.permissionGroupIds,
      resources: draft.resources,
      resourceGroups: draft.resourceGroups,
    };
  });
}

/** The ids of the resource groups that policies name. */
export function resourceGroupsIn(iamPolicies: readonly IamPolicy[]): string[] {
  return iamPolicies.flatMap(({ resourceGroups }) => resourceGroups.map(({ id }) => id));
}

/** What a policy says, whatever its id: two of the same essence decide alike. */
export function essenceOf({ access, permissionGroupIds, resources, resourceGroups }: Draft): string {
  const scopes = resourceGroups.map(({ id, scope }) => [id, scope]);
  return JSON.stringify([access, permissionGroupIds, sortedResources(resources), scopes]);
}

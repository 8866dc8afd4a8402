import { invalid } from "../../failure.ts";
import type { Context } from "../../operation/operation.ts";
import { checkPermissionGroups } from "../drafts.ts";
import { type Draft, identify, scopeKeysMax } from "../iam-policy/index.ts";
import { checkCondition } from "./address.ts";
import type { ApiToken, Condition } from "./api-token.ts";

/** What makes a token; in an edit, an absent member stays as it is. */
export type Wanted = {
  name: string;
  iamPolicies: readonly Draft[];
  disabled?: boolean;
  expiresOn?: number | null;
  notBefore?: number | null;
  condition?: Condition | null;
};

/** A token of which nothing is said yet. */
export const blank = {
  name: "",
  disabled: false,
  modifiedOn: 0,
  lastUsedOn: null,
  expiresOn: null,
  notBefore: null,
  condition: null,
  iamPolicies: [],
};

/**
 * The token that is wanted; what is not said stays as it was.
 *
 * @throws Failure `invalid` for what there is not, or what contradicts itself
 */
export function changed(before: ApiToken, wanted: Wanted, { ids, now }: Context): ApiToken {
  checkPermissionGroups(wanted.iamPolicies);
  checkResources(wanted.iamPolicies);
  const iamPolicies = identify(wanted.iamPolicies, before.iamPolicies, () => ids.hex());
  const { name, disabled, expiresOn, notBefore, condition } = { ...before, ...wanted };
  const after = { ...before, name, disabled, expiresOn, notBefore, condition, iamPolicies, modifiedOn: now };
  checkCondition(after.condition);
  if (after.expiresOn !== null && after.notBefore !== null && after.expiresOn <= after.notBefore)
    throw invalid("/expires_on", "expires_on: expected an instant after not_before");
  return after;
}

/** Clients know resources of either kind and no mixture: they could not read one back. */
function checkResources(drafts: readonly Draft[]): void {
  const keys = drafts.flatMap(({ resources }) =>
    Object.values(resources).flatMap((within) => (within === "*" ? [within] : Object.keys(within))),
  );
  if (keys.length > scopeKeysMax)
    throw invalid("/policies", `policies: expected at most ${scopeKeysMax} scope keys in all resources`);
  for (const [index, { resources }] of drafts.entries()) {
    const kinds = new Set(Object.values(resources).map((within) => within === "*"));
    if (kinds.size < 2) continue;
    const pointer = `/policies/${index}/resources`;
    throw invalid(
      pointer,
      `${pointer.slice(1)}: expected "*" for all of the keys, or an object for all of them`,
    );
  }
}

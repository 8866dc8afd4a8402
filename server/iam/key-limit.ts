import { invalid } from "../failure.ts";
import { type IamPolicy, scopeKeysMax } from "./iam-policy/index.ts";

/**
 * What the policies of one owner cost to compile is paid by every caller that holds them.
 *
 * @throws Failure `invalid` at `pointer` where they name more than 2000 scope keys
 */
export function checkKeys(iamPolicies: readonly Pick<IamPolicy, "resourceGroups">[], pointer: string): void {
  const groups = iamPolicies.flatMap(({ resourceGroups }) => resourceGroups);
  const keys = groups.reduce((count, { scope }) => count + scope.objects.length, 0);
  if (keys > scopeKeysMax)
    throw invalid(
      pointer,
      `${pointer.slice(1)}: expected at most ${scopeKeysMax} scope keys in all resource groups of a holder's policies`,
    );
}

import { authorize } from "../authorize.ts";
import { matters, telling } from "../difference.ts";
import { type Held, iamPoliciesIn } from "../holding.ts";
import { deciderAmong } from "../kept.ts";
import { type PermissionsIn, rightsOf, scopesIn } from "../rights.ts";
import { accountKey } from "../scope.ts";

/** A permission that is allowed or denied on what a scope key covers, and the policy that says so. */
export type Effective = {
  readonly permission: string;
  readonly resource: string;
  readonly access: "allow" | "deny";
  readonly through: Held;
};

/**
 * What somebody who holds these policies may and may not do: for every permission, the scope keys that a policy
 * names for it, and how it is decided on each. Of something that several lines cover, a deny stands, else an allow;
 * what no line covers is not allowed. Answers how many lines there are, and those from `offset` on.
 */
export function effectiveOf(
  held: readonly Held[],
  accountId: string,
  permissionsIn: PermissionsIn,
  { offset, limit }: { readonly offset: number; readonly limit: number } = { offset: 0, limit: Infinity },
): { readonly total: number; readonly lines: readonly Effective[] } {
  const rights = rightsOf(accountId, iamPoliciesIn(held), permissionsIn);
  const whole = accountKey(accountId);
  const decided = [...keysNamed(held, accountId, permissionsIn)].sort(byName).flatMap(([permission, keys]) =>
    [...keys].sort().flatMap((resource) => {
      const chain = resource === whole ? [whole] : telling(permission, resource, accountId);
      const { decidedBy } = authorize(rights, permission, chain);
      return decidedBy === "no-allow" ? [] : [{ permission, resource, access: decidedBy, chain }];
    }),
  );
  // What is shown is decided a second time, by the evaluator that says which policy it was.
  const deciderOf = deciderAmong(held, accountId, permissionsIn);
  const lines = decided.slice(offset, offset + limit).flatMap(({ chain, ...line }) => {
    const through = deciderOf(line.permission, chain);
    return through ? [{ ...line, through }] : [];
  });
  return { total: decided.length, lines };
}

function keysNamed(
  held: readonly Held[],
  accountId: string,
  permissionsIn: PermissionsIn,
): Map<string, Set<string>> {
  const named = new Map<string, Set<string>>();
  for (const { iamPolicy } of held) {
    const scopes = scopesIn(iamPolicy, accountId);
    for (const permission of new Set(iamPolicy.permissionGroupIds.flatMap(permissionsIn))) {
      const keys = named.get(permission) ?? new Set();
      for (const key of scopes) if (matters(permission, key)) keys.add(key);
      named.set(permission, keys);
    }
  }
  return named;
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

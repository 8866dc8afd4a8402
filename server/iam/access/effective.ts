import { authorizeSlowly } from "../authorize-slowly.ts";
import { matters, telling } from "../difference.ts";
import type { Held } from "../holding.ts";
import { keptOf } from "../kept.ts";
import { type PermissionsIn, scopesIn } from "../rights.ts";
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
 * what no line covers is not allowed.
 */
export function effectiveOf(
  held: readonly Held[],
  accountId: string,
  permissionsIn: PermissionsIn,
): Effective[] {
  const kept = new Map(held.map((each) => [each, keptOf(each.iamPolicy, permissionsIn)]));
  const named = new Map<string, Set<string>>();
  for (const [each, { permissions }] of kept)
    for (const permission of permissions) {
      const keys = named.get(permission) ?? new Set();
      for (const key of scopesIn(each.iamPolicy, accountId)) if (matters(permission, key)) keys.add(key);
      named.set(permission, keys);
    }
  const whole = accountKey(accountId);
  const byId = new Map(held.map((each) => [each.iamPolicy.id, each]));
  return [...named].sort(byName).flatMap(([permission, keys]) => {
    const speaking = [...kept.values()].filter(({ permissions }) => permissions.includes(permission));
    return [...keys].sort().flatMap((resource) => {
      const chain = resource === whole ? [whole] : telling(permission, resource, accountId);
      const { decidedBy, policyId } = authorizeSlowly(speaking, permission, accountId, chain);
      const through = byId.get(policyId ?? "");
      return through && decidedBy !== "no-allow"
        ? [{ permission, resource, access: decidedBy, through }]
        : [];
    });
  });
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

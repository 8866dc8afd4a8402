/**
 * Deciding a second time, slowly and plainly, from policies as they are kept. It shares no code with
 * `authorize.ts`, not even `scope.ts`: tests hold the two against each other, and explanations come from here.
 */

/** A policy as it is kept: permissions spelled out, resources not. It has a token's `resources`, or groups, or both. */
export type KeptIamPolicy = {
  readonly id: string;
  readonly access: "allow" | "deny";
  readonly permissions: readonly string[];
  readonly resources?: { readonly [key: string]: string | { readonly [key: string]: string } };
  readonly resourceGroups?: readonly {
    readonly key: string;
    readonly objects: readonly { readonly key: string }[];
  }[];
};

/**
 * Why a policy is not the one that decided: it lacks the permission; it has it, but for nothing in the chain;
 * it allows, but a deny wins; it says the same as the one that decided, which came first.
 */
export type WhyNot = "other-permission" | "other-resource" | "overruled-by-deny" | "agrees-with-decider";

/** A decision with its reasons. `policyId` is the first policy that decided, null where nothing allows. */
export type Explanation = {
  readonly allowed: boolean;
  readonly decidedBy: "allow" | "deny" | "no-allow";
  readonly policyId: string | null;
  readonly others: readonly { readonly policyId: string; readonly why: WhyNot }[];
};

/**
 * Decides by the policies of one holder. `chain` has plain keys only: the account's, the object's, and those of
 * the groups that it is read through; `com.cloudflare.api.account.<kind>.*` stands for a kind as a whole.
 */
export function authorizeSlowly(
  iamPolicies: readonly KeptIamPolicy[],
  permission: string,
  accountId: string,
  chain: readonly string[],
): Explanation {
  const judged = iamPolicies.map((iamPolicy) => ({
    iamPolicy,
    bar: barTo(iamPolicy, permission, accountId, chain),
  }));
  const applying = judged.filter(({ bar }) => bar === null).map(({ iamPolicy }) => iamPolicy);
  const deny = applying.find(({ access }) => access === "deny");
  const decider = deny ?? applying.find(({ access }) => access === "allow");
  const others = judged
    .filter(({ iamPolicy }) => iamPolicy !== decider)
    .map(({ iamPolicy, bar }): Explanation["others"][number] => {
      const overruled = iamPolicy.access === "allow" && deny !== undefined;
      return {
        policyId: iamPolicy.id,
        why: bar ?? (overruled ? "overruled-by-deny" : "agrees-with-decider"),
      };
    });
  if (!decider) return { allowed: false, decidedBy: "no-allow", policyId: null, others };
  return { allowed: decider.access === "allow", decidedBy: decider.access, policyId: decider.id, others };
}

/**
 * The decision on a user token out of its own and its owner's: both must allow. Answers the one that decides
 * (a deny before a lack), with its own reasons; where both allow, the token's.
 */
export function cutByOwner(token: Explanation, owner: Explanation): Explanation {
  const both = [token, owner];
  return both.find(({ decidedBy }) => decidedBy === "deny") ?? both.find(({ allowed }) => !allowed) ?? token;
}

function barTo(
  iamPolicy: KeptIamPolicy,
  permission: string,
  accountId: string,
  chain: readonly string[],
): "other-permission" | "other-resource" | null {
  if (!iamPolicy.permissions.includes(permission)) return "other-permission";
  const pairs: [outer: string, inner: string][] = [];
  for (const [outer, value] of Object.entries(iamPolicy.resources ?? {})) {
    if (value === "*") pairs.push([outer, "*"]);
    else
      for (const [inner, star] of Object.entries(value ?? {})) if (star === "*") pairs.push([outer, inner]);
  }
  for (const { key, objects } of iamPolicy.resourceGroups ?? [])
    for (const object of objects) pairs.push([key, object.key]);
  const covers = pairs.some(([outer, inner]) =>
    chain.some((link) => names(outer, link, accountId) && (inner === "*" || names(inner, link, accountId))),
  );
  return covers ? null : "other-resource";
}

/** Whether a key names one link of a chain: all of the account, all of the link's kind, or the link itself. */
function names(key: string, link: string, accountId: string): boolean {
  const [, account] = /^com\.cloudflare\.api\.account\.([^.]*)$/s.exec(key) ?? [];
  if (account !== undefined) return account === "*" || account === accountId;
  const [, allOfKind] = /^(com\.cloudflare\.api\.account\.[^.]+\.)\*$/s.exec(key) ?? [];
  return allOfKind === undefined ? key === link : link.startsWith(allOfKind);
}

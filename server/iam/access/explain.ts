import { authorizeSlowly, cutByOwner, type Explanation, type WhyNot } from "../authorize-slowly.ts";
import type { Held } from "../holding.ts";
import { keptOf } from "../kept.ts";
import type { PermissionsIn } from "../rights.ts";
import type { Question } from "./question.ts";

/** Why a policy is not the one that decided; of a token and its owner both must allow, so that one alone is not enough. */
export type Why = WhyNot | "not-enough-alone";

/** A decision with the policy that made it and the reason of every other for not having done so. */
export type Explained = {
  readonly allowed: boolean;
  readonly decidedBy: Explanation["decidedBy"];
  readonly decider: Held | null;
  readonly others: readonly { readonly held: Held; readonly why: Why }[];
};

/** Explains what somebody who holds these policies may do. With `owner`, they are a token's, cut by its owner's. */
export function explain(
  question: Question,
  held: readonly Held[],
  owner: readonly Held[] | null,
  accountId: string,
  permissionsIn: PermissionsIn,
): Explained {
  const decide = (permission: string, chain: readonly string[]) => {
    const by = (those: readonly Held[]) => {
      const kept = those.map(({ iamPolicy }) => keptOf(iamPolicy, permissionsIn));
      return authorizeSlowly(kept, permission, accountId, chain);
    };
    return owner ? bothOf(by(held), by(owner)) : by(held);
  };
  const right = decide(question.permission, question.chain);
  const sight = question.sight && decide(question.sight.permission, question.sight.chain);
  const decision = right.allowed && sight?.decidedBy === "deny" ? sight : right;
  const byId = new Map([...held, ...(owner ?? [])].map((each) => [each.iamPolicy.id, each]));
  return {
    allowed: decision.allowed,
    decidedBy: decision.decidedBy,
    decider: byId.get(decision.policyId ?? "") ?? null,
    others: decision.others.flatMap(({ policyId, why }) => {
      const other = byId.get(policyId);
      return other ? [{ held: other, why }] : [];
    }),
  };
}

type Decided = Omit<Explanation, "others"> & {
  readonly others: readonly { readonly policyId: string; readonly why: Why }[];
};

/** The decision out of a token's policies and its owner's; those of the side that did not decide say why not, too. */
function bothOf(token: Explanation, owner: Explanation): Decided {
  const decision = cutByOwner(token, owner);
  const other = decision === token ? owner : token;
  const agreeing = whyAgreeing(other, decision);
  const others: Decided["others"] = other.others.map(({ policyId, why }) => ({
    policyId,
    why: why === "agrees-with-decider" ? agreeing : why,
  }));
  const decider = other.policyId === null ? [] : [{ policyId: other.policyId, why: agreeing }];
  return { ...decision, others: [...decision.others, ...decider, ...others] };
}

function whyAgreeing(other: Explanation, decision: Explanation): Why {
  if (other.decidedBy === decision.decidedBy) return "agrees-with-decider";
  return decision.decidedBy === "deny" ? "overruled-by-deny" : "not-enough-alone";
}

/**
 * Answers for many holders whether they may, and by which policy: each policy is judged once, however many hold it.
 */
export function makeDecider(
  question: Question,
  accountId: string,
  permissionsIn: PermissionsIn,
): (held: readonly Held[]) => Held | null {
  const judged = new Map<string, { applies: boolean; hides: boolean }>();
  const judge = ({ iamPolicy }: Held) => {
    const known = judged.get(iamPolicy.id);
    if (known) return known;
    const applied = ({ permission, chain }: Pick<Question, "permission" | "chain">) =>
      authorizeSlowly([keptOf(iamPolicy, permissionsIn)], permission, accountId, chain).policyId !== null;
    const hides = iamPolicy.access === "deny" && question.sight !== null && applied(question.sight);
    const verdict = { applies: applied(question), hides };
    judged.set(iamPolicy.id, verdict);
    return verdict;
  };
  return (held) => {
    const refuses = (each: Held) =>
      judge(each).hides || (each.iamPolicy.access === "deny" && judge(each).applies);
    if (held.some(refuses)) return null;
    return held.find((each) => judge(each).applies) ?? null;
  };
}

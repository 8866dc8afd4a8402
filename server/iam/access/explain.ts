import { authorizeSlowly, cutByOwner, type Explanation, type WhyNot } from "../authorize-slowly.ts";
import type { Held } from "../holding.ts";
import { keptOf } from "../kept.ts";
import type { PermissionsIn } from "../rights.ts";
import type { Question } from "./question.ts";

/** A decision with the policy that made it and the reason of every other for not having done so. */
export type Explained = {
  readonly allowed: boolean;
  readonly decidedBy: Explanation["decidedBy"];
  readonly decider: Held | null;
  readonly others: readonly { readonly held: Held; readonly why: WhyNot }[];
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
    return owner ? cutByOwner(by(held), by(owner)) : by(held);
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

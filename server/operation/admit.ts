import { Failure, missing, type Needs } from "../failure.ts";
import type { Membership } from "./caller.ts";
import type { Parts } from "./hall.ts";
import type { Access, Need, Target } from "./operation.ts";

type Judge = Pick<Parts, "chainOfKind" | "groupsContaining">;

/** What is asked of a caller: a permission on what a target names, `sees` being the one that reading it takes. */
export type Demand = Pick<Need, "sees" | "resource"> & { readonly access: Access };

/**
 * Lets a caller pass to what a path or a body names, and answers it. A hidden object and a missing one end
 * alike: `missing` for a caller that may read some of the kind, `forbidden` for one that may read none.
 *
 * @throws Failure `missing` or `forbidden`
 */
export function admit<Noun>(judge: Judge, account: Membership, demand: Demand, target: Target<Noun>): Noun {
  if ("missing" in target) throw hidden(judge, account, demand);
  if ("to" in demand.access) return target.noun;
  const { permission } = demand.access;
  const sight = account.authorize(demand.sees, target.readChain ?? target.chain);
  const right = permission === demand.sees ? sight : account.authorize(permission, target.chain);
  if (right.allowed && sight.decidedBy !== "deny") return target.noun;
  if (sight.allowed) throw forbidden(judge, permission, right.decidedBy === "deny" ? "deny" : "no-allow");
  throw hidden(judge, account, demand);
}

/** Lets a caller pass to a kind as a whole, to make a new one of it. Throws `forbidden`. */
export function admitToKind(judge: Judge, account: Membership, access: Access, kind: string): void {
  if ("to" in access) return;
  const right = account.authorize(access.permission, judge.chainOfKind(account.accountId, kind));
  if (!right.allowed)
    throw forbidden(judge, access.permission, right.decidedBy === "deny" ? "deny" : "no-allow");
}

/** The refusal that says what was missing and what decided. */
export function forbidden(judge: Judge, permission: string, decidedBy: Needs["decidedBy"]): Failure {
  const permissionGroups = judge.groupsContaining(permission);
  const why = decidedBy === "deny" ? "a policy denies it" : "no policy allows it";
  const message = `${permission} is needed here, and ${why}; it is in ${permissionGroups.join(", ") || "no permission group"}`;
  return new Failure("forbidden", message, { needs: { permission, permissionGroups, decidedBy } });
}

/** One wording for what is hidden and what is missing, or the words would tell them apart. */
function hidden(judge: Judge, account: Membership, demand: Demand): Failure {
  if ("to" in demand.access || account.holds(demand.sees, demand.resource))
    return missing(demand.resource.replaceAll("-", " "));
  const ofKind = account.authorize(demand.sees, judge.chainOfKind(account.accountId, demand.resource));
  return forbidden(judge, demand.access.permission, ofKind.decidedBy === "deny" ? "deny" : "no-allow");
}

import type { Handle } from "../db/database.ts";
import { Failure, invalid } from "../failure.ts";
import type { Soon } from "../soon.ts";
import type { Caller, Membership } from "./caller.ts";
import type { Call, Input, Parts } from "./hall.ts";
import type { ListOperation, Operation, StreamOperation } from "./operation.ts";

/** Where a call takes place, and its input where it had to be read to find out. */
export type Place = { readonly account: Membership; readonly input?: Input };

/**
 * Finds the account of a call: the one it names, or the caller's only one. A caller with several accounts that
 * names none means the one that holds what the path names, or the one that the body names.
 *
 * @throws Failure `forbidden` for an account in which the caller has no place, whether or not it exists
 */
export function placeOf(parts: Parts, operation: Operation, call: Call): Soon<Place> {
  const { caller } = call;
  if (call.account !== undefined) return { account: membershipIn(parts, operation, caller, call.account) };
  const [first, second] = caller.memberships;
  if (!first) throw noPlace(parts, operation);
  if (!second) return { account: first };
  if (operation.kind !== "list" && operation.kind !== "stream" && operation.target)
    return parts.read((db) => holderOfTarget(db, operation, call, first)).then((account) => ({ account }));
  const input = call.input();
  if (input.account === undefined)
    throw invalid("/org_id", "org_id: required, because this credential belongs to several organizations");
  return { account: membershipIn(parts, operation, caller, input.account), input };
}

/** An account named in a body must be the one that the call works in. */
export function checkNamedAccount(
  judge: Judge,
  operation: Operation,
  caller: Caller,
  account: Membership,
  named: string | undefined,
): void {
  if (named !== undefined && membershipIn(judge, operation, caller, named) !== account)
    throw invalid("/org_id", "org_id: expected the organization that the rest of the request names");
}

type Judge = Pick<Parts, "groupsContaining">;

/** A caller's place in an account, by its id or `org_id`. Throws Failure `forbidden` where it has none. */
export function membershipIn(judge: Judge, operation: Operation, caller: Caller, named: string): Membership {
  const membership = caller.memberships.find(
    ({ accountId, orgId }) => accountId === named || orgId === named,
  );
  if (!membership) throw noPlace(judge, operation);
  return membership;
}

function noPlace(judge: Judge, { access }: Operation): Failure {
  const permission = "permission" in access ? access.permission : "";
  const permissionGroups = judge.groupsContaining(permission);
  const needed = permission && `; ${permission} is needed there, which is in ${permissionGroups.join(", ")}`;
  return new Failure("forbidden", `this credential has no place in that account${needed}`, {
    needs: { permission, permissionGroups, decidedBy: "no-membership" },
  });
}

/**
 * The account in which a caller sees what the path names; for a missing one, an account where it may look. A name
 * that things in several accounts have is refused: a guess could change the wrong one.
 */
async function holderOfTarget(
  db: Handle,
  operation: Exclude<Operation, ListOperation<any, any> | StreamOperation<any, any>>,
  call: Call,
  first: Membership,
): Promise<Membership> {
  const holders: Membership[] = [];
  for (const account of call.caller.memberships) {
    const target = await operation.target?.(db, account, call.path);
    if (!target || "missing" in target) continue;
    if (account.authorize(operation.sees, target.readChain ?? target.chain).allowed) holders.push(account);
  }
  if (holders.length > 1)
    throw invalid("/org_id", "org_id: required, because several organizations have something of this name");
  const mayLook = call.caller.memberships.find((account) =>
    account.holds(operation.sees, operation.resource),
  );
  return holders[0] ?? mayLook ?? first;
}

import type { ChangedRight, Impact } from "../operation/impact.ts";
import { sampleMax } from "../operation/impact.ts";
import type { Context } from "../operation/operation.ts";
import type { Rights } from "./authorize.ts";
import { authorizeSlowly } from "./authorize-slowly.ts";
import { type Difference, differences, telling } from "./difference.ts";
import { goesTooFar, grantRefusal } from "./grant.ts";
import { asHeld, type Held, iamPoliciesIn } from "./holding.ts";
import { essenceOf, type IamPolicy, type Owner } from "./iam-policy/index.ts";
import { keptOf } from "./kept.ts";
import { rightsOf } from "./rights.ts";

/** Whose rights a change moves. `unit` is a group's policies by themselves: nobody, until somebody joins it. */
export type Holder = {
  readonly type: "member" | "token" | "unit";
  readonly id: string;
  readonly name: string;
};

/** What somebody holds before and after a change. */
export type Shift = {
  readonly holder: Holder;
  readonly before: readonly Held[];
  readonly after: readonly Held[];
};

/**
 * A change of who holds which policies, before it is made: the policies that begin and that cease to hold for
 * anybody, and, looked up only where it is needed, what that does to each holder.
 */
export type RightsChange = {
  readonly came: readonly IamPolicy[];
  readonly went: readonly IamPolicy[];
  shifts(): Promise<readonly Shift[]>;
};

/** What became of the policies of one owner: those that are only in one of the two lists, by what they say. */
export function cameAndWent(
  before: readonly IamPolicy[],
  after: readonly IamPolicy[],
): Pick<RightsChange, "came" | "went"> {
  const [was, is] = [before, after].map((each) => new Set(each.map(essenceOf)));
  return {
    came: after.filter((iamPolicy) => !was?.has(essenceOf(iamPolicy))),
    went: before.filter((iamPolicy) => !is?.has(essenceOf(iamPolicy))),
  };
}

/** What becomes of a user group's policies by themselves: somebody may join it later. */
export function unitShift(owner: Owner, before: readonly IamPolicy[], after: readonly IamPolicy[]): Shift {
  const holder = { type: "unit", id: owner.id, name: `whoever is in user group ${owner.id}` } as const;
  return { holder, before: asHeld(owner, before), after: asHeld(owner, after) };
}

/** A change that moves nobody's rights. */
export const nobodyMoves: RightsChange = { came: [], went: [], shifts: async () => [] };

/**
 * Keeps the grant rule for a change, and in a dry run answers what the change would do to rights: a function,
 * so that counting is done when nothing is held any more.
 *
 * @throws Failure `forbidden` where somebody would hold more than the caller may give
 */
export async function weigh(context: Context, change: RightsChange): Promise<(() => Impact) | undefined> {
  await checkGrant(context, change);
  if (!context.rehearsing) return undefined;
  const shifts = (await change.shifts()).filter(({ holder }) => holder.type !== "unit");
  return () => impactOf(context, shifts);
}

/**
 * The policies that come and the denies that go, taken as allows, are the most that a change can bring about:
 * where that doesn't go too far, nobody needs to be looked at.
 */
async function checkGrant(context: Context, { came, went, shifts }: RightsChange): Promise<void> {
  const { account, groupsContaining } = context;
  const freed = [
    ...came.filter(({ access }) => access === "allow"),
    ...went
      .filter(({ access }) => access === "deny")
      .map((iamPolicy) => ({ ...iamPolicy, access: "allow" as const })),
  ];
  if (freed.length === 0 || !goesTooFar(account, compiled(context, freed))) return;
  const compile = remembered(context);
  for (const { holder, before, after } of await shifts()) {
    const excess = goesTooFar(account, compile("after", after), compile("before", before));
    if (excess) throw grantRefusal(inWords(holder), excess, groupsContaining);
  }
}

function inWords({ type, name }: Holder): string {
  return type === "token" ? "the token" : name;
}

function impactOf(context: Context, shifts: readonly Shift[]): Impact {
  const compile = remembered(context);
  const found = new Map<string, readonly Difference[]>();
  const rights = { gained: 0, lost: 0, sample: [] as ChangedRight[] };
  for (const shift of shifts) {
    const key = `${idsOf(shift.before)} ${idsOf(shift.after)}`;
    const moved =
      found.get(key) ??
      differences(compile("before", shift.before), compile("after", shift.after), context.account.accountId);
    found.set(key, moved);
    for (const difference of moved) {
      rights[difference.gained ? "gained" : "lost"] += 1;
      if (rights.sample.length < sampleMax) rights.sample.push(shown(context, shift, difference));
    }
  }
  return { rights };
}

function shown(context: Context, { holder, before, after }: Shift, difference: Difference): ChangedRight {
  const { permission, scope, gained } = difference;
  return {
    ...(holder.type === "member"
      ? { member: { id: holder.id, email: holder.name } }
      : { token: { id: holder.id, name: holder.name } }),
    permission,
    resource: scope,
    before: gained ? "denied" : "allowed",
    after: gained ? "allowed" : "denied",
    through: deciderOf(context, after, permission, scope) ?? deciderOf(context, before, permission, scope),
  };
}

function deciderOf(
  context: Context,
  held: readonly Held[],
  permission: string,
  scope: string,
): ChangedRight["through"] {
  const { accountId } = context.account;
  const kept = held.map(({ iamPolicy }) => keptOf(iamPolicy, context.permissionsIn));
  const { policyId } = authorizeSlowly(kept, permission, accountId, telling(permission, scope, accountId));
  const decider = held.find(({ iamPolicy }) => iamPolicy.id === policyId);
  return decider ? throughOf(decider) : null;
}

/** A policy and where it comes from, as it is shown. */
export function throughOf({ from, iamPolicy }: Held): NonNullable<ChangedRight["through"]> {
  const types = { member: "member", "user-group": "user_group", "api-token": "token" } as const;
  return {
    policy_id: iamPolicy.id,
    access: iamPolicy.access,
    from: { type: types[from.kind], id: from.id },
  };
}

type Compile = (when: "before" | "after", held: readonly Held[]) => Rights;

/** Many hold the same policies, which are compiled once. An edit keeps a policy's id: so before is apart from after. */
function remembered(context: Context): Compile {
  const kept = new Map<string, Rights>();
  return (when, held) => {
    const key = `${when} ${idsOf(held)}`;
    const rights = kept.get(key) ?? compiled(context, iamPoliciesIn(held));
    kept.set(key, rights);
    return rights;
  };
}

function idsOf(held: readonly Held[]): string {
  return held.map(({ iamPolicy }) => iamPolicy.id).join();
}

function compiled({ account, permissionsIn }: Context, iamPolicies: readonly IamPolicy[]): Rights {
  return rightsOf(account.accountId, iamPolicies, permissionsIn);
}

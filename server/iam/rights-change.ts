import type { Handle } from "../db/database.ts";
import type { Membership } from "../operation/caller.ts";
import { type ChangedRight, type Impact, sampleMax } from "../operation/impact.ts";
import type { Context, CountImpact } from "../operation/operation.ts";
import type { Rights } from "./authorize.ts";
import { type Difference, differences, telling } from "./difference.ts";
import { goesTooFar, grantRefusal } from "./grant.ts";
import { asHeld, type Held, iamPoliciesIn } from "./holding.ts";
import { essenceOf, type IamPolicy, type Owner } from "./iam-policy/index.ts";
import { deciderAmong } from "./kept.ts";
import { rightsOf } from "./rights.ts";
import { chainOf } from "./scope.ts";

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
  shifts(db: Handle): Promise<readonly Shift[]>;
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
  const holder = { type: "unit", id: owner.id, name: "whoever joins the user group" } as const;
  return { holder, before: asHeld(owner, before), after: asHeld(owner, after) };
}

/** A change that moves nobody's rights. */
export const nobodyMoves: RightsChange = { came: [], went: [], shifts: async () => [] };

/**
 * Keeps the grant rule for a change, and in a dry run answers how to count what the change would do to rights: it is
 * counted when nothing is held any more. Where that differs from what is given away, it is `counted`: a token that is
 * rolled gives all its rights to whoever reads the answer, and holds no more than before.
 *
 * @throws Failure `forbidden` where somebody would hold more than the caller may give
 */
export async function weigh(
  context: Context,
  change: RightsChange,
  counted: RightsChange = change,
): Promise<CountImpact | undefined> {
  await checkGrant(context, change);
  return context.rehearsing ? (db) => countImpact(context, counted, db) : undefined;
}

/**
 * The policies that come and the denies that go, taken as allows, are the most that a change can bring about:
 * where that doesn't go too far, nobody needs to be looked at.
 */
async function checkGrant(context: Context, change: RightsChange): Promise<void> {
  const { account, groupsContaining } = context;
  const { came, went } = change;
  const freed = [
    ...came.filter(({ access }) => access === "allow"),
    ...went
      .filter(({ access }) => access === "deny")
      .map((iamPolicy) => ({ ...iamPolicy, access: "allow" as const })),
  ];
  if (freed.length === 0 || !goesTooFar(account, compiled(context, freed))) return;
  const excessOf = onceForEach(context, change, (before, after) => goesTooFar(account, after, before));
  for await (const shift of unhurried(await change.shifts(context.db))) {
    const excess = excessOf(shift);
    if (excess) throw grantRefusal(inWords(account, shift.holder), excess, groupsContaining);
  }
}

async function countImpact(context: Context, change: RightsChange, db: Handle): Promise<Impact> {
  const { account } = context;
  const rights = { gained: 0, lost: 0, sample: [] as ChangedRight[] };
  const movedBy = onceForEach(context, change, (before, after) =>
    differences(before, after, account.accountId),
  );
  for await (const shift of unhurried(await change.shifts(db))) {
    if (shift.holder.type === "unit") continue;
    const moved = movedBy(shift);
    for (const { gained } of moved) rights[gained ? "gained" : "lost"] += 1;
    if (!isSeen(account, shift.holder)) continue;
    for (const difference of moved.slice(0, sampleMax - rights.sample.length))
      rights.sample.push(shown(context, shift, difference));
  }
  return { rights };
}

/**
 * Compares what somebody holds before and after, once for all who hold the same. Only policies that speak of a
 * permission which the change moves are looked at. An edit keeps a policy's id: so before is apart from after.
 */
function onceForEach<T>(
  context: Context,
  { came, went }: RightsChange,
  compare: (before: Rights, after: Rights) => T,
): (shift: Shift) => T {
  const moving = new Set(
    [...came, ...went].flatMap((each) => each.permissionGroupIds.flatMap(context.permissionsIn)),
  );
  const speaking = new Map<string, boolean>();
  const speaks = ({ permissionGroupIds }: IamPolicy) =>
    permissionGroupIds.some((id) => {
      const known = speaking.get(id) ?? context.permissionsIn(id).some((each) => moving.has(each));
      speaking.set(id, known);
      return known;
    });
  const found = new Map<string, T>();
  return ({ before, after }) => {
    const [was, is] = [before, after].map((held) => iamPoliciesIn(held).filter(speaks)) as [
      IamPolicy[],
      IamPolicy[],
    ];
    const key = [was, is]
      .map((held) =>
        held
          .map(({ id }) => id)
          .sort()
          .join(),
      )
      .join(" ");
    const known = found.get(key);
    if (known !== undefined) return known;
    const result = compare(compiled(context, was), compiled(context, is));
    found.set(key, result);
    return result;
  };
}

/** How long looking at many holders may keep everybody else waiting, in milliseconds. */
const turnMs = 20;

/** Goes through items, and lets others have a turn now and then. */
async function* unhurried<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  let since = performance.now();
  for (const item of items) {
    yield item;
    if (performance.now() - since < turnMs) continue;
    await new Promise((resolve) => setImmediate(resolve));
    since = performance.now();
  }
}

/** Whoever may not see a holder is not told who it is. */
function isSeen(account: Membership, { type, id }: Holder): boolean {
  const kind = { member: "member", token: "api-token", unit: "user-group" }[type];
  return account.authorize(`${kind}.read`, chainOf(account.accountId, kind, id)).allowed;
}

function inWords(account: Membership, holder: Holder): string {
  if (holder.type === "token") return "the token";
  if (holder.type === "unit") return holder.name;
  return isSeen(account, holder) ? holder.name : "somebody";
}

function shown(context: Context, { holder, before, after }: Shift, difference: Difference): ChangedRight {
  const { permission, scope, gained } = difference;
  const { account, permissionsIn } = context;
  const chain = telling(permission, scope, account.accountId);
  const decide = (held: readonly Held[]) =>
    deciderAmong(held, account.accountId, permissionsIn)(permission, chain);
  const decider = decide(after) ?? decide(before);
  return {
    ...(holder.type === "member"
      ? { member: { id: holder.id, email: holder.name } }
      : { token: { id: holder.id, name: holder.name } }),
    permission,
    resource: scope,
    before: gained ? "denied" : "allowed",
    after: gained ? "allowed" : "denied",
    through: decider ? unnamed(account, throughOf(decider)) : null,
  };
}

type Through = NonNullable<ChangedRight["through"]>;

/** A user group that the caller may not see has no id for it. */
function unnamed(account: Membership, through: Through): Through {
  const { id, type } = through.from;
  if (type !== "user_group" || id === undefined) return through;
  if (isSeen(account, { type: "unit", id, name: "" })) return through;
  return { ...through, from: { type } };
}

/** A policy and where it comes from, as it is shown. */
export function throughOf({ from, iamPolicy }: Held): Through & { from: { id: string } } {
  const types = { member: "member", "user-group": "user_group", "api-token": "token" } as const;
  return {
    policy_id: iamPolicy.id,
    access: iamPolicy.access,
    from: { type: types[from.kind], id: from.id },
  };
}

function compiled({ account, permissionsIn }: Context, iamPolicies: readonly IamPolicy[]): Rights {
  return rightsOf(account.accountId, iamPolicies, permissionsIn);
}

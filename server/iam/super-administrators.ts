import { conflict } from "../failure.ts";
import type { Context, CountImpact } from "../operation/operation.ts";
import { authorize } from "./authorize.ts";
import { type Held, heldBy, iamPoliciesIn } from "./holding.ts";
import { ownersHolding } from "./iam-policy/index.ts";
import { activeAmong, membersOfGroups } from "./membership/index.ts";
import { grant, superAdministrator, superAdministratorGroup } from "./permission-group/index.ts";
import { type PermissionsIn, rightsOf } from "./rights.ts";
import { type RightsChange, weigh } from "./rights-change.ts";
import { chainOfKind } from "./scope.ts";

/** What a super administrator needs to put an account's rights right again: who is denied one of these is none. */
const mending = ["member.read", "member.write", grant, superAdministrator];

/** Candidates that are looked up at once: mostly the first will do. */
const candidatesAtOnce = 50;

/**
 * Makes a change of rights that may take some from somebody: the grant rule is kept before it is written, and a
 * super administrator after. Answers how to count what a dry run would bring about.
 *
 * @throws Failure `forbidden` where somebody would hold more than the caller may give, `conflict` where no super
 * administrator would be left
 */
export async function changeRights(
  context: Context,
  change: RightsChange,
  write: () => Promise<void>,
): Promise<CountImpact | undefined> {
  const impact = await weigh(context, change);
  await write();
  await keepSuperAdministrator(context, change);
  return impact;
}

/**
 * An account must keep a super administrator: a person who was accepted and has a key, and who is not denied what it
 * takes to change members' rights. Looks at what is written.
 */
async function keepSuperAdministrator(
  context: Context,
  { came, went }: Pick<RightsChange, "came" | "went">,
): Promise<void> {
  const lowering = [
    ...came.filter(({ access }) => access === "deny"),
    ...went.filter(({ access }) => access === "allow"),
  ];
  const touches = lowering.some(({ permissionGroupIds }) =>
    permissionGroupIds.some((id) => mending.some((need) => context.permissionsIn(id).includes(need))),
  );
  if (touches && !(await hasSuperAdministrator(context)))
    throw conflict(
      "the account would be left without a super administrator: make somebody else one first",
      "last-super-administrator",
    );
}

async function hasSuperAdministrator({ db, account, permissionsIn }: Context): Promise<boolean> {
  const { accountId } = account;
  const holding = (kind: "member" | "user-group") =>
    ownersHolding(db, accountId, kind, superAdministratorGroup);
  const throughGroups = await membersOfGroups(db, accountId, await holding("user-group"));
  const candidates = [...new Set([...(await holding("member")), ...throughGroups])];
  const active = await activeAmong(db, accountId, candidates);
  for (let from = 0; from < active.length; from += candidatesAtOnce) {
    const held = await heldBy(db, accountId, active.slice(from, from + candidatesAtOnce));
    if ([...held.values()].some((those) => canMend(accountId, those, permissionsIn))) return true;
  }
  return false;
}

function canMend(accountId: string, held: readonly Held[], permissionsIn: PermissionsIn): boolean {
  const rights = rightsOf(accountId, iamPoliciesIn(held), permissionsIn);
  return mending.every((permission) => {
    const kind = permission.startsWith("member.") ? "member" : "account";
    return authorize(rights, permission, chainOfKind(accountId, kind)).allowed;
  });
}

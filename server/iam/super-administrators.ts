import { conflict } from "../failure.ts";
import type { Context } from "../operation/operation.ts";
import { authorize } from "./authorize.ts";
import { heldBy, iamPoliciesIn } from "./holding.ts";
import { ownersHolding } from "./iam-policy/index.ts";
import { activeAmong, membersOfGroups } from "./membership/index.ts";
import { superAdministrator, superAdministratorGroup } from "./permission-group/index.ts";
import { rightsOf } from "./rights.ts";
import type { RightsChange } from "./rights-change.ts";
import { chainOfKind } from "./scope.ts";

/**
 * To be called once a change of rights is written, in its transaction: an account must keep a super administrator,
 * a person who was accepted and has a key.
 *
 * @throws Failure `conflict` where none is left
 */
export async function keepSuperAdministrator(
  context: Context,
  { came, went }: Pick<RightsChange, "came" | "went">,
): Promise<void> {
  const lowering = [
    ...came.filter(({ access }) => access === "deny"),
    ...went.filter(({ access }) => access === "allow"),
  ];
  const touches = lowering.some(({ permissionGroupIds }) =>
    permissionGroupIds.includes(superAdministratorGroup),
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
  const held = await heldBy(db, accountId, await activeAmong(db, accountId, candidates));
  return [...held.values()].some((one) => {
    const rights = rightsOf(accountId, iamPoliciesIn(one), permissionsIn);
    return authorize(rights, superAdministrator, chainOfKind(accountId, "account")).allowed;
  });
}

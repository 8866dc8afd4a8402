import type { Context } from "../../operation/operation.ts";
import { heldBy, withPoliciesOf } from "../holding.ts";
import { type IamPolicy, type Owner, ownersNaming, policiesOf } from "../iam-policy/index.ts";
import { memberNames, membersOfGroups } from "../membership/index.ts";
import { cameAndWent, type RightsChange, type Shift, unitShift } from "../rights-change.ts";
import type { ResourceGroup } from "./resource-group.ts";

type Moved = {
  readonly owner: Owner;
  readonly before: readonly IamPolicy[];
  readonly after: readonly IamPolicy[];
};

/** What another scope of a resource group does to everybody who holds a policy that names it. */
export async function moveOf(
  context: Context,
  before: ResourceGroup,
  after: ResourceGroup,
): Promise<RightsChange & { readonly owners: readonly Moved[] }> {
  const { db, account } = context;
  const owners: Moved[] = [];
  for (const { owner } of await ownersNaming(db, account.accountId, [before.id])) {
    const held = await policiesOf(db, account.accountId, owner);
    owners.push({ owner, before: held, after: held.map((iamPolicy) => renaming(iamPolicy, after)) });
  }
  const moves = owners.map((moved) => cameAndWent(moved.before, moved.after));
  return {
    owners,
    came: moves.flatMap(({ came }) => came),
    went: moves.flatMap(({ went }) => went),
    shifts: () => shiftsOf(context, owners),
  };
}

function renaming(iamPolicy: IamPolicy, group: ResourceGroup): IamPolicy {
  const { id, name, origin, scope } = group;
  const resourceGroups = iamPolicy.resourceGroups.map((named) =>
    named.id === group.id ? { id, name, origin, scope } : named,
  );
  return { ...iamPolicy, resourceGroups };
}

async function shiftsOf({ db, account }: Context, owners: readonly Moved[]): Promise<Shift[]> {
  const { accountId } = account;
  const idsOf = (kind: Owner["kind"]) =>
    owners.filter(({ owner }) => owner.kind === kind).map(({ owner }) => owner.id);
  const groups = owners.filter(({ owner }) => owner.kind === "user-group");
  const through = await membersOfGroups(db, accountId, idsOf("user-group"));
  const memberIds = [...new Set([...idsOf("member"), ...through])];
  const names = await memberNames(db, accountId, memberIds);
  const held = await heldBy(db, accountId, memberIds);
  const units = groups.map((moved) => unitShift(moved.owner, moved.before, moved.after));
  const members = memberIds.map((id) => {
    const before = held.get(id) ?? [];
    const after = owners
      .filter(({ owner }) => before.some(({ from }) => from.kind === owner.kind && from.id === owner.id))
      .reduce((still, moved) => withPoliciesOf(moved.owner, moved.after, still), before);
    return { holder: { type: "member", id, name: names.get(id) ?? id }, before, after } as const;
  });
  return [...units, ...members];
}

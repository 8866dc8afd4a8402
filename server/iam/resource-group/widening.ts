import type { Handle } from "../../db/database.ts";
import type { Context } from "../../operation/operation.ts";
import { heldBy } from "../holding.ts";
import { type IamPolicy, type Owner, ownersNaming, policiesOfAll } from "../iam-policy/index.ts";
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
  const { account } = context;
  const owners = await ownersOf(context, before, after);
  const moves = owners.map((moved) => cameAndWent(moved.before, moved.after));
  return {
    owners,
    came: moves.flatMap(({ came }) => came),
    went: moves.flatMap(({ went }) => went),
    shifts: (db) => shiftsOf(db, account.accountId, owners),
  };
}

function renaming(iamPolicy: IamPolicy, group: ResourceGroup): IamPolicy {
  const { id, name, origin, scope } = group;
  const resourceGroups = iamPolicy.resourceGroups.map((named) =>
    named.id === group.id ? { id, name, origin, scope } : named,
  );
  return { ...iamPolicy, resourceGroups };
}

async function ownersOf({ db, account }: Context, before: ResourceGroup, after: ResourceGroup) {
  const naming = await ownersNaming(db, account.accountId, [before.id]);
  const owners: Moved[] = [];
  for (const kind of ["member", "user-group"] as const) {
    const ids = naming.filter(({ owner }) => owner.kind === kind).map(({ owner }) => owner.id);
    for (const [id, held] of await policiesOfAll(db, account.accountId, kind, ids)) {
      const moved = held.map((iamPolicy) => renaming(iamPolicy, after));
      owners.push({ owner: { kind, id }, before: held, after: moved });
    }
  }
  return owners;
}

async function shiftsOf(db: Handle, accountId: string, owners: readonly Moved[]): Promise<Shift[]> {
  const idsOf = (kind: Owner["kind"]) =>
    owners.filter(({ owner }) => owner.kind === kind).map(({ owner }) => owner.id);
  const groups = owners.filter(({ owner }) => owner.kind === "user-group");
  const through = await membersOfGroups(db, accountId, idsOf("user-group"));
  const memberIds = [...new Set([...idsOf("member"), ...through])];
  const names = await memberNames(db, accountId, memberIds);
  const held = await heldBy(db, accountId, memberIds);
  const units = groups.map((moved) => unitShift(moved.owner, moved.before, moved.after));
  const moved = new Map(owners.flatMap(({ after }) => after.map((iamPolicy) => [iamPolicy.id, iamPolicy])));
  const members = memberIds.map((id) => {
    const before = held.get(id) ?? [];
    const after = before.map((each) => {
      const iamPolicy = moved.get(each.iamPolicy.id);
      return iamPolicy ? { ...each, iamPolicy } : each;
    });
    return { holder: { type: "member", id, name: names.get(id) ?? id }, before, after } as const;
  });
  return [...units, ...members];
}

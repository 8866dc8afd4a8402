import type { Context } from "../../operation/operation.ts";
import type { Held } from "../holding.ts";
import { memberNames } from "../membership/index.ts";
import { chainOf } from "../scope.ts";
import { permission as ofUserGroup, kind as userGroupKind, userGroupNames } from "../user-group/index.ts";

/** What the owners of policies are called: a member by e-mail address, a user group by name. */
export type NamedHeld = ReadonlyMap<string, string>;

/** Looks up what the owners of policies are called. A user group that the caller may not see has no name for it. */
export async function named({ db, account }: Context, held: readonly Held[]): Promise<NamedHeld> {
  const idsOf = (kind: Held["from"]["kind"]) => [
    ...new Set(held.filter(({ from }) => from.kind === kind).map(({ from }) => from.id)),
  ];
  const seen = (id: string) =>
    account.authorize(ofUserGroup.read, chainOf(account.accountId, userGroupKind, id)).allowed;
  const groups = await userGroupNames(db, account.accountId, idsOf("user-group").filter(seen));
  const members = await memberNames(db, account.accountId, idsOf("member"));
  return new Map([...groups, ...members]);
}

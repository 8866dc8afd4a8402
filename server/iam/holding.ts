import type { Handle } from "../db/database.ts";
import { type IamPolicy, type Owner, policiesOfAll } from "./iam-policy/index.ts";
import { groupsOfMembers } from "./membership/index.ts";

/** A policy that somebody holds, and whose it is: the holder's own, or that of a user group it is in. */
export type Held = { readonly from: Owner; readonly iamPolicy: IamPolicy };

/** All policies that members hold: their own, then those of their user groups. Every member asked for has an entry. */
export async function heldBy(
  db: Handle,
  accountId: string,
  memberIds: readonly string[],
): Promise<ReadonlyMap<string, readonly Held[]>> {
  const groups = await groupsOfMembers(db, accountId, memberIds);
  const groupIds = [...new Set([...groups.values()].flat())];
  const own = await policiesOfAll(db, accountId, "member", memberIds);
  const ofGroups = await policiesOfAll(db, accountId, "user-group", groupIds);
  const heldThrough = new Map(
    [...ofGroups].map(([id, iamPolicies]) => [id, asHeld({ kind: "user-group", id }, iamPolicies)]),
  );
  return new Map(
    memberIds.map((id) => [
      id,
      [
        ...asHeld({ kind: "member", id }, own.get(id) ?? []),
        ...(groups.get(id) ?? []).flatMap((groupId) => heldThrough.get(groupId) ?? []),
      ],
    ]),
  );
}

/** All policies that one member holds: its own, then those of its user groups. */
export async function heldByOne(db: Handle, accountId: string, memberId: string): Promise<readonly Held[]> {
  return (await heldBy(db, accountId, [memberId])).get(memberId) ?? [];
}

/** Policies as what their owner holds. */
export function asHeld(from: Owner, iamPolicies: readonly IamPolicy[]): Held[] {
  return iamPolicies.map((iamPolicy) => ({ from, iamPolicy }));
}

/** The policies themselves. */
export function iamPoliciesIn(held: readonly Held[]): IamPolicy[] {
  return held.map(({ iamPolicy }) => iamPolicy);
}

/** What is held once an owner's policies are others. Only those who hold the owner's policies are changed. */
export function withPoliciesOf(
  owner: Owner,
  iamPolicies: readonly IamPolicy[],
  held: readonly Held[],
): Held[] {
  const others = held.filter(({ from }) => from.kind !== owner.kind || from.id !== owner.id);
  return [...others, ...asHeld(owner, iamPolicies)];
}

import type { Handle } from "../../db/database.ts";
import { invalid } from "../../failure.ts";
import type { Change, Context } from "../../operation/operation.ts";
import type { SentPolicy } from "../drafts.ts";
import { type IamPolicy, policyIdsAmong } from "../iam-policy/index.ts";
import { findMemberByEmail } from "../member/index.ts";
import { changeRights } from "../super-administrators.ts";
import { changeMembers } from "./member-operations.ts";
import { changed, changeOf, changeOfPolicies } from "./operations.ts";
import { findUserGroup, insertUserGroup, updateUserGroup, userGroupsNamed } from "./store.ts";
import type { UserGroup } from "./user-group.ts";

/** A user group as an import brings it: what is absent stays as it is. */
export type BroughtGroup = {
  readonly id?: string;
  readonly name?: string;
  readonly iamPolicies?: readonly SentPolicy[] | null;
  /** The e-mail addresses of all its members, in their order. */
  readonly emails?: readonly string[];
  /** Microseconds since the epoch. */
  readonly createdOn?: number;
};

/** The group that is meant: that with the id, or the only one with the name. Throws Failure `invalid` where several are. */
export async function groupMeant(
  db: Handle,
  accountId: string,
  { id, name }: Pick<BroughtGroup, "id" | "name">,
): Promise<UserGroup | null> {
  if (id !== undefined) return (await findUserGroup(db, accountId, id)) ?? null;
  const [only, other] = await userGroupsNamed(db, accountId, name ?? "");
  if (other !== undefined) throw invalid("/id", "id: required, because several user groups have this name");
  return only === undefined ? null : ((await findUserGroup(db, accountId, only)) ?? null);
}

/**
 * Makes a user group as it is brought: its name and policies, then its members, with the grant rule kept for both as
 * when somebody did it by hand. Answers the group and what changed.
 *
 * @throws Failure for whatever is wrong with it; then what was written must be undone
 */
export async function bringGroup(
  context: Context,
  before: UserGroup | null,
  brought: BroughtGroup,
): Promise<readonly Change[]> {
  const { group, changes } = await bringPolicies(context, before, brought);
  if (!brought.emails) return changes;
  const memberIds = await membersWith(context, brought.emails);
  return [...changes, ...(await changeMembers(context, group, memberIds))];
}

async function bringPolicies(context: Context, before: UserGroup | null, brought: BroughtGroup) {
  const { db, account, ids, now } = context;
  const { accountId } = account;
  const { name, iamPolicies } = brought;
  if (!before && name === undefined) throw invalid("/name", "name: required");
  const createdOn = brought.createdOn ?? now;
  const blank = { listsPolicies: false, createdOn, modifiedOn: now, iamPolicies: [] };
  const known: UserGroup = before ?? { ...blank, id: brought.id ?? ids.hex(), name: name ?? "" };
  const drawn = await changed(context, known, {
    ...(name !== undefined && { name }),
    ...(iamPolicies !== undefined && { iamPolicies }),
  });
  const wanted = {
    ...drawn,
    iamPolicies: await withGivenIds(context, known, drawn.iamPolicies, iamPolicies),
  };
  if (before && JSON.stringify(wanted) === JSON.stringify(before)) return { group: before, changes: [] };
  const group = { ...wanted, modifiedOn: now };
  await changeRights(context, changeOfPolicies(context, before, group), () =>
    before ? updateUserGroup(db, accountId, group) : insertUserGroup(db, accountId, group),
  );
  return { group, changes: [changeOf(before, group)] };
}

/** Policies that are new keep the ids that they came with, where these are nobody's. */
async function withGivenIds(
  { db, account }: Context,
  { iamPolicies: present }: UserGroup,
  drawn: readonly IamPolicy[],
  sent: readonly SentPolicy[] | null | undefined,
): Promise<readonly IamPolicy[]> {
  const held = new Set(present.map(({ id }) => id));
  const wanted = drawn.map((each, index) => (held.has(each.id) ? each.id : (sent?.[index]?.id ?? each.id)));
  const taken = await policyIdsAmong(db, account.accountId, wanted);
  const used = new Set<string>();
  return drawn.map((each, index) => {
    const id = wanted[index] as string;
    const free = !taken.has(id) && !used.has(id) && !held.has(each.id);
    used.add(id);
    return free ? { ...each, id } : each;
  });
}

async function membersWith({ db, account }: Context, emails: readonly string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const [index, email] of emails.entries()) {
    const found = await findMemberByEmail(db, account.accountId, email);
    if (!found)
      throw invalid(
        `/members/${index}`,
        `members/${index}: expected the address of a member of this account`,
      );
    ids.push(found.id);
  }
  return ids;
}

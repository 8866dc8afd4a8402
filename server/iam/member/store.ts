import { emailKey } from "../../accounts/user/index.ts";
import type { Handle } from "../../db/database.ts";
import { once } from "../../db/once.ts";
import { listed } from "../../db/value-list.ts";
import { type Listed, type Page, pageOf } from "../../operation/page.ts";
import { seen } from "../../operation/seen.ts";
import type { Visible } from "../../operation/visible.ts";
import { policiesOf, policiesOfAll } from "../iam-policy/index.ts";
import { kind, type Member, type MemberWithPolicies, type Status } from "./member.ts";

interface MemberTable {
  account_id: string;
  id: string;
  user_id: string | null;
  email: string;
  email_key: string;
  status: string;
  created_at: number;
}

declare module "../../db/database.ts" {
  interface Rooms {
    member: MemberTable;
  }
}

/** Keeps a new member of an account. */
export async function insertMember(db: Handle, member: Member): Promise<void> {
  await db
    .insertInto("member")
    .values({
      account_id: member.accountId,
      id: member.id,
      user_id: member.userId,
      email: member.email,
      email_key: emailKey(member.email),
      status: member.status,
      created_at: member.createdAt,
    })
    .execute();
}

/** The member with an id, or undefined. */
export async function findMember(
  db: Handle,
  accountId: string,
  id: string,
): Promise<MemberWithPolicies | undefined> {
  const [found] = await findMembers(db, accountId, [id]);
  return found && { ...found, iamPolicies: await policiesOf(db, accountId, { kind, id }) };
}

/** Those of some members that there are. */
export async function findMembers(db: Handle, accountId: string, ids: readonly string[]): Promise<Member[]> {
  const rows = await db
    .selectFrom("member")
    .selectAll()
    .where("account_id", "=", accountId)
    .where("id", "in", listed(ids))
    .execute();
  return rows.map(fromRow);
}

/** The member with an e-mail address, or undefined. */
export async function findMemberByEmail(
  db: Handle,
  accountId: string,
  email: string,
): Promise<Member | undefined> {
  const row = await db
    .selectFrom("member")
    .selectAll()
    .where("account_id", "=", accountId)
    .where("email_key", "=", emailKey(email))
    .executeTakeFirst();
  return row && fromRow(row);
}

/** The member that a user is in an account, or undefined. */
export async function findMemberOfUser(
  db: Handle,
  accountId: string,
  userId: string,
): Promise<Member | undefined> {
  const row = await db
    .selectFrom("member")
    .selectAll()
    .where("account_id", "=", accountId)
    .where("user_id", "=", userId)
    .executeTakeFirst();
  return row && fromRow(row);
}

/** How members can be picked and sorted; nobody has a name here, so sorting by names is sorting by age. */
export type Filter = {
  readonly status?: Status | "rejected";
  readonly order?: "user.first_name" | "user.last_name" | "user.email" | "status";
  readonly direction: "asc" | "desc";
};

const columnOf = { "user.email": "email_key", status: "status" } as const;

/** The members of an account that may be seen, oldest first where no order is asked for. */
export async function listMembers(
  db: Handle,
  accountId: string,
  { status, order, direction }: Filter,
  visible: Visible,
  page: Page,
): Promise<Listed<MemberWithPolicies>> {
  let query = db.selectFrom("member").where("account_id", "=", accountId).where(seen(visible, "id"));
  if (status !== undefined) query = query.where("status", "=", status);
  const { total } = await query
    .select((eb) => eb.fn.countAll<number>().as("total"))
    .executeTakeFirstOrThrow();
  const by = order === "user.email" || order === "status" ? columnOf[order] : "created_at";
  const rows = await query
    .selectAll()
    .orderBy(by, direction)
    .orderBy("id", direction)
    .limit(page.limit + 1)
    .offset(page.offset)
    .execute();
  const ids = rows.map(({ id }) => id);
  const held = await policiesOfAll(db, accountId, kind, ids);
  const members = rows.map((row) => ({ ...fromRow(row), iamPolicies: held.get(row.id) ?? [] }));
  return pageOf(members, total, page, ({ createdAt, id }) => [createdAt, id]);
}

/** All members of an account who were accepted, oldest first. */
export async function acceptedMembers(db: Handle, accountId: string): Promise<Member[]> {
  const rows = await db
    .selectFrom("member")
    .selectAll()
    .where("account_id", "=", accountId)
    .where("status", "=", "accepted")
    .orderBy("created_at")
    .orderBy("id")
    .execute();
  return rows.map(fromRow);
}

/** Makes an invited member one who can act: a user. */
export async function acceptMember(db: Handle, accountId: string, id: string, userId: string): Promise<void> {
  await db
    .updateTable("member")
    .set({ user_id: userId, status: "accepted" })
    .where("account_id", "=", accountId)
    .where("id", "=", id)
    .execute();
}

/** Forgets a member. */
export async function deleteMember(db: Handle, accountId: string, id: string): Promise<void> {
  await db.deleteFrom("member").where("account_id", "=", accountId).where("id", "=", id).execute();
}

/** The ids of the accounts that a user is a member of. */
export async function accountsOf(db: Handle, userId: string): Promise<string[]> {
  const rows = await db
    .selectFrom("member")
    .select("account_id")
    .where("user_id", "=", userId)
    .orderBy("account_id")
    .execute();
  return rows.map(({ account_id }) => account_id);
}

const byKey = once((db, keyHash: string) =>
  db
    .selectFrom("user as u")
    .leftJoin("member as m", "m.user_id", "u.id")
    .leftJoin("account as a", "a.id", "m.account_id")
    .select([
      "u.id as user_id",
      "u.email",
      "u.email_key",
      "u.key_hash",
      "u.owns_installation",
      "m.id as member_id",
      "a.id as account_id",
      "a.org_id",
      "a.rights_revision",
    ])
    .where("u.key_hash", "=", keyHash)
    .orderBy("a.created_at")
    .orderBy("a.id"),
);

/** A user's place in one account, and the revision that its rights there must be compiled at. */
export type Place = {
  readonly memberId: string;
  readonly accountId: string;
  readonly orgId: string;
  readonly rightsRevision: number;
};

/** What a global key opens: the user, and the user's place in each account it is a member of. */
export type KeyHolder = {
  readonly userId: string;
  readonly email: string;
  readonly emailKey: string;
  readonly ownsInstallation: boolean;
  readonly places: readonly Place[];
};

/** The holder of the global key with this hash, in one statement, or undefined. */
export async function openByKey(db: Handle, keyHash: string): Promise<KeyHolder | undefined> {
  const rows = await byKey(db, keyHash);
  const [first] = rows;
  if (!first) return undefined;
  return {
    userId: first.user_id,
    email: first.email,
    emailKey: first.email_key,
    ownsInstallation: first.owns_installation === 1,
    places: placesIn(rows),
  };
}

/** A row of a look-up that joins a person's places to a credential; all null where the person has none. */
export type PlaceRow = {
  member_id: string | null;
  account_id: string | null;
  org_id: string | null;
  rights_revision: number | null;
};

/** The places in such rows. */
export function placesIn(rows: readonly PlaceRow[]): Place[] {
  return rows.flatMap(({ member_id, account_id, org_id, rights_revision }) =>
    member_id === null || account_id === null || org_id === null || rights_revision === null
      ? []
      : [{ memberId: member_id, accountId: account_id, orgId: org_id, rightsRevision: rights_revision }],
  );
}

function fromRow(row: MemberTable): Member {
  return {
    id: row.id,
    accountId: row.account_id,
    userId: row.user_id,
    email: row.email,
    status: row.status as Status,
    createdAt: row.created_at,
  };
}

import type { Handle } from "../../db/database.ts";
import { once } from "../../db/once.ts";
import type { Member } from "./member.ts";

interface MemberTable {
  account_id: string;
  id: string;
  user_id: string;
  email: string;
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
      status: member.status,
      created_at: member.createdAt,
    })
    .execute();
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

/** What a global key opens: the user, and the user's place in each account it is a member of. */
export type KeyHolder = {
  readonly userId: string;
  readonly email: string;
  readonly emailKey: string;
  readonly ownsInstallation: boolean;
  readonly places: readonly {
    readonly memberId: string;
    readonly accountId: string;
    readonly orgId: string;
    readonly rightsRevision: number;
  }[];
};

/** The holder of the global key with this hash, in one statement, or undefined. */
export async function openByKey(db: Handle, keyHash: string): Promise<KeyHolder | undefined> {
  const rows = await byKey(db, keyHash);
  const [first] = rows;
  if (!first) return undefined;
  const places = rows.flatMap(({ member_id, account_id, org_id, rights_revision }) =>
    member_id === null || account_id === null || org_id === null || rights_revision === null
      ? []
      : [{ memberId: member_id, accountId: account_id, orgId: org_id, rightsRevision: rights_revision }],
  );
  return {
    userId: first.user_id,
    email: first.email,
    emailKey: first.email_key,
    ownsInstallation: first.owns_installation === 1,
    places,
  };
}

import type { Handle } from "../../db/database.ts";
import { once } from "../../db/once.ts";
import { type Listed, type Page, pageOf } from "../../operation/page.ts";
import { type TokenRow, tokenFromRow, tokenToRow } from "../api-token/index.ts";
import { type Place, placesIn } from "../member/index.ts";
import type { UserToken } from "./user-token.ts";

interface UserTokenTable extends TokenRow {
  user_id: string;
  hash: string;
  policies: string;
}

declare module "../../db/database.ts" {
  interface Rooms {
    user_token: UserTokenTable;
  }
}

const byHash = once((db, hash: string) =>
  db
    .selectFrom("user_token as t")
    .leftJoin("member as m", "m.user_id", "t.user_id")
    .leftJoin("account as a", "a.id", "m.account_id")
    .selectAll("t")
    .select(["m.id as member_id", "a.id as account_id", "a.org_id", "a.rights_revision"])
    .where("t.hash", "=", hash)
    .orderBy("a.created_at")
    .orderBy("a.id"),
);

/** What a secret with this hash opens: a person's token, and the person's place in each account. */
export type OpenedUserToken = { readonly token: UserToken; readonly places: readonly Place[] };

/** What a secret with this hash opens, in one statement, or undefined. */
export async function openUserToken(db: Handle, hash: string): Promise<OpenedUserToken | undefined> {
  const rows = await byHash(db, hash);
  const [first] = rows;
  return first && { token: fromRow(first), places: placesIn(rows) };
}

/** A user's token with an id, or undefined. */
export async function findUserToken(db: Handle, userId: string, id: string): Promise<UserToken | undefined> {
  const row = await db
    .selectFrom("user_token")
    .selectAll()
    .where("user_id", "=", userId)
    .where("id", "=", id)
    .executeTakeFirst();
  return row && fromRow(row);
}

/** The tokens of a user; expired ones only where they are asked for. */
export async function listUserTokens(
  db: Handle,
  userId: string,
  filter: { direction: "asc" | "desc"; validAt?: number },
  page: Page,
): Promise<Listed<UserToken>> {
  const { validAt } = filter;
  let query = db.selectFrom("user_token").where("user_id", "=", userId);
  if (validAt !== undefined)
    query = query.where((eb) => eb.or([eb("expires_on", "is", null), eb("expires_on", ">", validAt)]));
  const { total } = await query
    .select((eb) => eb.fn.countAll<number>().as("total"))
    .executeTakeFirstOrThrow();
  const rows = await query
    .selectAll()
    .orderBy("issued_on", filter.direction)
    .orderBy("id", filter.direction)
    .limit(page.limit + 1)
    .offset(page.offset)
    .execute();
  return pageOf(rows.map(fromRow), total, page, ({ issuedOn, id }) => [issuedOn, id]);
}

/** Keeps a new token; its secret only as a hash. */
export async function insertUserToken(db: Handle, token: UserToken, hash: string): Promise<void> {
  await db
    .insertInto("user_token")
    .values({
      ...{ id: token.id, user_id: token.userId, hash, issued_on: token.issuedOn, last_used_on: null },
      ...toRow(token),
    })
    .execute();
}

/** Keeps the present state of a token. */
export async function updateUserToken(db: Handle, token: UserToken): Promise<void> {
  await db.updateTable("user_token").set(toRow(token)).where("id", "=", token.id).execute();
}

/** Puts another secret in the place of the present one, which opens nothing from then on. */
export async function replaceUserTokenSecret(db: Handle, id: string, hash: string): Promise<void> {
  await db.updateTable("user_token").set({ hash }).where("id", "=", id).execute();
}

/** Forgets a token. */
export async function deleteUserToken(db: Handle, id: string): Promise<void> {
  await db.deleteFrom("user_token").where("id", "=", id).execute();
}

/** The ids and names of a user's tokens. */
export async function userTokensOf(db: Handle, userId: string): Promise<{ id: string; name: string }[]> {
  return db
    .selectFrom("user_token")
    .select(["id", "name"])
    .where("user_id", "=", userId)
    .orderBy("id")
    .execute();
}

/** Forgets all tokens of a user. */
export async function deleteUserTokensOf(db: Handle, userId: string): Promise<void> {
  await db.deleteFrom("user_token").where("user_id", "=", userId).execute();
}

/** Notes when a token was last used. */
export async function noteUserTokenUse(db: Handle, _userId: string, id: string, at: number): Promise<void> {
  await db.updateTable("user_token").set({ last_used_on: at }).where("id", "=", id).execute();
}

function toRow(token: UserToken) {
  return { ...tokenToRow(token), policies: JSON.stringify(token.iamPolicies) };
}

function fromRow(row: UserTokenTable): UserToken {
  return { ...tokenFromRow(row), userId: row.user_id, iamPolicies: JSON.parse(row.policies) };
}

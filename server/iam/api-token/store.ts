import type { Handle } from "../../db/database.ts";
import { once } from "../../db/once.ts";
import { type Listed, type Page, pageOf } from "../../operation/page.ts";
import { seen } from "../../operation/seen.ts";
import type { Visible } from "../../operation/visible.ts";
import { policiesOf, policiesOfAll, replacePolicies } from "../iam-policy/index.ts";
import { type ApiToken, kind } from "./api-token.ts";
import { type BareToken, type TokenRow, tokenFromRow, tokenToRow } from "./row.ts";

interface ApiTokenTable extends TokenRow {
  account_id: string;
}

interface CredentialTable {
  hash: string;
  account_id: string;
  token_id: string;
}

declare module "../../db/database.ts" {
  interface Rooms {
    api_token: ApiTokenTable;
    credential: CredentialTable;
  }
}

/** What a secret opens: a token, its account's handle, and the revision that its rights must be compiled at. */
export type Opened = {
  readonly accountId: string;
  readonly orgId: string;
  readonly rightsRevision: number;
  readonly token: BareToken;
};

const bySecret = once((db, hash: string) =>
  db
    .selectFrom("credential as c")
    .innerJoin("api_token as t", (join) =>
      join.onRef("t.account_id", "=", "c.account_id").onRef("t.id", "=", "c.token_id"),
    )
    .innerJoin("account as a", "a.id", "c.account_id")
    .selectAll("t")
    .select(["a.org_id", "a.rights_revision"])
    .where("c.hash", "=", hash),
);

/** What a secret with this hash opens, in one statement, or undefined. */
export async function openBySecret(db: Handle, hash: string): Promise<Opened | undefined> {
  const [row] = await bySecret(db, hash);
  return (
    row && {
      accountId: row.account_id,
      orgId: row.org_id,
      rightsRevision: row.rights_revision,
      token: tokenFromRow(row),
    }
  );
}

/** The token with an id, or undefined. */
export async function findToken(db: Handle, accountId: string, id: string): Promise<ApiToken | undefined> {
  const row = await db
    .selectFrom("api_token")
    .selectAll()
    .where("account_id", "=", accountId)
    .where("id", "=", id)
    .executeTakeFirst();
  if (!row) return undefined;
  return { ...tokenFromRow(row), iamPolicies: await policiesOf(db, accountId, { kind, id }) };
}

/** The tokens of an account that may be seen; expired ones only where they are asked for. */
export async function listTokens(
  db: Handle,
  accountId: string,
  filter: { direction: "asc" | "desc"; validAt?: number },
  visible: Visible,
  page: Page,
): Promise<Listed<ApiToken>> {
  const { validAt } = filter;
  let query = db.selectFrom("api_token").where("account_id", "=", accountId).where(seen(visible, "id"));
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
  const held = await policiesOfAll(
    db,
    accountId,
    kind,
    rows.map(({ id }) => id),
  );
  const tokens = rows.map((row) => ({ ...tokenFromRow(row), iamPolicies: held.get(row.id) ?? [] }));
  return pageOf(tokens, total, page, ({ issuedOn, id }) => [issuedOn, id]);
}

/** All tokens of an account that may be used at an instant, oldest first, with their policies. */
export async function allTokens(db: Handle, accountId: string, now: number): Promise<ApiToken[]> {
  const rows = await db
    .selectFrom("api_token")
    .selectAll()
    .where("account_id", "=", accountId)
    .where("disabled", "=", 0)
    .where((eb) => eb.or([eb("expires_on", "is", null), eb("expires_on", ">", now)]))
    .where((eb) => eb.or([eb("not_before", "is", null), eb("not_before", "<=", now)]))
    .orderBy("issued_on")
    .orderBy("id")
    .execute();
  const ids = rows.map(({ id }) => id);
  const held = await policiesOfAll(db, accountId, kind, ids);
  return rows.map((row) => ({ ...tokenFromRow(row), iamPolicies: held.get(row.id) ?? [] }));
}

/** Keeps a new token; its secret only as a hash. */
export async function insertToken(
  db: Handle,
  accountId: string,
  token: ApiToken,
  hash: string,
): Promise<void> {
  await db
    .insertInto("api_token")
    .values({
      account_id: accountId,
      id: token.id,
      issued_on: token.issuedOn,
      ...tokenToRow(token),
      last_used_on: null,
    })
    .execute();
  await replacePolicies(db, accountId, { kind, id: token.id }, token.iamPolicies);
  await db.insertInto("credential").values({ hash, account_id: accountId, token_id: token.id }).execute();
}

/** Keeps the present state of a token. */
export async function updateToken(db: Handle, accountId: string, token: ApiToken): Promise<void> {
  await db
    .updateTable("api_token")
    .set(tokenToRow(token))
    .where("account_id", "=", accountId)
    .where("id", "=", token.id)
    .execute();
  await replacePolicies(db, accountId, { kind, id: token.id }, token.iamPolicies);
}

/** Puts another secret in the place of the present one, which opens nothing from then on. */
export async function replaceSecret(db: Handle, accountId: string, id: string, hash: string): Promise<void> {
  await db.deleteFrom("credential").where("account_id", "=", accountId).where("token_id", "=", id).execute();
  await db.insertInto("credential").values({ hash, account_id: accountId, token_id: id }).execute();
}

/** Forgets a token, its secret and its policies. */
export async function deleteToken(db: Handle, accountId: string, id: string): Promise<void> {
  await db.deleteFrom("credential").where("account_id", "=", accountId).where("token_id", "=", id).execute();
  await replacePolicies(db, accountId, { kind, id }, []);
  await db.deleteFrom("api_token").where("account_id", "=", accountId).where("id", "=", id).execute();
}

/** Notes when a token was last used. */
export async function noteUse(db: Handle, accountId: string, id: string, at: number): Promise<void> {
  await db
    .updateTable("api_token")
    .set({ last_used_on: at })
    .where("account_id", "=", accountId)
    .where("id", "=", id)
    .execute();
}

import type { Handle } from "../../db/database.ts";
import { once } from "../../db/once.ts";
import { type Listed, type Page, pageOf } from "../../operation/page.ts";
import { seen } from "../../operation/seen.ts";
import type { Visible } from "../../operation/visible.ts";
import type { OpenedToken } from "./credential.ts";
import type { EnrolmentToken } from "./enrolment-token.ts";

interface EnrolmentTokenTable {
  account_id: string;
  id: string;
  name: string;
  hash: string;
  fixed: string;
  disabled: number;
  created_at: number;
  updated_at: number;
  expires_at: number | null;
  last_used_at: number | null;
}

declare module "../../db/database.ts" {
  interface Rooms {
    enrolment_token: EnrolmentTokenTable;
  }
}

const columns = [
  ...(["id", "name", "fixed", "disabled"] as const),
  ...(["created_at", "updated_at", "expires_at", "last_used_at"] as const),
] as const;

type Row = Pick<EnrolmentTokenTable, (typeof columns)[number]>;

const bySecret = once((db, hash: string) =>
  db
    .selectFrom("enrolment_token as t")
    .innerJoin("account as a", "a.id", "t.account_id")
    .selectAll("t")
    .select(["a.org_id", "a.rights_revision"])
    .where("t.hash", "=", hash),
);

/** The token that a secret with this hash opens, in one statement, or undefined. */
export async function openEnrolmentToken(db: Handle, hash: string): Promise<OpenedToken | undefined> {
  const [row] = await bySecret(db, hash);
  return (
    row && {
      accountId: row.account_id,
      orgId: row.org_id,
      rightsRevision: row.rights_revision,
      token: fromRow(row),
    }
  );
}

/** The enrolment token with an id, or undefined. */
export async function findToken(
  db: Handle,
  accountId: string,
  id: string,
): Promise<EnrolmentToken | undefined> {
  const row = await db
    .selectFrom("enrolment_token")
    .select(columns)
    .where("account_id", "=", accountId)
    .where("id", "=", id)
    .executeTakeFirst();
  return row && fromRow(row);
}

/** The enrolment tokens of an account that may be seen, oldest first. */
export async function listTokens(
  db: Handle,
  accountId: string,
  visible: Visible,
  page: Page,
): Promise<Listed<EnrolmentToken>> {
  const { after } = page;
  const all = db.selectFrom("enrolment_token").where("account_id", "=", accountId).where(seen(visible, "id"));
  const { total } = await all.select((eb) => eb.fn.countAll<number>().as("total")).executeTakeFirstOrThrow();
  const behind = after
    ? all.where((eb) => eb(eb.refTuple("created_at", "id"), ">", eb.tuple(...after)))
    : all;
  const rows = await behind
    .select(columns)
    .orderBy("created_at")
    .orderBy("id")
    .limit(page.limit + 1)
    .offset(after ? 0 : page.offset)
    .execute();
  return pageOf(rows.map(fromRow), total, page, ({ createdAt, id }) => [createdAt, id]);
}

/** Keeps a new token; its secret only as a hash. */
export async function insertToken(
  db: Handle,
  accountId: string,
  token: EnrolmentToken,
  hash: string,
): Promise<void> {
  const { id, createdAt, lastUsedAt } = token;
  await db
    .insertInto("enrolment_token")
    .values({
      ...{ account_id: accountId, id, hash, created_at: createdAt, last_used_at: lastUsedAt },
      ...toRow(token),
    })
    .execute();
}

/** Keeps the present state of a token. */
export async function updateToken(db: Handle, accountId: string, token: EnrolmentToken): Promise<void> {
  await db
    .updateTable("enrolment_token")
    .set(toRow(token))
    .where("account_id", "=", accountId)
    .where("id", "=", token.id)
    .execute();
}

/** Forgets a token and with it its secret. */
export async function deleteToken(db: Handle, accountId: string, id: string): Promise<void> {
  await db.deleteFrom("enrolment_token").where("account_id", "=", accountId).where("id", "=", id).execute();
}

/** Notes when a token was last used, in microseconds since the epoch. */
export async function noteUse(db: Handle, accountId: string, id: string, at: number): Promise<void> {
  await db
    .updateTable("enrolment_token")
    .set({ last_used_at: at })
    .where("account_id", "=", accountId)
    .where("id", "=", id)
    .execute();
}

function toRow(token: EnrolmentToken) {
  return {
    name: token.name,
    fixed: JSON.stringify(token.fixed),
    disabled: token.disabled ? 1 : 0,
    updated_at: token.updatedAt,
    expires_at: token.expiresAt,
  };
}

function fromRow(row: Row): EnrolmentToken {
  return {
    id: row.id,
    name: row.name,
    fixed: JSON.parse(row.fixed),
    disabled: row.disabled === 1,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
  };
}

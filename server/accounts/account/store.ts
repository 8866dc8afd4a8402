import type { Handle } from "../../db/database.ts";
import { tell } from "../../db/news.ts";
import { once } from "../../db/once.ts";
import { listed } from "../../db/value-list.ts";
import type { Listed, Page } from "../../operation/page.ts";
import { pageOf } from "../../operation/page.ts";
import type { Account, AccountType } from "./account.ts";

interface AccountTable {
  id: string;
  org_id: string;
  name: string;
  type: string;
  settings: string;
  created_at: number;
  rights_revision: number;
  fleet_revision: number;
  audit_sequence: number;
  audit_head: string;
}

declare module "../../db/database.ts" {
  interface Rooms {
    account: AccountTable;
    installation: { id: string };
  }
}

const byId = once((db, id: string) => db.selectFrom("account").selectAll().where("id", "=", id));
const hold = once((db, id: string) =>
  db
    .updateTable("account")
    .set((eb) => ({ rights_revision: eb.ref("rights_revision") }))
    .where("id", "=", id)
    .returning("rights_revision"),
);

/** The account with an id, or undefined. */
export async function findAccount(db: Handle, id: string): Promise<Account | undefined> {
  const [row] = await byId(db, id);
  return row && fromRow(row);
}

/** The account of the first start, or undefined before it. */
export async function firstAccount(db: Handle): Promise<Account | undefined> {
  const row = await db
    .selectFrom("account")
    .selectAll()
    .orderBy("created_at")
    .orderBy("id")
    .limit(1)
    .executeTakeFirst();
  return row && fromRow(row);
}

/**
 * Makes whoever else starts at the same time wait until this transaction ends, and answers whether the
 * installation still has no account: only then the first one is this transaction's to make.
 */
export async function claimFirstStart(db: Handle): Promise<boolean> {
  await db
    .insertInto("installation")
    .values({ id: "one" })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return (await firstAccount(db)) === undefined;
}

/** Those of some accounts, by id, that have a name, sorted by name or by age. */
export async function listAccounts(
  db: Handle,
  ids: readonly string[],
  filter: { name?: string; direction?: "asc" | "desc" },
  page: Page,
): Promise<Listed<Account>> {
  let query = db.selectFrom("account").where("id", "in", listed(ids));
  if (filter.name !== undefined) query = query.where("name", "=", filter.name);
  const { total } = await query
    .select((eb) => eb.fn.countAll<number>().as("total"))
    .executeTakeFirstOrThrow();
  const sorted = filter.direction
    ? query.orderBy("name", filter.direction).orderBy("id")
    : query.orderBy("created_at").orderBy("id");
  const rows = await sorted
    .selectAll()
    .limit(page.limit + 1)
    .offset(page.offset)
    .execute();
  return pageOf(rows.map(fromRow), total, page, ({ createdAt, id }) => [createdAt, id]);
}

/** Keeps a new account. */
export async function insertAccount(db: Handle, account: Account): Promise<void> {
  const counters = { rights_revision: 1, fleet_revision: 1, audit_sequence: 0, audit_head: "" };
  await db
    .insertInto("account")
    .values({ ...toRow(account), ...counters })
    .execute();
}

/** Keeps the present state of an account. */
export async function updateAccount(db: Handle, account: Account): Promise<void> {
  const { name, type, settings } = toRow(account);
  await db.updateTable("account").set({ name, type, settings }).where("id", "=", account.id).execute();
}

/**
 * Makes every other write of the account wait until this transaction ends; answers the revision that rights must
 * have been compiled at to be good now.
 */
export async function holdAccount(db: Handle, id: string): Promise<number> {
  const [row] = await hold(db, id);
  return row?.rights_revision ?? 0;
}

/** Raises one of the account's two counters: other processes and caches notice the change by it. */
export async function raiseRevision(db: Handle, id: string, counter: "rights" | "fleet"): Promise<void> {
  const column = counter === "rights" ? "rights_revision" : "fleet_revision";
  if (counter === "fleet") tell(db, { accountId: id, kind: "account", ids: [id] });
  await db
    .updateTable("account")
    .set((eb) => ({ [column]: eb(column, "+", 1) }))
    .where("id", "=", id)
    .execute();
}

/** How often the configuration of an account's fleet was changed. */
export async function fleetRevision(db: Handle, id: string): Promise<number> {
  const row = await db
    .selectFrom("account")
    .select("fleet_revision")
    .where("id", "=", id)
    .executeTakeFirstOrThrow();
  return row.fleet_revision;
}

/** The number and the hash of an account's newest audit entry. */
export async function auditHead(db: Handle, id: string): Promise<{ sequence: number; hash: string }> {
  const row = await db
    .selectFrom("account")
    .select(["audit_sequence", "audit_head"])
    .where("id", "=", id)
    .executeTakeFirstOrThrow();
  return { sequence: row.audit_sequence, hash: row.audit_head };
}

/** Notes the number and the hash of an account's newest audit entry. */
export async function moveAuditHead(
  db: Handle,
  id: string,
  head: { sequence: number; hash: string },
): Promise<void> {
  await db
    .updateTable("account")
    .set({ audit_sequence: head.sequence, audit_head: head.hash })
    .where("id", "=", id)
    .execute();
}

function toRow(account: Account) {
  return {
    id: account.id,
    org_id: account.orgId,
    name: account.name,
    type: account.type,
    settings: JSON.stringify(account.settings),
    created_at: account.createdAt,
  };
}

function fromRow(row: Pick<AccountTable, keyof ReturnType<typeof toRow>>): Account {
  return {
    id: row.id,
    orgId: row.org_id,
    name: row.name,
    type: row.type as AccountType,
    settings: JSON.parse(row.settings),
    createdAt: row.created_at,
  };
}

import type { Handle } from "../../db/database.ts";
import { once } from "../../db/once.ts";

interface AuditEntryTable {
  account_id: string;
  sequence: number;
  id: string;
  at: number;
  text: string;
  hash: string;
}

declare module "../../db/database.ts" {
  interface Rooms {
    audit_entry: AuditEntryTable;
    audit_list: { account_id: string; sequence: number; position: number; name: string; ids: string };
  }
}

/** An entry as the chain sees it: its number, its exact text, and the hash that seals it. */
export type Link = {
  readonly sequence: number;
  readonly id: string;
  readonly at: number;
  readonly text: string;
  readonly hash: string;
};

const insert = once(
  (db, accountId: string, sequence: number, id: string, at: number, text: string, hash: string) =>
    db.insertInto("audit_entry").values({ account_id: accountId, sequence, id, at, text, hash }),
);

/** Keeps an entry for good, with the id lists that are too long for its text. */
export async function insertEntry(
  db: Handle,
  accountId: string,
  link: Link,
  lists: readonly { name: string; ids: string }[],
): Promise<void> {
  await insert(db, accountId, link.sequence, link.id, link.at, link.text, link.hash);
  const rows = lists.map((list, position) => ({
    account_id: accountId,
    sequence: link.sequence,
    position,
    ...list,
  }));
  if (rows.length > 0) await db.insertInto("audit_list").values(rows).execute();
}

/** Entries of an account behind a number, in order: a piece of the chain. */
export async function readLinks(
  db: Handle,
  accountId: string,
  after: number,
  limit: number,
): Promise<Link[]> {
  return db
    .selectFrom("audit_entry")
    .select(["sequence", "id", "at", "text", "hash"])
    .where("account_id", "=", accountId)
    .where("sequence", ">", after)
    .orderBy("sequence")
    .limit(limit)
    .execute();
}

/** The id lists that stand beside some entries of an account. */
export async function readLists(
  db: Handle,
  accountId: string,
  sequence: number,
): Promise<{ name: string; ids: string }[]> {
  return db
    .selectFrom("audit_list")
    .select(["name", "ids"])
    .where("account_id", "=", accountId)
    .where("sequence", "=", sequence)
    .orderBy("position")
    .execute();
}

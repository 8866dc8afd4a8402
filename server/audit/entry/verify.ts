import { hash } from "node:crypto";
import type { Handle } from "../../db/database.ts";
import { type Entry, seal } from "./entry.ts";
import { type Link, readLinks, readLists } from "./store.ts";

const pageSize = 1000;

/**
 * Walks an account's chain and answers what is wrong with it, or null: an entry that is missing or altered, an
 * id list that is not the one its entry speaks of, or an end that is not the account's head.
 */
export async function findBreak(
  db: Handle,
  accountId: string,
  head: { sequence: number; hash: string },
): Promise<string | null> {
  let last = { sequence: 0, hash: "" };
  for (;;) {
    const links = await readLinks(db, accountId, last.sequence, pageSize);
    for (const link of links) {
      if (link.sequence !== last.sequence + 1) return `entry ${last.sequence + 1} is missing`;
      if (seal(last.hash, link.text) !== link.hash) return `entry ${link.sequence} was altered`;
      if (!columnsHold(link)) return `the columns of entry ${link.sequence} were altered`;
      if (!(await listsHold(db, accountId, link))) return `an id list of entry ${link.sequence} was altered`;
      last = link;
    }
    if (links.length < pageSize) break;
  }
  const whole = last.sequence === head.sequence && last.hash === head.hash;
  return whole ? null : `the chain ends at entry ${last.sequence}, the account's head says ${head.sequence}`;
}

function columnsHold({ sequence, id, at, text }: Link): boolean {
  const entry = JSON.parse(text) as Entry;
  return entry.sequence === sequence && entry.id === id && entry.at === at;
}

async function listsHold(
  db: Handle,
  accountId: string,
  link: { sequence: number; text: string },
): Promise<boolean> {
  const entry = JSON.parse(link.text) as Entry;
  const changes = "changes" in entry.details ? entry.details.changes : [];
  const wanted = changes.flatMap(({ ids = {} }) =>
    Object.values(ids).flatMap((list) => ("sha256" in list ? [list.sha256] : [])),
  );
  if (wanted.length === 0) return true;
  const kept = await readLists(db, accountId, link.sequence);
  return JSON.stringify(kept.map(({ ids }) => hash("sha256", ids, "hex"))) === JSON.stringify(wanted);
}

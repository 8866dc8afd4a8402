import { hash } from "node:crypto";
import type { Handle } from "../../db/database.ts";
import type { Caller } from "../../operation/caller.ts";
import type { Deed } from "../../operation/hall.ts";
import type { Ids } from "../../operation/id.ts";
import type { Change } from "../../operation/operation.ts";
import { type Done, type Entry, type IdList, idsInlineMax, type Refused, seal } from "./entry.ts";
import { insertEntry } from "./store.ts";

/** Where an account keeps the number and the hash of its newest entry. */
export interface Heads {
  read(db: Handle, accountId: string): Promise<{ sequence: number; hash: string }>;
  move(db: Handle, accountId: string, head: { sequence: number; hash: string }): Promise<void>;
}

type Lists = { name: string; ids: string }[];

/** Leaves the entry of a change at the end of its account's chain; the account's row must be held. */
export async function recordDone(db: Handle, heads: Heads, ids: Ids, deed: Deed): Promise<void> {
  const lists: Lists = [];
  const changes = deed.written.changes.map((change) => withShortLists(change, lists));
  const { label } = deed.written;
  const details: Done = label === undefined ? { changes } : { label, changes };
  await append(db, heads, ids, { ...deed, result: "success", details }, lists);
}

/** Leaves the entry of a refusal; the account's row must be held. */
export async function recordRefused(
  db: Handle,
  heads: Heads,
  ids: Ids,
  refusal: { accountId: string; caller: Caller; operation: string; now: number; details: Refused },
): Promise<void> {
  await append(db, heads, ids, { ...refusal, result: "failure" }, []);
}

type Draft = {
  accountId: string;
  caller: Caller;
  operation: string;
  now: number;
  result: Entry["result"];
  details: Done | Refused;
};

async function append(db: Handle, heads: Heads, ids: Ids, draft: Draft, lists: Lists): Promise<void> {
  const { accountId, caller, operation, now, result, details } = draft;
  const head = await heads.read(db, accountId);
  const { type, id, label, address } = caller;
  const entry: Entry = {
    id: ids.prefixed("evt"),
    accountId,
    sequence: head.sequence + 1,
    at: now,
    actor: { type, id, label, address },
    operation,
    result,
    details,
  };
  const text = JSON.stringify(entry);
  const link = { sequence: entry.sequence, id: entry.id, at: now, text, hash: seal(head.hash, text) };
  await insertEntry(db, accountId, link, lists);
  await heads.move(db, accountId, { sequence: link.sequence, hash: link.hash });
}

function withShortLists({ ids, ...change }: Change, lists: Lists): Done["changes"][number] {
  if (!ids) return change;
  const short = Object.entries(ids).map(([name, list]): [string, IdList] => {
    if (list.length <= idsInlineMax) return [name, list];
    const text = JSON.stringify(list);
    lists.push({ name, ids: text });
    return [name, { count: list.length, sha256: hash("sha256", text, "hex") }];
  });
  return { ...change, ids: Object.fromEntries(short) };
}

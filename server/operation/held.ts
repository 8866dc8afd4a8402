import type { Handle } from "../db/database.ts";
import { checkStanding } from "./approach.ts";
import type { Caller, Membership } from "./caller.ts";
import type { Call, Parts } from "./hall.ts";
import type { Context, Operation, StreamOperation, WriteOperation, Written } from "./operation.ts";

/**
 * Holds the accounts that a caller writes in, always in the same order. It may have sent its body, or waited for
 * others, long after somebody changed what it may do: then who is calling is found out anew, and nothing that is held
 * changes any more. Answers the caller as it is now.
 */
export async function hold(
  parts: Parts,
  operation: Operation,
  db: Handle,
  { caller, again }: Call,
  account: Membership,
): Promise<Caller> {
  const inOrder = account ? [account] : [...caller.memberships].sort(byAccount);
  let stale = false;
  for (const { accountId, revision } of inOrder)
    stale = (await parts.lock(db, accountId)) !== revision || stale;
  if (!stale) return caller;
  const now = await again();
  checkStanding(operation, now);
  return now;
}

function byAccount(a: Membership, b: Membership): number {
  return a.accountId < b.accountId ? -1 : 1;
}

/** Accounts that were not held from the beginning are held one after the other, always in the same order. */
export async function record(
  parts: Parts,
  { name, raises }: WriteOperation<any, any, any> | StreamOperation<any, any>,
  { db, account, caller, now }: Context,
  written: Written<unknown>,
): Promise<void> {
  const by = { ...caller, ...written.by };
  const raised = written.raises ?? raises;
  for (const accountId of [...(written.accountIds ?? [account.accountId])].sort()) {
    if (accountId !== account?.accountId) await parts.lock(db, accountId);
    await parts.record(db, { accountId, caller: by, operation: name, raises: raised, written, now });
  }
}

import type { Handle } from "../db/database.ts";
import { Failure } from "../failure.ts";
import { admit } from "./admit.ts";
import { aim, contextOf, inputOf } from "./approach.ts";
import type { Membership } from "./caller.ts";
import type { Call, Parts } from "./hall.ts";
import { hold, record } from "./held.ts";
import type { Impact } from "./impact.ts";
import type { WriteOperation, Written } from "./operation.ts";
import { membershipIn } from "./place.ts";
import { stepsIn } from "./steps.ts";

/** Changes something in one transaction, goes on with what is left to do, and says what a dry run would bring about. */
export async function performWrite(
  parts: Parts,
  operation: WriteOperation<any, any, any>,
  call: Call,
  account: Membership,
): Promise<{ output: unknown; impact?: Impact }> {
  const written = await writeOrRefuse(parts, operation, call, account);
  const { result, afterwards } = written;
  const output = afterwards ? await afterwards(stepsIn(parts, account.accountId, call.dryRun)) : result;
  const impact = call.dryRun ? await impactOf(parts, operation, account, written) : undefined;
  return { output, ...(impact && { impact }) };
}

/** Counted once nothing is held any more. */
function impactOf(
  parts: Parts,
  { raises }: WriteOperation<any, any, any>,
  account: Membership,
  { impact, changes }: Written<unknown>,
): Promise<Impact | undefined> | undefined {
  if (impact) return parts.scan(impact);
  return raises === "fleet" ? parts.scan((db) => parts.weigh(db, account, changes)) : undefined;
}

async function writeOrRefuse(
  parts: Parts,
  operation: WriteOperation<any, any, any>,
  call: Call,
  account: Membership,
): Promise<Written<unknown>> {
  try {
    const input = await parts.read(async (db) => {
      await aim(parts, operation, db, call, account);
      const { value } = inputOf(parts, operation, call, account);
      await checkNeeds(parts, operation, db, account, value);
      return value;
    });
    return await (call.dryRun ? parts.rehearse : parts.write)((db) =>
      writeOnce(parts, operation, db, call, account, input),
    );
  } catch (error) {
    if (account && !call.dryRun && isRefusal(error))
      await parts.refused({
        account,
        caller: call.caller,
        operation: operation.name,
        resource: { kind: operation.resource, path: call.path },
        failure: error,
        now: parts.now(),
      });
    throw error;
  }
}

function isRefusal(error: unknown): error is Failure {
  return error instanceof Failure && (error.kind === "forbidden" || error.kind === "conflict");
}

/** Rights on what the input names, beside those on what the path names. */
async function checkNeeds(
  parts: Parts,
  operation: WriteOperation<any, any, any>,
  db: Handle,
  account: Membership,
  input: unknown,
): Promise<void> {
  for (const need of (await operation.needs?.(db, account, input)) ?? [])
    admit(parts, account, { ...need, access: need }, need.target);
}

/** The transaction of a write. What the path names is looked for again: it may have gone since the rights check. */
async function writeOnce(
  parts: Parts,
  operation: WriteOperation<any, any, any>,
  db: Handle,
  call: Call,
  account: Membership,
  input: unknown,
): Promise<Written<unknown>> {
  const caller = await hold(parts, operation, db, call, account);
  const own = account && membershipIn(parts, operation, caller, account.accountId);
  if (caller !== call.caller) await checkNeeds(parts, operation, db, own, input);
  const noun = await aim(parts, operation, db, call, own);
  const context = contextOf(parts, db, { ...call, caller }, own);
  const written: Written<unknown> = await operation.run(context, input, noun);
  if (written.changes.length > 0 && !call.dryRun) await record(parts, operation, context, written);
  return written;
}

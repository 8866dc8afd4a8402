import type { Handle } from "../db/database.ts";
import { admit, admitToKind } from "./admit.ts";
import { aim, checkHoldsAny, contextOf, inputOf } from "./approach.ts";
import type { Membership } from "./caller.ts";
import type { Call, Parts } from "./hall.ts";
import { hold, record } from "./held.ts";
import type { Context, ReportOperation, StreamOperation, Written } from "./operation.ts";
import { membershipIn } from "./place.ts";
import { stepsIn } from "./steps.ts";

/** Everything that can be wrong is found before it joins a batch: one bad report must not spoil those of others. */
export function performReport(
  parts: Parts,
  operation: AnyReport,
  call: Call,
  account: Membership,
): Promise<unknown> {
  const told = () => inputOf(parts, operation, call, account).value;
  const keep = (noun: unknown) => {
    const row = operation.accept(contextOf(parts, nowhere, call, account), told(), noun);
    return parts.report(operation, account.accountId, row);
  };
  // The body may have come long after the caller was looked up.
  const asItWas = account.asOf !== undefined && account.asOf === parts.version();
  const known = asItWas ? operation.atHand?.(account, call.path, told) : undefined;
  if (known) return keep(admit(parts, account, operation, known));
  return parts.read((db) => lookFor(parts, operation, db, call, account)).then(keep);
}

type AnyReport = ReportOperation<any, any, any, any>;

/** What a report is about. */
async function lookFor(
  parts: Parts,
  operation: AnyReport,
  db: Handle,
  call: Call,
  account: Membership,
): Promise<unknown> {
  if (!operation.find) return aim(parts, operation, db, call, account);
  checkHoldsAny(parts, operation, account);
  const { value } = inputOf(parts, operation, call, account);
  return admit(parts, account, operation, await operation.find(db, account, call.caller, value));
}

/** For what is given no handle to read through. */
const nowhere = undefined as unknown as Handle;

/** Takes or gives line by line, in transactions of its own. */
export async function performStream(
  parts: Parts,
  operation: StreamOperation<any, any>,
  call: Call,
  account: Membership,
): Promise<unknown> {
  admitToKind(parts, account, operation.access, operation.resource);
  const { value } = inputOf(parts, operation, call, account);
  const { db, ...context } = contextOf(parts, nowhere, call, account);
  return operation.run(
    {
      ...context,
      now: parts.now,
      others: parts.others,
      read: parts.scan,
      steps: stepsIn(parts, account.accountId, call.dryRun),
      look: (work) => parts.scan((db) => work({ ...contextOf(parts, db, call, account), rehearsing: true })),
      step: (work) => performStep(parts, operation, call, account, work),
      rehearse: (work) =>
        performStep(parts, operation, { ...call, dryRun: true }, account, async (held) => {
          return { result: await work(held), changes: [] };
        }),
      body: call.body ?? noBytes(),
    },
    value,
  );
}

async function* noBytes(): AsyncGenerator<Uint8Array> {}

/** A part of a stream's work; whoever lost the right to go on meanwhile is refused here. */
async function performStep<T>(
  parts: Parts,
  operation: StreamOperation<any, any>,
  call: Call,
  account: Membership,
  work: (context: Context) => Promise<Written<T>>,
): Promise<T> {
  const { result } = await (call.dryRun ? parts.rehearse : parts.write)(async (db) => {
    const caller = await hold(parts, operation, db, call, account);
    const own = membershipIn(parts, operation, caller, account.accountId);
    admitToKind(parts, own, operation.access, operation.resource);
    const context = contextOf(parts, db, { ...call, caller }, own);
    const written = await work(context);
    if (written.changes.length > 0 && !call.dryRun) await record(parts, operation, context, written);
    return written;
  });
  return result;
}

import type { Handle } from "../db/database.ts";
import { Failure } from "../failure.ts";
import { admit, admitToKind, forbidden } from "./admit.ts";
import type { Caller, Membership } from "./caller.ts";
import type { Call, Hall, Input, Parts, Performed } from "./hall.ts";
import type {
  Context,
  ListOperation,
  Operation,
  ReadOperation,
  ReportOperation,
  Steps,
  StreamOperation,
  WriteOperation,
  Written,
} from "./operation.ts";
import { checkNamedAccount, membershipIn, placeOf } from "./place.ts";

/**
 * Builds the hall. Every operation takes the same way: caller, account, rights on what the path names, input,
 * rights on what the input names, and for a write one transaction that holds the account's row, the change
 * and its audit entry. So nobody learns a schema or an id by guessing.
 */
export function makeHall(parts: Parts): Hall {
  return {
    perform: (operation, call) => perform(parts, operation, call),
  };
}

async function perform(parts: Parts, operation: Operation, call: Call): Promise<Performed> {
  checkStanding(operation, call.caller);
  if (operation.within === "installation")
    return { ...(await performIn(parts, operation, call, noAccount)), account: undefined };
  const { account, input } = await placeOf(parts, operation, call);
  const placed = input ? { ...call, input: () => input } : call;
  return { ...(await performIn(parts, operation, placed, account)), account };
}

/** An operation of the whole installation has no account: that it asks for none is its author's promise. */
const noAccount = undefined as unknown as Membership;

function checkStanding(operation: Operation, { standing, address }: Caller): void {
  if (standing === "active") return;
  const asksAboutItself = "to" in operation.access && operation.access.to === "itself";
  if (asksAboutItself && standing !== "address-refused") return;
  if (standing === "address-refused")
    throw new Failure("unauthenticated", `Cannot use the access token from location: ${address}`, {
      reason: standing,
    });
  throw new Failure("unauthenticated", `this API token is ${standing.replaceAll("-", " ")}`, {
    reason: `token-${standing}`,
  });
}

async function performIn(
  parts: Parts,
  operation: Operation,
  call: Call,
  account: Membership,
): Promise<Omit<Performed, "account">> {
  if (operation.kind === "list") return { output: await performList(parts, operation, call, account) };
  if (operation.kind === "read") return { output: await performRead(parts, operation, call, account) };
  if (operation.kind === "report") return { output: await performReport(parts, operation, call, account) };
  if (operation.kind === "stream") return { output: await performStream(parts, operation, call, account) };
  const { result, impact, afterwards } = await performWrite(parts, operation, call, account);
  const output = afterwards ? await afterwards(stepsOf(parts, call, account)) : result;
  return { output, ...(impact && { impact: await parts.scan(impact) }) };
}

function stepsOf(parts: Parts, { dryRun }: Call, { accountId }: Membership): Steps {
  return {
    rehearsing: dryRun,
    scan: parts.scan,
    write: (work) =>
      parts.write(async (db) => {
        await parts.lock(db, accountId);
        return work(db, parts.now());
      }),
  };
}

async function performList(
  parts: Parts,
  operation: ListOperation<any, any>,
  call: Call,
  account: Membership,
) {
  if ("to" in operation.access) {
    const { value, page } = call.input();
    return parts.read((db) => operation.run(contextOf(parts, db, call, account), { ...value, page }, []));
  }
  const { permission } = operation.access;
  checkHoldsAny(parts, operation, account);
  const input = inputOf(parts, operation, call, account);
  const wanted = { ...input.value, page: input.page };
  const visible = account.visible(permission, operation.resource);
  return readerOf(
    parts,
    operation,
    wanted,
  )((db) => operation.run(contextOf(parts, db, call, account), wanted, visible));
}

function readerOf({ read, scan }: Parts, { aside }: Operation, input: unknown): Parts["read"] {
  return aside?.(input) ? scan : read;
}

async function performRead(
  parts: Parts,
  operation: ReadOperation<any, any, any>,
  call: Call,
  account: Membership,
): Promise<unknown> {
  if (!operation.aside) return parts.read((db) => readIn(parts, operation, db, call, account));
  await parts.read((db) => aim(parts, operation, db, call, account));
  const { value } = inputOf(parts, operation, call, account);
  const read = readerOf(parts, operation, value);
  return read((db) => readIn(parts, operation, db, call, account));
}

async function readIn(
  parts: Parts,
  operation: ReadOperation<any, any, any>,
  db: Handle,
  call: Call,
  account: Membership,
): Promise<unknown> {
  const noun = await aim(parts, operation, db, call, account);
  const { value, page } = inputOf(parts, operation, call, account);
  return operation.run(contextOf(parts, db, call, account), page ? { ...value, page } : value, noun);
}

/** Everything that can be wrong is found before it joins a batch: one bad report must not spoil those of others. */
async function performReport(
  parts: Parts,
  operation: ReportOperation<any, any, any, any>,
  call: Call,
  account: Membership,
): Promise<unknown> {
  const row = await parts.read(async (db) => {
    const found = operation.find ? undefined : await aim(parts, operation, db, call, account);
    if (operation.find) checkHoldsAny(parts, operation, account);
    const { value } = inputOf(parts, operation, call, account);
    const noun = operation.find
      ? admit(parts, account, operation, await operation.find(db, account, call.caller, value))
      : found;
    return operation.accept(contextOf(parts, db, call, account), value, noun);
  });
  return parts.report(operation, account.accountId, row);
}

/** Whoever may do it to nothing at all learns nothing of what it takes. */
function checkHoldsAny(parts: Parts, { access, resource }: Operation, account: Membership): void {
  if ("to" in access || account.holds(access.permission, resource)) return;
  const ofKind = account.authorize(access.permission, parts.chainOfKind(account.accountId, resource));
  throw forbidden(parts, access.permission, ofKind.decidedBy === "deny" ? "deny" : "no-allow");
}

async function performStream(
  parts: Parts,
  operation: StreamOperation<any, any>,
  call: Call,
  account: Membership,
): Promise<unknown> {
  admitToKind(parts, account, operation.access, operation.resource);
  const { value } = inputOf(parts, operation, call, account);
  const { db, ...context } = contextOf(parts, undefined as unknown as Handle, call, account);
  return operation.run(
    {
      ...context,
      now: parts.now,
      read: parts.scan,
      step: (work) => performStep(parts, operation, call, account, work),
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

async function performWrite(
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

/**
 * Holds the accounts that a caller writes in, always in the same order. It may have sent its body, or waited for
 * others, long after somebody changed what it may do: then who is calling is found out anew, and nothing that is held
 * changes any more. Answers the caller as it is now.
 */
async function hold(
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
async function record(
  parts: Parts,
  { name, raises }: WriteOperation<any, any, any> | StreamOperation<any, any>,
  { db, account, caller, now }: Context,
  written: Written<unknown>,
): Promise<void> {
  const by = { ...caller, ...written.by };
  for (const accountId of [...(written.accountIds ?? [account.accountId])].sort()) {
    if (accountId !== account?.accountId) await parts.lock(db, accountId);
    await parts.record(db, { accountId, caller: by, operation: name, raises, written, now });
  }
}

type AimedOperation = Exclude<Operation, ListOperation<any, any> | StreamOperation<any, any>>;

/** Rights on what the path names; answers the noun that it names, if it names one. */
async function aim(
  parts: Parts,
  operation: AimedOperation,
  db: Handle,
  call: Call,
  account: Membership,
): Promise<unknown> {
  if (!operation.target) return admitToKind(parts, account, operation.access, operation.resource);
  return admit(parts, account, operation, await operation.target(db, account, call.path));
}

function inputOf(parts: Parts, operation: Operation, call: Call, account: Membership): Input {
  const input = call.input();
  if (account) checkNamedAccount(parts, operation, call.caller, account, input.account);
  return input;
}

function contextOf(parts: Parts, db: Handle, call: Call, account: Membership): Context {
  const now = parts.now();
  return {
    db,
    caller: call.caller,
    account,
    ids: parts.ids,
    now,
    rehearsing: call.dryRun,
    settings: parts.settings,
    hold: (accountId) => parts.lock(db, accountId),
    keysThrough: (kind, id) => parts.keysThrough(db, account.accountId, kind, id),
    permissionsIn: parts.permissionsIn,
    groupsContaining: parts.groupsContaining,
    referrers: parts.referrers,
    changed: (kind, changes) => parts.changed(db, account.accountId, kind, changes, now),
    accountCreated: (created) => parts.accountCreated(db, created, { ids: parts.ids, now }),
  };
}

import type { Handle } from "../db/database.ts";
import { type Soon, when } from "../soon.ts";
import { aim, checkHoldsAny, checkStanding, contextOf, inputOf } from "./approach.ts";
import type { Membership } from "./caller.ts";
import type { Call, Hall, Parts, Performed } from "./hall.ts";
import type { ListOperation, Operation, ReadOperation, Ready } from "./operation.ts";
import { performReport, performStream } from "./perform-stream.ts";
import { performWrite } from "./perform-write.ts";
import { placeOf } from "./place.ts";
import { showsAll } from "./visible.ts";

/**
 * Builds the hall. Every operation takes the same way: caller, account, rights on what the path names, input,
 * rights on what the input names, and for a write one transaction that holds the account's row, the change
 * and its audit entry. So nobody learns a schema or an id by guessing.
 */
export function makeHall(given: Omit<Parts, "others">): Hall {
  let running = 0;
  let streams = 0;
  const parts: Parts = { ...given, others: () => running - streams };
  return {
    perform(operation, call) {
      const performed = perform(parts, operation, call);
      if (!(performed instanceof Promise)) return performed;
      const isStream = operation.kind === "stream";
      running++;
      if (isStream) streams++;
      return performed.finally(() => {
        running--;
        if (isStream) streams--;
      });
    },
  };
}

function perform(parts: Parts, operation: Operation, call: Call): Soon<Performed> {
  checkStanding(operation, call.caller);
  if (operation.within === "installation") return performIn(parts, operation, call, noAccount);
  return when(placeOf(parts, operation, call), ({ account, input }) => {
    const ready = operation.kind === "read" && operation.atHand && atHand(parts, operation, call, account);
    if (ready) return { output: ready.output, account };
    const placed = input ? { ...call, input: () => input } : call;
    return performIn(parts, operation, placed, account);
  });
}

/** An operation of the whole installation has no account: that it asks for none is its author's promise. */
const noAccount = undefined as unknown as Membership;

async function performIn(
  parts: Parts,
  operation: Operation,
  call: Call,
  account: Membership,
): Promise<Performed> {
  if (operation.kind === "list")
    return { account, output: await performList(parts, operation, call, account) };
  if (operation.kind === "read")
    return { account, output: await performRead(parts, operation, call, account) };
  if (operation.kind === "report")
    return { account, output: await performReport(parts, operation, call, account) };
  if (operation.kind === "stream")
    return { account, output: await performStream(parts, operation, call, account) };
  return { account, ...(await performWrite(parts, operation, call, account)) };
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

/** What is at hand is answered without any statement, to a caller whose right to it is seen at once. */
function atHand(
  parts: Parts,
  operation: ReadOperation<any, any, any>,
  { caller, path, input }: Call,
  account: Membership,
): Ready<unknown> | undefined {
  if (!("permission" in operation.access)) return undefined;
  const { permission } = operation.access;
  if (!account.holds(permission, operation.resource)) return undefined;
  const context = { account, caller, now: parts.now(), kept: parts.kept };
  const ready = operation.atHand?.(context, path, input().value);
  if (!ready) return undefined;
  const allowed = ready.chain
    ? account.authorize(permission, ready.chain).allowed
    : showsAll(account.visible(permission, operation.resource));
  return allowed ? ready : undefined;
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

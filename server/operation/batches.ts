import type { Handle } from "../db/database.ts";
import { Failure } from "../failure.ts";
import type { Batch, ReportOperation } from "./operation.ts";

type AnyReport = ReportOperation<any, any, any, any>;
type Waiting = { readonly row: unknown; resolve(answer: unknown): void; reject(error: unknown): void };
type Queue = { readonly waiting: Waiting[]; running: number };

/** What batches are kept with. */
export type BatchParts = Omit<Batch, "db" | "accountId" | "hold" | "changed"> & {
  write<T>(work: (db: Handle) => Promise<T>): Promise<T>;
  hold(db: Handle, accountId: string): Promise<unknown>;
  changed(db: Handle, accountId: string, ...moved: Parameters<Batch["changed"]>): Promise<void>;
  /** Whether transactions end in the order in which they were given to `write`. */
  readonly inOrder: boolean;
};

/** Reports that one transaction keeps: more would hold the writer for too long. */
const batchMax = 500;

/** Turns of the loop for which a batch waits for more: that many only where every one of them brings some. */
const turnsMax = 8;

/**
 * Keeps reports of one operation and account together that wait at the same time, in one transaction: a report is
 * answered once its batch is on the disk. Where batches stay in their order two are under way at a time: while one
 * waits for the disk, the next is put together. Else one report of a device could overtake another.
 */
export function makeBatches(parts: BatchParts) {
  const queues = new Map<string, Queue>();
  const runningMax = parts.inOrder ? 2 : 1;

  function start(key: string, queue: Queue, operation: AnyReport, accountId: string): void {
    if (queue.running === runningMax) return;
    queue.running++;
    queues.set(key, queue);
    void drain(key, queue, operation, accountId);
  }

  async function drain(key: string, queue: Queue, operation: AnyReport, accountId: string): Promise<void> {
    for (await gathered(queue); queue.waiting.length > 0; await gathered(queue)) {
      const some = queue.waiting.splice(0, batchMax);
      if (queue.waiting.length > 0) start(key, queue, operation, accountId);
      await keep(parts, operation, accountId, some);
    }
    queue.running--;
    if (queue.running === 0) queues.delete(key);
  }

  return (operation: AnyReport, accountId: string, row: unknown): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const key = `${operation.name} ${accountId}`;
      const queue = queues.get(key) ?? { waiting: [], running: 0 };
      queue.waiting.push({ row, resolve, reject });
      // Others that wait already are about to be taken, and this one with them.
      if (queue.waiting.length === 1) start(key, queue, operation, accountId);
    });
}

/** Reports that come in together are read in turns of the loop that follow each other: they are to share a batch. */
async function gathered({ waiting }: Queue): Promise<void> {
  for (let turn = 0, before = -1; turn < turnsMax && waiting.length !== before; turn++) {
    before = waiting.length;
    await new Promise((resume) => setImmediate(resume));
  }
}

async function keep(
  parts: BatchParts,
  operation: AnyReport,
  accountId: string,
  waiting: readonly Waiting[],
): Promise<void> {
  try {
    const rows = waiting.map(({ row }) => row);
    const answers = await parts.write((db) =>
      operation.apply(
        {
          ...{ db, accountId, ids: parts.ids },
          hold: () => parts.hold(db, accountId),
          changed: (...moved) => parts.changed(db, accountId, ...moved),
        },
        rows,
      ),
    );
    for (const [index, { resolve, reject }] of waiting.entries()) {
      const answer = answers[index];
      if (answer instanceof Failure) reject(answer);
      else resolve(answer);
    }
  } catch (error) {
    // What nobody foresaw of one report must not spoil the others: each is tried by itself.
    if (waiting.length > 1 && !(error instanceof Failure))
      for (const each of waiting) await keep(parts, operation, accountId, [each]);
    else for (const { reject } of waiting) reject(error);
  }
}

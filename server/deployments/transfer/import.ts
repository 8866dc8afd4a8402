import { type Context, read, type StreamContext, stream } from "../../operation/operation.ts";
import { checkHoldsSome } from "./allowed.ts";
import { kind, Passage } from "./applying.ts";
import { cellOf } from "./cells.ts";
import { TableReader } from "./csv.ts";
import type { Job } from "./import-job.ts";
import { begin, end, jobsKept, stateNow } from "./job.ts";
import { kinds } from "./kinds.ts";
import type { Raw } from "./line.ts";
import { linesIn, type Reached, readJsonLines } from "./reading.ts";
import { Spool } from "./spool.ts";
import { lastJobs } from "./store.ts";
import { refused, type Tally } from "./tally.ts";

/** How an import is to be done. */
export type Wanted = {
  readonly atomic: boolean;
  /** Lines before it are not looked at. */
  readonly fromLine: number;
  readonly format: "ndjson" | "csv";
  /** Of a table: what its rows are about. */
  readonly kind: "device" | "membership";
  readonly columns: Readonly<Record<string, string>>;
  readonly group?: string;
};

/** What an import did, or would do. */
export type Imported = {
  readonly jobId: string | null;
  readonly state: "done" | "refused";
  readonly rehearsed: boolean;
  readonly atomic: boolean;
  readonly nextLine: number;
  readonly tally: Tally;
};

const reason = "each line takes the permissions of what it is about";

/** Takes devices, groups and whatever else there is of an account, line by line. */
export const importLines = stream<Wanted, Imported>({
  name: "transfer.import",
  summary: "Import devices, groups, memberships, device policies, deployment groups and user groups",
  access: { to: "everyone", reason },
  resource: kind,
  raises: "fleet",
  async run(context, wanted) {
    checkHoldsSome(context, kinds);
    const spool = new Spool();
    const keeps = wanted.atomic && !context.rehearsing;
    const reached = { last: 0 };
    const lines = linesOf(keeps ? spool.keeping(context.body) : context.body, wanted, reached);
    try {
      // Before the job begins: what is wrong with the request as a whole shows in its first lines.
      let first = await lines.next();
      while (!first.done && first.value.length === 0) first = await lines.next();
      return await transfer(context, wanted, { batches: chained(first, lines), reached }, spool);
    } finally {
      await lines.return(undefined);
      await spool.close();
    }
  },
});

type Batches = AsyncGenerator<readonly Raw[]>;
/** Lines as they are read, and how far that came by now. */
type Lines = { readonly batches: Batches; readonly reached: Readonly<Reached> };

async function* chained(first: IteratorResult<readonly Raw[]>, rest: Batches): Batches {
  if (first.done) return;
  yield first.value;
  yield* rest;
}

async function* linesOf(bytes: AsyncIterable<Uint8Array>, wanted: Wanted, reached: Reached): Batches {
  const { format, fromLine } = wanted;
  if (format === "ndjson") {
    for await (const lines of linesIn(bytes, fromLine, reached)) yield readJsonLines(lines);
    return;
  }
  const reader = new TableReader({
    ...{ kind: wanted.kind, columns: wanted.columns, cell: (member) => cellOf(wanted.kind, member) },
    ...(wanted.group !== undefined && { group: wanted.group }),
  });
  // The first line names the columns, wherever the rows begin that are wanted.
  const rows = (read: readonly Raw[]) => read.filter(({ number }) => number >= fromLine);
  for await (const lines of linesIn(bytes, 1, reached)) yield rows(reader.read(lines));
  yield rows(reader.rest());
}

async function transfer(context: StreamContext, wanted: Wanted, lines: Lines, spool: Spool) {
  const { atomic, format, fromLine } = wanted;
  if (context.rehearsing) {
    const looked = await through(new Passage(context, { job: null, writes: false, atomic }), lines);
    const state = atomic && refused(looked.tally) > 0 ? "refused" : "done";
    return { jobId: null, state, rehearsed: true, atomic, ...looked } as const;
  }
  const job = await begin(context, { atomic, format, fromLine });
  try {
    const checked = atomic ? await check(context, job, lines) : null;
    if (checked && refused(checked.tally) > 0)
      return {
        jobId: job.id,
        state: "refused",
        rehearsed: false,
        atomic,
        ...checked,
        nextLine: fromLine,
      } as const;
    const done = await write(context, job, checked ? readAgain(spool, wanted) : lines);
    return { jobId: job.id, state: "done", rehearsed: false, atomic, ...done } as const;
  } finally {
    end(job);
  }
}

function readAgain(spool: Spool, wanted: Wanted): Lines {
  const reached = { last: 0 };
  return { batches: linesOf(spool.again(), wanted, reached), reached };
}

async function check(context: StreamContext, job: Job, lines: Lines) {
  const passage = new Passage(context, { job, writes: false, atomic: job.options.atomic });
  const checked = await interruptible(passage, () => through(passage, lines));
  if (refused(checked.tally) > 0) await passage.settle("refused", job.options.fromLine);
  return checked;
}

async function write(context: StreamContext, job: Job, lines: Lines) {
  const passage = new Passage(context, { job, writes: true, atomic: job.options.atomic });
  return interruptible(passage, async () => {
    const done = await through(passage, lines);
    await passage.settle("done", done.nextLine);
    return done;
  });
}

async function through(passage: Passage, lines: Lines) {
  try {
    for await (const some of lines.batches) await passage.take(some);
    await passage.finish();
    // There may be fewer lines than were to be passed over.
    return { tally: passage.tally, nextLine: lines.reached.last + 1 };
  } finally {
    passage.close();
  }
}

/** What ends an import is told to whoever asks later, as far as it still can be. */
async function interruptible<T>(passage: Passage, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await passage.interrupt().catch(() => {});
    throw error;
  }
}

/** The last imports of the account: how far they came, and where to go on. */
export const listImports = read<unknown, readonly Job[]>({
  name: "transfer.list-imports",
  summary: "Look at the last imports",
  access: { to: "everyone", reason },
  resource: kind,
  sees: "",
  async run(context: Context) {
    checkHoldsSome(context, kinds);
    const jobs = await lastJobs(context.db, context.account.accountId, jobsKept);
    return jobs.map((job) => ({ ...job, state: stateNow(job, context) }));
  },
});

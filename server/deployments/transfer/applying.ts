import { Failure } from "../../failure.ts";
import type { Change, Context, Steps, StreamContext, Written } from "../../operation/operation.ts";
import type { Job } from "./import-job.ts";
import { type Sorted, sorted } from "./kinds.ts";
import { Ledger } from "./ledger.ts";
import { faultOf, type LineKind, type Raw } from "./line.ts";
import { Pace } from "./pace.ts";
import { Scratch } from "./scratch.ts";
import { putJob } from "./store.ts";
import { counted, type JudgedLine, moved, nothing, since, type Tally } from "./tally.ts";

/** Milliseconds after which what was read so far is worked on, however little it is. */
const patienceMs = 5_000;

/** The kind of thing that imports and exports are. */
export const kind = "transfer";

type Afterwards = readonly ((steps: Steps) => Promise<unknown>)[];
type Done = {
  readonly judged: JudgedLine[];
  readonly changes: Change[];
  readonly afterwards: Afterwards;
  readonly job?: Job | null;
};

/** How a way through the lines is gone. */
type Manner = {
  /** Null where nothing is kept, not even that it was tried. */
  readonly job: Job | null;
  readonly writes: boolean;
  /** One line that can't be applied refuses them all: then each of those is named. */
  readonly atomic: boolean;
};

/** One way through the lines of an import, chunk by chunk: one that brings them about, or one that only looks. */
export class Passage {
  readonly #context: StreamContext;
  readonly #scratch = new Scratch();
  readonly #keys = new Ledger(this.#scratch);
  readonly #pace = new Pace();
  readonly #writes: boolean;
  readonly #atomic: boolean;
  #job: Job | null;
  #tally: Tally = nothing;
  #chunk: Sorted[] = [];
  #share = 0;
  #since = performance.now();

  constructor(context: StreamContext, { job, writes, atomic }: Manner) {
    this.#context = context;
    this.#job = job;
    this.#writes = writes;
    this.#atomic = atomic;
  }

  /** What became of the lines so far. */
  get tally(): Tally {
    return this.#tally;
  }

  /** Takes some lines, and works on as many as make a chunk. */
  async take(lines: readonly Raw[]): Promise<void> {
    for (const raw of lines) {
      const line = sorted(raw);
      if (line) await this.#add(line);
    }
    if (performance.now() - this.#since > patienceMs) await this.#work();
  }

  /** Works on what is left. */
  async finish(): Promise<void> {
    await this.#work();
  }

  /** Lets go of what is not kept for good. */
  close(): void {
    this.#scratch.close();
  }

  async #add(line: Sorted): Promise<void> {
    const share = "kind" in line ? line.kind.share : 1 / 2000;
    if (this.#share + share > this.#pace.size || share >= 1) await this.#work();
    this.#chunk.push(line);
    this.#share += share;
    if (share >= 1) await this.#work();
  }

  async #work(): Promise<void> {
    const [chunk, share] = [this.#chunk, this.#share];
    this.#chunk = [];
    this.#share = 0;
    this.#since = performance.now();
    if (chunk.length === 0) return this.#touch();
    const { judged, afterwards, job = this.#job } = await this.#oneChunk(chunk, share);
    this.#keys.keep();
    this.#job = job;
    this.#tally = counted(this.#tally, judged, this.#atomic);
    for (const goOn of afterwards) await goOn(this.#context.steps);
    await othersFirst(this.#context);
  }

  async #oneChunk(chunk: readonly Sorted[], share: number): Promise<Done> {
    const alone = chunk.length === 1 && chunk[0] && "kind" in chunk[0] ? chunk[0] : undefined;
    try {
      return await this.#perform(chunk, share, alone?.kind.movesRights ?? false);
    } catch (error) {
      if (!alone?.kind.movesRights || !(error instanceof Failure)) throw error;
      const { type } = alone.kind;
      const { number } = alone.line;
      return this.#perform([{ type, number, judged: faultOf(error) }], share, false);
    }
  }

  #perform(chunk: readonly Sorted[], share: number, movesRights: boolean): Promise<Done> {
    if (this.#writes) return this.#timed(chunk, share, movesRights);
    const look = (context: Context) => this.#apply(context, chunk, movesRights);
    return movesRights ? this.#context.rehearse(look) : this.#context.look(look);
  }

  /** Others wait for the commit, too: it counts. */
  async #timed(chunk: readonly Sorted[], share: number, movesRights: boolean): Promise<Done> {
    const begun = performance.now();
    const done = await this.#context.step((held) => this.#write(held, chunk, movesRights));
    this.#pace.took(performance.now() - begun, share);
    return done;
  }

  async #write(held: Context, chunk: readonly Sorted[], movesRights: boolean): Promise<Written<Done>> {
    const done = await this.#apply(held, chunk, true);
    const tally = counted(this.#tally, done.judged, this.#atomic);
    const job = this.#job && {
      ...this.#job,
      tally,
      nextLine: numberOf(chunk.at(-1)) + 1,
      updatedAt: held.now,
    };
    if (job) await putJob(held.db, held.account.accountId, job);
    const changes = this.#changesOf(chunk, tally, done.changes);
    return {
      result: { ...done, job },
      changes,
      ...(movesRights && changes.length > 0 && { raises: "rights" as const }),
    };
  }

  /** How much of which lines, not what each of them said: that would be as long as the import itself. */
  #changesOf(chunk: readonly Sorted[], tally: Tally, own: readonly Change[]): readonly Change[] {
    const made = since(this.#tally, tally);
    if (made.new + made.changed === 0) return [];
    const lines = { first: numberOf(chunk[0]), last: numberOf(chunk.at(-1)) };
    const resource = { kind, id: this.#job?.id ?? "" };
    return [{ resource, before: null, after: { lines, ...made } }, ...own];
  }

  async #apply(context: Context, chunk: readonly Sorted[], writes: boolean): Promise<Done> {
    this.#keys.begin();
    const pass = { keys: this.#keys, writes };
    const judged: JudgedLine[] = [];
    const changes: Change[] = [];
    const afterwards: Afterwards[number][] = [];
    for (const run of runsOf(chunk)) {
      const lines = run.lines.map(({ line }) => line);
      const applied = await run.kind.apply(context, pass, lines);
      judged.push(
        ...applied.judged.map((each, index) => {
          return { number: lines[index]?.number ?? 0, type: run.kind.type, judged: each };
        }),
      );
      changes.push(...(applied.changes ?? []));
      afterwards.push(...(writes && this.#writes ? (applied.afterwards ?? []) : []));
    }
    for (const line of chunk) if ("judged" in line) judged.push(line);
    judged.sort((a, b) => a.number - b.number);
    return { judged, changes, afterwards };
  }

  /** Says that the job is still at work, where nothing else does. */
  async #touch(): Promise<void> {
    const job = this.#job;
    if (!job || this.#context.alone) return;
    const { steps, account } = this.#context;
    await steps.write((db, now) => putJob(db, account.accountId, { ...job, updatedAt: now }));
  }

  /** Keeps how the job ended; the entry in the audit trail says what it did in all. */
  async settle(state: "done" | "refused", nextLine: number): Promise<void> {
    const [job, tally] = [this.#job, this.#tally];
    if (!job) return;
    await this.#context.step(async ({ db, account, now }) => {
      await putJob(db, account.accountId, { ...job, state, tally, nextLine, updatedAt: now });
      const after = { state, lines: tally.lines, ...tally.counts.total };
      const changed = this.#writes && moved(tally) > 0;
      const changes = changed ? [{ resource: { kind, id: job.id }, before: null, after }] : [];
      return { result: undefined, changes };
    });
  }

  /** Keeps that the job ended before its end, as it was last kept, whoever its caller may be by then. */
  async interrupt(): Promise<void> {
    const job = this.#job;
    if (!job) return;
    const { steps, account } = this.#context;
    await steps.write((db, now) =>
      putJob(db, account.accountId, { ...job, state: "interrupted", updatedAt: now }),
    );
  }
}

/** Turns of the loop in which what arrived meanwhile is read, joins a batch, and is kept. */
const turns = 4;

/** Milliseconds that an import stands back for others at the most, before its next chunk: it has to go on, too. */
const patientMs = 60;

/** Lets everybody else who waits be served before the next chunk. */
async function othersFirst({ others }: Pick<StreamContext, "others">): Promise<void> {
  const until = performance.now() + patientMs;
  for (let turn = 0; turn < turns || (others() > 0 && performance.now() < until); turn++)
    await new Promise((resume) => setImmediate(resume));
}

type Run = { readonly kind: LineKind<any>; readonly lines: Extract<Sorted, { kind: LineKind<any> }>[] };

/** Lines of one kind that follow one another, but for those that can't be read. */
function runsOf(chunk: readonly Sorted[]): Run[] {
  const runs: Run[] = [];
  for (const line of chunk) {
    if (!("kind" in line)) continue;
    const last = runs.at(-1);
    if (last?.kind === line.kind) last.lines.push(line);
    else runs.push({ kind: line.kind, lines: [line] });
  }
  return runs;
}

function numberOf(line: Sorted | undefined): number {
  if (!line) return 0;
  return "kind" in line ? line.line.number : line.number;
}

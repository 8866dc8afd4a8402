import { conflict } from "../../failure.ts";
import type { Context, StreamContext } from "../../operation/operation.ts";
import type { Job, JobState } from "./import-job.ts";
import { dropJobs, lastJobs, putJob } from "./store.ts";
import { nothing } from "./tally.ts";

/** Imports of an account that are remembered. */
export const jobsKept = 20;

/** Microseconds after which an import of another process that tells nothing has ended with it. */
const silentUs = 90_000_000;

/** The imports that go on in this process. */
const running = new Set<string>();

/** Whether a job that was left running still does: what went on in a process that is gone was interrupted. */
export function stateNow(
  { id, state, updatedAt }: Job,
  { alone, now }: Pick<Context, "alone" | "now">,
): JobState {
  if (state !== "running" || running.has(id)) return state;
  return !alone && now - updatedAt < silentUs ? "running" : "interrupted";
}

/** Begins a job. Throws Failure `conflict` where another one goes on in the account. */
export async function begin(context: StreamContext, options: Job["options"]): Promise<Job> {
  const job = await context.step(async (held) => {
    const { db, account, ids, now } = held;
    const earlier = await lastJobs(db, account.accountId, jobsKept + 1);
    if (earlier.some((each) => stateNow(each, held) === "running"))
      throw conflict(
        "another import goes on in this organization; expected it to end first",
        "import-running",
      );
    for (const each of earlier.filter(({ state }) => state === "running"))
      await putJob(db, account.accountId, { ...each, state: "interrupted" });
    await dropJobs(
      db,
      account.accountId,
      earlier.slice(jobsKept - 1).map(({ id }) => id),
    );
    const started: Job = {
      ...{ id: ids.uuid(), state: "running", options, tally: nothing, nextLine: options.fromLine },
      ...{ startedAt: now, updatedAt: now },
    };
    await putJob(db, account.accountId, started);
    // Before the commit: nobody may find it running and nowhere at work.
    running.add(started.id);
    return { result: started, changes: [] };
  });
  return job;
}

/** Says that a job goes on in this process no more. */
export function end(job: Job): void {
  running.delete(job.id);
}

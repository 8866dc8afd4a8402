/** Something that happens by itself, again and again. */
export type Job = { readonly everyMs: number; run(): Promise<void> };

/** Runs jobs by the clock. */
export interface Ticking {
  start(): void;
  /** Starts no job any more; resolves when the running ones are done. */
  stop(): Promise<void>;
}

/**
 * Builds the clock's work. A job that fails is told to `failed` and tried again at its next time; a job that
 * takes longer than its time is not started twice.
 */
export function makeTicking(jobs: readonly Job[], failed: (error: unknown) => void): Ticking {
  const timers: NodeJS.Timeout[] = [];
  const running = new Map<Job, Promise<void>>();
  const tick = (job: Job) => {
    if (running.has(job)) return;
    const run = job.run().catch(failed);
    running.set(
      job,
      run.finally(() => running.delete(job)),
    );
  };
  return {
    start() {
      for (const job of jobs) timers.push(setInterval(tick, job.everyMs, job).unref());
    },
    async stop() {
      for (const timer of timers.splice(0)) clearInterval(timer);
      await Promise.all(running.values());
    },
  };
}

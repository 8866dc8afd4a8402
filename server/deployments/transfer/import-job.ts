import type { Tally } from "./tally.ts";

/** How an import stands. */
export type JobState = "running" | "done" | "refused" | "interrupted";

/** One import: how far it came, so that it can go on from there. */
export type Job = {
  readonly id: string;
  readonly state: JobState;
  readonly options: { readonly atomic: boolean; readonly format: string; readonly fromLine: number };
  readonly tally: Tally;
  /** Everything before this line is applied. */
  readonly nextLine: number;
  /** All times are microseconds since the epoch. */
  readonly startedAt: number;
  readonly updatedAt: number;
};

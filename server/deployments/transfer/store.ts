import type { Handle } from "../../db/database.ts";
import { putRows } from "../../db/put-rows.ts";
import { listed } from "../../db/value-list.ts";
import type { Job, JobState } from "./import-job.ts";
import type { Tally } from "./tally.ts";

declare module "../../db/database.ts" {
  interface Rooms {
    import_job: {
      account_id: string;
      id: string;
      state: string;
      options: string;
      counts: string;
      faults: string;
      next_line: number;
      started_at: number;
      updated_at: number;
    };
  }
}

/** The last jobs of an account, newest first. */
export async function lastJobs(db: Handle, accountId: string, limit: number): Promise<Job[]> {
  const rows = await db
    .selectFrom("import_job")
    .selectAll()
    .where("account_id", "=", accountId)
    .orderBy("started_at", "desc")
    .orderBy("id", "desc")
    .limit(limit)
    .execute();
  return rows.map((row) => {
    const { faults, faultsTotal }: Pick<Tally, "faults" | "faultsTotal"> = JSON.parse(row.faults);
    const { lines, counts }: Pick<Tally, "lines" | "counts"> = JSON.parse(row.counts);
    return {
      ...{ id: row.id, state: row.state as JobState, options: JSON.parse(row.options) },
      ...{ nextLine: row.next_line, startedAt: row.started_at, updatedAt: row.updated_at },
      tally: { lines, counts, faults, faultsTotal },
    };
  });
}

/** Keeps a job as it is now. */
export async function putJob(db: Handle, accountId: string, job: Job): Promise<void> {
  const { lines, counts, faults, faultsTotal } = job.tally;
  await putRows(
    db,
    "import_job",
    ["account_id", "id"],
    [
      {
        ...{ account_id: accountId, id: job.id, state: job.state, options: JSON.stringify(job.options) },
        ...{ counts: JSON.stringify({ lines, counts }), faults: JSON.stringify({ faults, faultsTotal }) },
        ...{ next_line: job.nextLine, started_at: job.startedAt, updated_at: job.updatedAt },
      },
    ],
  );
}

/** Forgets jobs. */
export async function dropJobs(db: Handle, accountId: string, ids: readonly string[]): Promise<void> {
  await db
    .deleteFrom("import_job")
    .where("account_id", "=", accountId)
    .where("id", "in", listed(ids))
    .execute();
}

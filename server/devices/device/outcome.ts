import type { Static } from "typebox";
import type { Handle } from "../../db/database.ts";
import { putRows } from "../../db/put-rows.ts";
import { valueList } from "../../db/value-list.ts";
import { line, oneOf } from "../../operation/text.ts";
import { versionKey } from "../../selector/version.ts";

/** The members of an outcome on the wire, with their limits. */
export const outcomeMember = {
  version: line({ min: 1, max: 255 }),
  state: oneOf("accepted", "downloading", "installing", "succeeded", "failed", "refused"),
  errorCode: line({ min: 1, max: 128 }),
  detail: line({ max: 1024 }),
};

/** How a device's attempt to run a version went. */
export type Attempt = {
  readonly version: string;
  readonly state: Static<typeof outcomeMember.state>;
  readonly errorCode: string | null;
  readonly detail: string | null;
  /** Microseconds since the epoch. */
  readonly attemptedAt: number;
};

/** An attempt that failed. */
export type Failed = Pick<Attempt, "errorCode" | "detail" | "attemptedAt">;

/** A device's last attempt at a version, and the first and the last that failed at the same version. */
export type Outcome = {
  readonly last: Attempt;
  readonly firstFailure: Failed | null;
  readonly lastFailure: Failed | null;
};

interface OutcomeTable {
  account_id: string;
  device_id: string;
  version: string;
  version_key: string;
  state: string;
  attempted_at: number;
  error_code: string | null;
  detail: string | null;
  first_failed_at: number | null;
  first_error_code: string | null;
  first_detail: string | null;
  last_failed_at: number | null;
  last_error_code: string | null;
  last_detail: string | null;
}

declare module "../../db/database.ts" {
  interface Rooms {
    device_outcome: OutcomeTable;
  }
}

/** What is kept once an attempt is told: a later one at another version begins anew. */
export function withAttempt(known: Outcome | undefined, attempt: Attempt): Outcome {
  const { errorCode, detail, attemptedAt } = attempt;
  const isLate = known !== undefined && attemptedAt < known.last.attemptedAt;
  const same = known?.last.version === attempt.version ? known : undefined;
  if (known && isLate && !same) return known;
  const failure = attempt.state === "failed" ? { errorCode, detail, attemptedAt } : null;
  // Attempts may be told late and out of order.
  const failures = [same?.firstFailure, failure, same?.lastFailure].filter((each) => each != null);
  const inOrder = failures.sort((a, b) => a.attemptedAt - b.attemptedAt);
  const last = same && isLate ? same.last : attempt;
  return { last, firstFailure: inOrder[0] ?? null, lastFailure: inOrder.at(-1) ?? null };
}

/** The outcomes of some devices, by their ids. */
export async function outcomesOf(
  db: Handle,
  accountId: string,
  deviceIds: readonly string[],
): Promise<ReadonlyMap<string, Outcome>> {
  const rows = await db
    .selectFrom("device_outcome as o")
    .innerJoin(valueList(deviceIds).as("wanted"), "wanted.value", "o.device_id")
    .selectAll("o")
    .where("o.account_id", "=", accountId)
    .execute();
  return new Map(rows.map((row) => [row.device_id, fromRow(row)]));
}

/** Keeps the present outcomes of devices. */
export async function putOutcomes(
  db: Handle,
  accountId: string,
  outcomes: ReadonlyMap<string, Outcome>,
): Promise<void> {
  const rows = [...outcomes].map(([deviceId, { last, firstFailure, lastFailure }]) => ({
    ...{ account_id: accountId, device_id: deviceId, version: last.version, state: last.state },
    ...{ version_key: versionKey(last.version) ?? "", attempted_at: last.attemptedAt },
    ...{ error_code: last.errorCode, detail: last.detail },
    first_failed_at: firstFailure?.attemptedAt ?? null,
    first_error_code: firstFailure?.errorCode ?? null,
    first_detail: firstFailure?.detail ?? null,
    last_failed_at: lastFailure?.attemptedAt ?? null,
    last_error_code: lastFailure?.errorCode ?? null,
    last_detail: lastFailure?.detail ?? null,
  }));
  await putRows(db, "device_outcome", ["account_id", "device_id"], rows);
}

function fromRow(row: OutcomeTable): Outcome {
  return {
    last: {
      ...{ version: row.version, state: row.state as Attempt["state"], attemptedAt: row.attempted_at },
      ...{ errorCode: row.error_code, detail: row.detail },
    },
    firstFailure: failedAt(row.first_failed_at, row.first_error_code, row.first_detail),
    lastFailure: failedAt(row.last_failed_at, row.last_error_code, row.last_detail),
  };
}

function failedAt(
  attemptedAt: number | null,
  errorCode: string | null,
  detail: string | null,
): Failed | null {
  return attemptedAt === null ? null : { attemptedAt, errorCode, detail };
}

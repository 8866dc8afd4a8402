import type { TSchema } from "typebox";
import { Failure } from "../../failure.ts";
import type { Change, Context, Steps } from "../../operation/operation.ts";
import type { Ledger } from "./ledger.ts";

/** What a line can be about, in the order in which an export gives them: what is named stands before what names it. */
export const lineTypes = [
  ...(["user_group", "device_group", "device", "membership"] as const),
  ...(["device_policy", "deployment_group"] as const),
];

/** One of them. */
export type LineType = (typeof lineTypes)[number];

/** A line of an export: what it is about, and what it says. */
export type Given = { readonly type: LineType | "export" } & Readonly<Record<string, unknown>>;

/** What becomes of a line. */
export const verdicts = ["new", "changed", "unchanged", "bad", "duplicate"] as const;

/** One of them. */
export type Verdict = (typeof verdicts)[number];

/** Bytes that one line may have. */
export const lineBytesMax = 64 * 1024;

/** What is wrong with a line: the member, and what was expected of it. `field` is empty where it is the whole line. */
export type Fault = { readonly field: string; readonly message: string };

/** A line as it was read, by its number from 1: what it says, or why it can't be read. */
export type Raw =
  | { readonly number: number; readonly value: unknown }
  | ({ readonly number: number } & Fault);

/** A line of a kind, checked against its schema. */
export type Line<Value> = { readonly number: number; readonly value: Value };

/** What became of one line. */
export type Judged = { readonly verdict: Verdict } & Partial<Fault>;

/** One way through all lines: what earlier lines were about, and whether it writes or only looks. */
export type Pass = { readonly keys: Ledger; readonly writes: boolean };

/** What became of some lines, each in its place, and what that changed. */
export type Applied = {
  readonly judged: readonly Judged[];
  /** For the audit trail, where the counts of the lines do not say enough. */
  readonly changes?: readonly Change[];
  /** Runs once everything is committed. */
  readonly afterwards?: readonly ((steps: Steps) => Promise<unknown>)[];
};

/** What lines of one type are and do. */
export interface LineKind<Value> {
  readonly type: LineType;
  /** Who holds none of these permissions anywhere can bring no line of this type. */
  readonly takes: readonly { readonly permission: string; readonly resource: string }[];
  /** How much of a chunk a line takes, a chunk being 1; a line of 1 has a transaction of its own. */
  readonly share: number;
  readonly schema: TSchema;
  /** True where rights change: then nothing is seen of it before it is written and undone again. */
  readonly movesRights?: boolean;
  /** Judges lines in their order, and where the pass writes brings them about. */
  apply(context: Context, pass: Pass, lines: readonly Line<Value>[]): Promise<Applied>;
}

/** What is wrong with a line that fails; throws on whatever is no expected failure. */
export function faultOf(error: unknown): Judged {
  if (!(error instanceof Failure)) throw error;
  if (error.kind === "unavailable" || error.kind === "rate-limited") throw error;
  const field = (error.details.pointer ?? "").slice(1);
  return { verdict: "bad", field, message: error.message };
}

/** Judges one line: a failure makes it bad. */
export function judge(decide: () => Judged): Judged {
  try {
    return decide();
  } catch (error) {
    return faultOf(error);
  }
}

/** As `judge`, for what has to look something up. */
export async function judgeLater(decide: () => Promise<Judged>): Promise<Judged> {
  try {
    return await decide();
  } catch (error) {
    return faultOf(error);
  }
}

/** The verdict on a line about something that an earlier line was about. */
export const duplicate: Judged = { verdict: "duplicate" };

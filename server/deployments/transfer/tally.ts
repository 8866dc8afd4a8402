import { type Fault, type Judged, type LineType, lineTypes, type Verdict, verdicts } from "./line.ts";

/** How many lines came to each verdict. */
export type Count = Readonly<Record<Verdict, number>>;

/** Counts by the type of the lines, for types that there were, and of all together. */
export type Counts = Readonly<Partial<Record<LineType, Count>>> & { readonly total: Count };

/** What was wrong with a line, by its number. */
export type LineFault = Fault & { readonly line: number };

/** Lines whose faults are kept word by word; of the others only the number. */
export const faultsMax = 1000;

/** What became of all lines of an import so far. */
export type Tally = {
  readonly lines: number;
  readonly counts: Counts;
  readonly faults: readonly LineFault[];
  readonly faultsTotal: number;
};

const none: Count = { new: 0, changed: 0, unchanged: 0, bad: 0, duplicate: 0 };

/** Of no lines at all. */
export const nothing: Tally = { lines: 0, counts: { total: none }, faults: [], faultsTotal: 0 };

/** A line and what became of it; one that is not about anything known has no type. */
export type JudgedLine = { readonly number: number; readonly type: LineType | null; readonly judged: Judged };

/** What is said of a line that is about the same as an earlier one. */
const repeated = "a duplicate; expected each thing in one line only";

/** A tally with some more lines. Where `namesDuplicates`, those are among the faults, too. */
export function counted(before: Tally, lines: readonly JudgedLine[], namesDuplicates = false): Tally {
  const counts: Record<string, Record<Verdict, number>> = {};
  for (const type of [...lineTypes, "total"] as const)
    if (before.counts[type]) counts[type] = { ...before.counts[type] };
  const faults: LineFault[] = [];
  let faultsTotal = before.faultsTotal;
  for (const { number, type, judged } of lines) {
    const { verdict, field = "", message } = judged;
    for (const name of type === null ? ["total"] : [type, "total"]) {
      counts[name] ??= { ...none };
      counts[name][verdict]++;
    }
    if (verdict !== "bad" && !(namesDuplicates && verdict === "duplicate")) continue;
    faultsTotal++;
    if (before.faults.length + faults.length < faultsMax)
      faults.push({ line: number, field, message: message ?? repeated });
  }
  return {
    lines: before.lines + lines.length,
    counts: counts as Counts,
    faults: faults.length > 0 ? [...before.faults, ...faults] : before.faults,
    faultsTotal,
  };
}

/** How many lines came to a verdict that changes something. */
export function moved({ counts: { total } }: Pick<Tally, "counts">): number {
  return total.new + total.changed;
}

/** How many lines would not be applied. */
export function refused({ counts: { total } }: Pick<Tally, "counts">): number {
  return total.bad + total.duplicate;
}

/** All verdicts of one tally without those of an earlier one. */
export function since(earlier: Tally, later: Tally): Count {
  const [was, is] = [earlier.counts.total, later.counts.total];
  return Object.fromEntries(verdicts.map((verdict) => [verdict, is[verdict] - was[verdict]])) as Count;
}

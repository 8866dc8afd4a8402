/** One line of the report. `ratio` is against what was measured beside it in the same run. */
export type Row = {
  readonly row: string;
  readonly measured: string;
  readonly ratio: number | null;
  readonly goal: string | null;
  /** Null where the row is there to inform and has no goal. */
  readonly met: boolean | null;
  /** Every figure behind the line, for the JSON. */
  readonly figures: object;
};

const heads = ["row", "measured", "ratio", "goal", "verdict"] as const;

/** The report as a table of text. */
export function table(rows: readonly Row[]): string {
  const lines: (readonly string[])[] = [heads, ...rows.map(cells)];
  const widths = heads.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const printed = lines.map((line) =>
    line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "),
  );
  printed.splice(1, 0, widths.map((width) => "-".repeat(width)).join("  "));
  return printed.map((line) => line.trimEnd()).join("\n");
}

function cells({ row, measured, ratio, goal, met }: Row): string[] {
  const verdict = met === null ? "-" : met ? "met" : "MISSED";
  return [row, measured, ratio === null ? "-" : ratio.toFixed(2), goal ?? "-", verdict];
}

/** The middle one of some figures. */
export function median(figures: readonly number[]): number {
  return figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)] ?? Number.NaN;
}

/** A figure with three digits that count, and its thousands apart. */
export function shown(figure: number): string {
  const rounded = figure >= 1000 ? Math.round(figure) : Number(figure.toPrecision(3));
  return String(rounded).replace(/^\d+/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, " "));
}

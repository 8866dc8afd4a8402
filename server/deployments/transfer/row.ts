import { lineBytesMax } from "./line.ts";
import type { Bytes } from "./reading.ts";

/** Lines that one row may have: where quotes are never closed, each line is looked at that often at the most. */
export const rowLinesMax = 100;

/** A row that may stand on several lines, by the number of its first; `null` for one that can't be read. */
export type Row = { readonly number: number; readonly text: string | null };

type Found = { readonly text: string | null; readonly lines: number };

/**
 * The rows among some lines, and the lines of a last one whose quotes are still open. Where they are never closed, or
 * are followed by more than a comma, only the line where the row began is none: what stands behind it may be fine.
 */
export function rowsIn(
  lines: readonly Bytes[],
  ended: boolean,
): { readonly rows: readonly Row[]; readonly open: readonly Bytes[] } {
  const rows: Row[] = [];
  let at = 0;
  while (at < lines.length) {
    const found = rowAt(lines, at) ?? (ended ? none : undefined);
    if (!found) break;
    rows.push({ number: lines[at]?.number ?? 0, text: found.text });
    at += found.lines;
  }
  return { rows, open: lines.slice(at) };
}

const none: Found = { text: null, lines: 1 };

/** The row that begins in a line; undefined where the lines end before it does. */
function rowAt(lines: readonly Bytes[], start: number): Found | undefined {
  const texts: string[] = [];
  let size = 0;
  let isOpen = false;
  for (let at = start; at < lines.length; at++) {
    const bytes = lines[at]?.bytes;
    if (!bytes) return none;
    size += bytes.length;
    if (size > lineBytesMax || texts.length === rowLinesMax) return none;
    const text = bytes.toString("utf8");
    texts.push(text);
    const ending = endingOf(text, isOpen);
    if (ending === "wrong") return none;
    isOpen = ending === "open";
    if (!isOpen) return { text: texts.join("\n"), lines: texts.length };
  }
  return undefined;
}

/** How a line ends that begins inside of quotes, or does not. A quote opens a cell only where it is the cell's first. */
function endingOf(text: string, isOpen: boolean): "open" | "closed" | "wrong" {
  let at = 0;
  let inside = isOpen;
  for (;;) {
    if (!inside && text[at] === '"') {
      inside = true;
      at++;
    }
    if (inside) {
      const end = closingQuote(text, at);
      if (end < 0) return "open";
      if (end + 1 < text.length && text[end + 1] !== ",") return "wrong";
      at = end;
      inside = false;
    }
    const comma = text.indexOf(",", at);
    if (comma < 0) return "closed";
    at = comma + 1;
  }
}

/** The place of the first quote that is not one of two, or -1. */
function closingQuote(text: string, start: number): number {
  let at = text.indexOf('"', start);
  while (at >= 0 && text[at + 1] === '"') at = text.indexOf('"', at + 2);
  return at;
}

import { parse } from "csv-parse/sync";
import { invalid } from "../../failure.ts";
import { lineBytesMax, type Raw } from "./line.ts";
import type { Bytes } from "./reading.ts";
import { type Row, rowLinesMax, rowsIn } from "./row.ts";

/** What the rows of a table are about, and which column says what; members without one go by their own names. */
export type Table = {
  readonly kind: "device" | "membership";
  readonly columns: Readonly<Record<string, string>>;
  /** The group that all rows of a table of memberships are about, by its id or name. */
  readonly group?: string;
  /** Reads a cell of a member; undefined for a member that there is not. */
  readonly cell: (member: string) => ((text: string) => unknown) | undefined;
};

/** Reads the rows of a table, whose first line names its columns. */
export class TableReader {
  readonly #table: Table;
  #heading: readonly Column[] | undefined;
  /** The lines of a row whose end has not come yet. */
  #held: readonly Bytes[] = [];

  constructor(table: Table) {
    this.#table = table;
  }

  /** The values of the rows that end in some lines. Throws Failure `invalid` where a column that is asked for is not there. */
  read(lines: readonly Bytes[]): Raw[] {
    return this.#among([...this.#held, ...lines], false);
  }

  /** What is left behind the last line. Throws as `read`. */
  rest(): Raw[] {
    return this.#among(this.#held, true);
  }

  #among(lines: readonly Bytes[], ended: boolean): Raw[] {
    const { rows, open } = rowsIn(lines, ended);
    this.#held = open;
    return this.#rows(rows);
  }

  #rows(rows: readonly Row[]): Raw[] {
    const values: Raw[] = [];
    const cells = parsed(rows);
    for (const [index, { number, text }] of rows.entries()) {
      const row = cells[index];
      if (text !== null && text.trim() === "") continue;
      if (!this.#heading) this.#heading = columnsOf(this.#table, row);
      else if (row) values.push({ number, value: rowValue(this.#table, this.#heading, row) });
      else values.push({ number, field: "", message: wrongRow });
    }
    return values;
  }
}

const wrongRow = `expected a row of UTF-8, at most ${lineBytesMax} bytes and ${rowLinesMax} lines, whose quotes are right`;

/** The cells of each row, or undefined for one that is none. They are parsed together: one by one costs ten times as much. */
function parsed(rows: readonly Row[]): (readonly string[] | undefined)[] {
  const readable = rows.filter(({ text }) => text !== null);
  const all = attempt(readable.map(({ text }) => text).join("\n"));
  const blank = readable.filter(({ text }) => text?.trim() !== "");
  if (all?.length === blank.length) {
    const cells = new Map(blank.map((row, index) => [row, all[index]]));
    return rows.map((row) => cells.get(row));
  }
  return rows.map(({ text }) => (text === null ? undefined : attempt(text)?.[0]));
}

function attempt(text: string): string[][] | undefined {
  try {
    // Quotes inside of a cell that does not begin with one are taken as they are.
    return parse(text, {
      ...{ relaxColumnCount: true, relaxQuotes: true, skipEmptyLines: true, recordDelimiter: "\n" },
    });
  } catch {
    return undefined;
  }
}

type Column = { readonly member: string; readonly cell: (text: string) => unknown } | undefined;

/** What each column means, in their order; one that means nothing here is left out. */
function columnsOf({ columns, cell }: Table, names: readonly string[] | undefined): readonly Column[] {
  if (!names) throw invalid("", `the first line names the columns: ${wrongRow}`);
  const byName = new Map<string, string>();
  for (const [member, name] of Object.entries(columns)) {
    if (!cell(member)) throw invalid("/column", `column: there is no member ${member}`);
    if (!names.includes(name)) throw invalid("/column", `column: the first line has no column ${name}`);
    byName.set(name, member);
  }
  return names.map((name) => {
    const member = byName.get(name) ?? (Object.hasOwn(columns, name) ? undefined : name);
    const read = member === undefined ? undefined : cell(member);
    if (read && /^\w+[:.]__proto__$/.test(member ?? ""))
      throw invalid("/column", "column: __proto__ is not allowed as the name of a member");
    return member !== undefined && read ? { member, cell: read } : undefined;
  });
}

/** An empty cell says nothing. */
function rowValue({ kind, group }: Table, heading: readonly Column[], row: readonly string[]): unknown {
  const value: Record<string, unknown> = { type: kind, ...(group !== undefined && nameOf("group", group)) };
  for (const [index, column] of heading.entries()) {
    const text = row[index] ?? "";
    if (!column || text === "") continue;
    const { member, cell } = column;
    const [outer = "", ...inner] = member.split(/[:.]/);
    if (kind === "membership") Object.assign(value, nameOf(member, text));
    else if (inner.length > 0) {
      const name = { label: "labels", metadata: "metadata", user: "user" }[outer] ?? outer;
      const within = member.slice(outer.length + 1);
      value[name] = { ...(value[name] as object | undefined), [within]: cell(text) };
    } else value[member] = cell(text);
  }
  return value;
}

/** A device or a group that goes by its id, or else by its name. */
function nameOf(member: string, text: string): Record<string, string> {
  const isId = /^(dev|grp)_[0-7][0-9a-hjkmnp-tv-z]{25}$/.test(text);
  if (member === "device") return { [isId ? "device_id" : "device_identifier"]: text };
  if (member === "group") return { [isId ? "group_id" : "group"]: text };
  return { [member]: text };
}

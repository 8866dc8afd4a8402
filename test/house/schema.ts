/** A table of a schema as `contract/schema.*.sql` prints it, without quotes. */
export type Table = {
  readonly name: string;
  readonly columns: readonly string[];
  /** Primary key, unique constraints and indexes. */
  readonly keys: readonly Key[];
  readonly references: readonly { readonly to: string; readonly columns: readonly string[] }[];
};

/** A key, its columns in their order; one that is declared within a column has that column's name. */
export type Key = { readonly name: string; readonly primary: boolean; readonly columns: readonly string[] };

/** The tables of a schema, whichever engine printed it. */
export function tablesOf(schema: string): Table[] {
  const text = schema.replaceAll('"', "");
  return [...text.matchAll(/create table (\w+) \(\n(.*?)\n\)/gs)].map(([, name = "", body = ""]) => {
    const lines = body.split("\n").map((line) => line.trim().replace(/,$/, ""));
    const columns = lines.filter((line) => !line.startsWith("constraint "));
    return {
      name,
      columns: columns.map(firstWord),
      keys: [...lines.flatMap(constraintKey), ...columns.flatMap(columnKey), ...indexesOn(name, text)],
      references: lines.flatMap(reference),
    };
  });
}

const firstWord = (text: string) => text.split(" ", 1)[0] ?? "";
const namesIn = (list: string) => list.split(",").map((each) => firstWord(each.trim()));

function constraintKey(line: string): Key[] {
  const [, name, kind = "", columns = ""] =
    /^constraint (\w+) (primary key|unique) \(([^)]+)\)/i.exec(line) ?? [];
  return name ? [{ name, primary: /primary/i.test(kind), columns: namesIn(columns) }] : [];
}

function columnKey(line: string): Key[] {
  const [kind] = / (?:primary key|unique)\b/i.exec(line) ?? [];
  return kind ? [{ name: firstWord(line), primary: /primary/i.test(kind), columns: [firstWord(line)] }] : [];
}

function indexesOn(table: string, text: string): Key[] {
  const pattern = new RegExp(
    `create (?:unique )?index (\\w+) on (?:\\w+\\.)?${table}\\b[^(]*\\(([^)]+)\\)`,
    "gi",
  );
  return [...text.matchAll(pattern)].map(([, name = "", columns = ""]) => {
    return { name, primary: false, columns: namesIn(columns) };
  });
}

function reference(line: string) {
  const [, columns, to = ""] = /foreign key \(([^)]+)\) references (\w+)/i.exec(line) ?? [];
  return columns ? [{ to, columns: namesIn(columns) }] : [];
}

/** Keys that don't begin with the account, and tables without a primary key. */
export function wrongKeys(tables: readonly Table[]): string[] {
  return tables.flatMap(({ name, keys }) => [
    ...keys.filter(({ columns }) => columns[0] !== "account_id").map((key) => key.name),
    ...(keys.some(({ primary }) => primary) ? [] : [`${name} has no primary key`]),
  ]);
}

/**
 * Columns that hold ids of other things, as `table.column`. A table that is named after another (`device_label`
 * after `device`) and refers to it is a part of it: a part's reference to its whole is left out.
 */
export function foreignIds(tables: readonly Table[]): string[] {
  return tables.flatMap(({ name, columns, references }) => {
    const whole = wholeOf(name, tables);
    const toWhole = references.filter(({ to }) => to === whole).flatMap((each) => each.columns);
    return columns
      .filter((column) => /_ids?$/.test(column) && column !== "account_id" && !toWhole.includes(column))
      .map((column) => `${name}.${column}`);
  });
}

/** The table that a table is named after: the longest of those whose name its own begins with. */
function wholeOf(part: string, tables: readonly Table[]): string | undefined {
  const names = tables.map(({ name }) => name).filter((name) => part.startsWith(`${name}_`));
  return names.sort((a, b) => b.length - a.length)[0];
}

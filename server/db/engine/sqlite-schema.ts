import type { Kysely } from "kysely";
import { sql } from "kysely";

/** The whole present schema as SQL, tables and their indexes by name, without what Kysely and the engine keep. */
export async function schemaText(db: Kysely<any>): Promise<string> {
  const { rows } = await sql<{ sql: string }>`
    select sql from sqlite_master
    where sql is not null and name not like 'sqlite\\_%' escape '\\' and tbl_name not like 'kysely\\_%' escape '\\'
    order by tbl_name, type <> 'table', name`.execute(db);
  return rows.map((row) => `${broken(row.sql)};\n`).join("\n");
}

/**
 * The engine keeps a statement as it was written, but for its first words, and that is one long line: one line
 * per column then.
 */
function broken(statement: string): string {
  const text = statement.replace(/^[A-Z ]+/, (words) => words.toLowerCase());
  if (!text.startsWith("create table")) return text;
  let depth = 0;
  // A whole quoted part is one match, so that nothing in it counts.
  return text.replace(/'[^']*'|"[^"]*"|\(|\)|, /g, (part) => {
    if (part === "(") return ++depth === 1 ? "(\n  " : part;
    if (part === ")") return --depth === 0 ? "\n)" : part;
    return part === ", " && depth === 1 ? ",\n  " : part;
  });
}

import { type RawBuilder, type SqlBool, sql } from "kysely";

/** Says in SQL that a column holds a part, whatever characters that has. */
export function contains(column: string, part: string): RawBuilder<SqlBool> {
  const pattern = `%${part.replace(/[\\%_]/g, "\\$&")}%`;
  return sql<SqlBool>`${sql.ref(column)} like ${pattern} escape '\\'`;
}

import type { Kysely } from "kysely";
import { sql } from "kysely";

/** The whole present schema as SQL, tables and their indexes by name, without what Kysely keeps. */
export async function schemaText(db: Kysely<any>): Promise<string> {
  const { rows: tables } = await sql<{ id: number; name: string }>`
    select oid::bigint as id, quote_ident(relname) as name from pg_class
    where relkind in ('r', 'p') and relnamespace = current_schema()::regnamespace
      and relname not like 'kysely\\_%'
    order by relname collate "C"`.execute(db);
  const statements: string[] = [];
  for (const { id, name } of tables) {
    const parts = [...(await columns(db, id)), ...(await constraints(db, id))];
    statements.push(`create table ${name} (\n  ${parts.join(",\n  ")}\n);\n`);
    for (const index of await indexes(db, id)) statements.push(`${index};\n`);
  }
  return statements.join("\n");
}

function columns(db: Kysely<any>, table: number): Promise<string[]> {
  return lines(
    db,
    sql`select concat_ws(' ', quote_ident(attname), format_type(atttypid, atttypmod),
        case when attcollation <> typcollation then 'collate ' || quote_ident(collname) end,
        case when attnotnull then 'not null' end,
        'default ' || pg_get_expr(adbin, adrelid)) as line
      from pg_attribute join pg_type on pg_type.oid = atttypid
      left join pg_collation on pg_collation.oid = attcollation
      left join pg_attrdef on adrelid = attrelid and adnum = attnum
      where attrelid = ${table}::bigint::oid and attnum > 0 and not attisdropped
      order by attnum`,
  );
}

/** Without those that say `not null`: a column says that itself. */
function constraints(db: Kysely<any>, table: number): Promise<string[]> {
  return lines(
    db,
    sql`select 'constraint ' || quote_ident(conname) || ' ' || pg_get_constraintdef(oid) as line
      from pg_constraint where conrelid = ${table}::bigint::oid and contype <> 'n'
      order by conname collate "C"`,
  );
}

function indexes(db: Kysely<any>, table: number): Promise<string[]> {
  return lines(
    db,
    sql`select pg_get_indexdef(indexrelid) as line
      from pg_index join pg_class on pg_class.oid = indexrelid
      where indrelid = ${table}::bigint::oid
        and not exists (select from pg_constraint where conindid = indexrelid and contype <> 'f')
      order by relname collate "C"`,
  );
}

async function lines(db: Kysely<any>, query: ReturnType<typeof sql>): Promise<string[]> {
  const { rows } = await query.execute(db);
  return (rows as { line: string }[]).map((row) => row.line);
}

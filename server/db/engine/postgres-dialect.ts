import type { DatabaseConnection, Dialect, Driver, Kysely, QueryId, RootOperationNode } from "kysely";
import { CompiledQuery, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler, sql } from "kysely";
import { onConflict, type Portable, type Put } from "./portable.ts";
import type { Client } from "./postgres-client.ts";
import { refuseStream } from "./work.ts";

class Adapter extends PostgresAdapter implements Portable {
  readonly columnTypes = { text: sql`text collate "C"`, integer: sql`bigint`, flag: sql`smallint` };

  readonly gathersLists = false;

  // The embedded engine has this table function; the one built in here takes json and names other columns.
  readonly teaching = [
    `create or replace function json_each(list text) returns table (key bigint, value text)
     language sql immutable parallel safe rows 100
     as $$ select ordinality - 1, element
           from json_array_elements_text(list::json) with ordinality as elements (element, ordinality) $$`,
  ];

  /** All rows as one JSON text, of which the table's own columns say the types. */
  async putRows(db: Kysely<any>, { table, rows, keys }: Put): Promise<number> {
    const columns = Object.keys(rows[0] ?? {});
    const names = columns.map((name) => `"${name}"`).join(", ");
    const text = `insert into "${table}" (${names}) select ${names}
      from json_populate_recordset(null::"${table}", cast($1 as text)::json) ${onConflict(keys, columns)}`;
    const query = CompiledQuery.raw(text, [JSON.stringify(rows)]);
    return Number((await db.getExecutor().executeQuery(query)).numAffectedRows ?? 0n);
  }
}

/** Characters of a list that goes as an array: a long one may be searched value by value. */
const arrayMax = 4096;

/**
 * Makes short lists (`listed`) arrays: the planner knows how many values these have, and looks into an index with them,
 * where it would put the list together again for every row (measured: 62 s instead of 20 for a look at a million devices
 * with two lists among their policies).
 */
class Compiler extends PostgresQueryCompiler {
  override compileQuery(node: RootOperationNode, queryId: QueryId): CompiledQuery {
    const query = super.compileQuery(node, queryId);
    const parameters = [...query.parameters];
    const text = query.sql.replace(
      / in \(select value from json_each\(cast\(\$(\d+) as text\)\)\)/g,
      (list, place) => {
        const array = arrayOf(parameters[place - 1]);
        if (array === undefined) return list;
        parameters[place - 1] = array;
        return ` = any(cast($${place} as text[]))`;
      },
    );
    return { ...query, sql: text, parameters };
  }
}

/** A JSON list as the text of an array; undefined for a long one, and for one that is not known yet (`once`). */
function arrayOf(json: unknown): string | undefined {
  if (typeof json !== "string" || json.length > arrayMax) return undefined;
  const values: string[] = JSON.parse(json);
  return `{${values.map((value) => `"${value.replace(/["\\]/g, "\\$&")}"`).join(",")}}`;
}

/**
 * The server engine for Kysely. With a client, its handles can do everything, on that one connection; without
 * one they can't get at a connection themselves: the store hands them out.
 */
export function serverDialect(client?: Client): Dialect {
  return {
    createAdapter: () => new Adapter(),
    createQueryCompiler: () => new Compiler(),
    createIntrospector: (db: Kysely<any>) => new PostgresIntrospector(db),
    createDriver: () => driverOf(client),
  };
}

function driverOf(client?: Client): Driver {
  const command = async (text: string) => {
    if (!client) throw new Error("handles of a store have no driver");
    await client.command(text);
  };
  const connection: DatabaseConnection = {
    executeQuery: async (query) => {
      if (!client) throw new Error("handles of a store have no driver");
      return client.run(query);
    },
    streamQuery: refuseStream,
  };
  return {
    init: async () => {},
    acquireConnection: async () => connection,
    beginTransaction: () => command("begin"),
    commitTransaction: () => command("commit"),
    rollbackTransaction: () => command("rollback"),
    releaseConnection: async () => {},
    destroy: async () => {},
  };
}

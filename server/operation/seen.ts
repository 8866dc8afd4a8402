import { type Expression, type RawBuilder, type SqlBool, sql } from "kysely";
import { listed } from "../db/value-list.ts";
import type { Visible, VisibleClause } from "./visible.ts";

/** Says in SQL that a row is in at least one of some groups, or in any at all. */
export type InOneOf = (groups: readonly string[] | "any") => Expression<SqlBool>;

/**
 * The condition that keeps a list to what its reader may see. `id` is the column of the object's id, e.g.
 * `d.id`; `inOneOf` is needed for kinds that are read through their groups. Ids travel as one JSON value, so
 * their number meets no limit of the engine's.
 */
export function seen(visible: Visible, id: string, inOneOf?: InOneOf): RawBuilder<SqlBool> {
  const clauses = visible.map((clause) => shown(clause, id, inOneOf)).filter((part) => part !== always);
  return clauses.length === 0 ? always : sql`(${sql.join(clauses, sql` and `)})`;
}

const always: RawBuilder<SqlBool> = sql<SqlBool>`1 = 1`;

function shown(clause: VisibleClause, id: string, inOneOf: InOneOf | undefined): RawBuilder<SqlBool> {
  const { every, ids, except, through } = clause;
  const parts: Expression<SqlBool>[] = [];
  if (except.length > 0) parts.push(sql`not ${among(id, except)}`);
  if (inOneOf && through.exceptGroups.length > 0) parts.push(sql`not ${inOneOf(through.exceptGroups)}`);
  if (!every) {
    const ways: Expression<SqlBool>[] = [among(id, ids)];
    if (inOneOf && through.groups.length > 0) ways.push(inOneOf(through.groups));
    parts.push(sql`(${sql.join(ways, sql` or `)})`);
  }
  return parts.length === 0 ? always : sql`${sql.join(parts, sql` and `)}`;
}

function among(id: string, ids: readonly string[]): RawBuilder<SqlBool> {
  return sql`${sql.ref(id)} in ${listed(ids)}`;
}

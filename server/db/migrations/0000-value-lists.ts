import type { Kysely } from "kysely";
import { sql } from "kysely";
import { engineOf } from "../columns.ts";

/** Teaches the engine what it lacks of the common SQL, such as the table of values behind `valueList`. */
export async function up(db: Kysely<any>): Promise<void> {
  for (const statement of engineOf(db).teaching) await sql.raw(statement).execute(db);
}

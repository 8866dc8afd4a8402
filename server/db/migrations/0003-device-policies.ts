import { randomUUID } from "node:crypto";
import { type Kysely, sql } from "kysely";
import { flag, integer, text } from "../columns.ts";

/** Device policies; every account has a default one. */
export async function up(db: Kysely<any>): Promise<void> {
  await db.schema
    .createTable("device_policy")
    .addColumn("account_id", text(db), (column) => column.notNull())
    .addColumn("id", text(db), (column) => column.notNull())
    .addColumn("name", text(db), (column) => column.notNull())
    .addColumn("description", text(db), (column) => column.notNull())
    .addColumn("expression", text(db))
    .addColumn("precedence", integer(db))
    .addColumn("enabled", flag(db), (column) => column.notNull())
    .addColumn("is_default", flag(db), (column) => column.notNull())
    .addColumn("settings", text(db), (column) => column.notNull())
    .addColumn("created_at", integer(db), (column) => column.notNull())
    .addColumn("updated_at", integer(db), (column) => column.notNull())
    .addPrimaryKeyConstraint("device_policy_pk", ["account_id", "id"])
    .addUniqueConstraint("device_policy_precedence", ["account_id", "precedence"])
    .addForeignKeyConstraint("device_policy_account", ["account_id"], "account", ["id"])
    .execute();
  for (const { id, created_at } of await db.selectFrom("account").select(["id", "created_at"]).execute())
    await db
      .insertInto("device_policy")
      .values({
        ...{ account_id: id, id: randomUUID(), name: "Default", description: "", settings: "{}" },
        ...{ expression: sql`null`, precedence: sql`null`, enabled: 1, is_default: 1 },
        ...{ created_at, updated_at: created_at },
      })
      .execute();
}

import { randomBytes } from "node:crypto";
import { type CreateTableBuilder, type Kysely, sql } from "kysely";
import { flag, integer, text } from "../columns.ts";

/** People: invited members, user groups, resource groups, the tokens of users. */
export async function up(db: Kysely<any>): Promise<void> {
  await db.schema
    .alterTable("user")
    .addColumn("has_key", flag(db), (column) => column.notNull().defaultTo(1))
    .execute();
  await members(db);
  await invitations(db);
  await userGroups(db);
  await resourceGroups(db);
  await policiesOfMembers(db);
  await userTokens(db);
}

type Table = CreateTableBuilder<any, any>;

function columns(
  db: Kysely<any>,
  table: Table,
  kind: typeof text,
  names: readonly string[],
  optional = false,
): Table {
  return names.reduce(
    (built, name) => built.addColumn(name, kind(db), (column) => (optional ? column : column.notNull())),
    table,
  );
}

/** A member may be somebody who is invited and no user yet: not every engine can take a column's `not null` away. */
async function members(db: Kysely<any>): Promise<void> {
  const kept = db.selectFrom("member as m").innerJoin("user as u", "u.id", "m.user_id");
  await db.schema
    .createTable("member_kept")
    .as(kept.selectAll("m").select(["u.email_key"]))
    .execute();
  await db.schema.dropTable("member").execute();
  let member: Table = db.schema.createTable("member");
  member = columns(db, member, text, ["account_id", "id", "email", "email_key", "status"]);
  member = columns(db, columns(db, member, text, ["user_id"], true), integer, ["created_at"]);
  await member
    .addPrimaryKeyConstraint("member_pk", ["account_id", "id"])
    .addUniqueConstraint("member_email", ["account_id", "email_key"])
    .addUniqueConstraint("member_user", ["account_id", "user_id"])
    .addForeignKeyConstraint("member_account", ["account_id"], "account", ["id"])
    .addForeignKeyConstraint("member_of_user", ["user_id"], "user", ["id"])
    .execute();
  await db.schema.createIndex("member_by_user").on("member").columns(["user_id", "account_id"]).execute();
  await db.schema
    .createIndex("member_by_age")
    .on("member")
    .columns(["account_id", "created_at", "id"])
    .execute();
  const names = ["account_id", "id", "email", "email_key", "status", "user_id", "created_at"];
  await db
    .insertInto("member")
    .columns(names)
    .expression(db.selectFrom("member_kept").select(names))
    .execute();
  await db.schema.dropTable("member_kept").execute();
}

async function invitations(db: Kysely<any>): Promise<void> {
  const invitation = columns(db, db.schema.createTable("invitation"), text, [
    ...["hash", "account_id", "member_id", "issuer_kind", "issuer", "held"],
  ]);
  await columns(db, invitation, integer, ["expires_at"])
    .addPrimaryKeyConstraint("invitation_pk", ["hash"])
    .addForeignKeyConstraint("invitation_member", ["account_id", "member_id"], "member", ["account_id", "id"])
    .execute();
  await db.schema
    .createIndex("invitation_by_member")
    .on("invitation")
    .columns(["account_id", "member_id"])
    .execute();
}

async function userGroups(db: Kysely<any>): Promise<void> {
  let group: Table = db.schema.createTable("user_group");
  group = columns(db, group, text, ["account_id", "id", "name", "name_folded"]);
  group = columns(db, columns(db, group, flag, ["lists_policies"]), integer, ["created_on", "modified_on"]);
  await group
    .addPrimaryKeyConstraint("user_group_pk", ["account_id", "id"])
    .addForeignKeyConstraint("user_group_account", ["account_id"], "account", ["id"])
    .execute();
  await db.schema
    .createIndex("user_group_by_name")
    .on("user_group")
    .columns(["account_id", "name_folded", "id"])
    .execute();

  const member = columns(db, db.schema.createTable("user_group_member"), text, [
    "account_id",
    "group_id",
    "member_id",
  ]);
  await columns(db, member, integer, ["position", "created_at"])
    .addPrimaryKeyConstraint("user_group_member_pk", ["account_id", "group_id", "member_id"])
    .addForeignKeyConstraint("user_group_member_group", ["account_id", "group_id"], "user_group", [
      "account_id",
      "id",
    ])
    .addForeignKeyConstraint("user_group_member_member", ["account_id", "member_id"], "member", [
      "account_id",
      "id",
    ])
    .execute();
  for (const [name, ...keys] of [
    ["user_group_member_by_member", "member_id", "group_id"],
    ["user_group_member_by_position", "group_id", "position"],
  ] as const)
    await db.schema
      .createIndex(name)
      .on("user_group_member")
      .columns(["account_id", ...keys])
      .execute();
}

async function resourceGroups(db: Kysely<any>): Promise<void> {
  let group: Table = db.schema.createTable("resource_group");
  group = columns(db, group, text, ["account_id", "id", "origin", "scope", "fingerprint"]);
  group = columns(db, columns(db, group, text, ["name"], true), integer, ["created_on", "modified_on"]);
  await group
    .addPrimaryKeyConstraint("resource_group_pk", ["account_id", "id"])
    .addForeignKeyConstraint("resource_group_account", ["account_id"], "account", ["id"])
    .execute();
  for (const [name, ...keys] of [
    ["resource_group_by_age", "created_on", "id"],
    ["resource_group_by_fingerprint", "fingerprint"],
  ] as const)
    await db.schema
      .createIndex(name)
      .on("resource_group")
      .columns(["account_id", ...keys])
      .execute();

  let part: Table = db.schema.createTable("iam_policy_resource_group");
  part = columns(db, part, text, ["account_id", "policy_id", "resource_group_id"]);
  await columns(db, part, integer, ["position"])
    .addPrimaryKeyConstraint("iam_policy_resource_group_pk", ["account_id", "policy_id", "position"])
    .addForeignKeyConstraint("iam_policy_resource_group_policy", ["account_id", "policy_id"], "iam_policy", [
      "account_id",
      "id",
    ])
    .addForeignKeyConstraint(
      "iam_policy_resource_group_group",
      ["account_id", "resource_group_id"],
      "resource_group",
      ["account_id", "id"],
    )
    .execute();
  await db.schema
    .createIndex("iam_policy_resource_group_by_group")
    .on("iam_policy_resource_group")
    .columns(["account_id", "resource_group_id"])
    .execute();
}

/** What members could do before there were resource groups, they may do on the account-wide one. */
async function policiesOfMembers(db: Kysely<any>): Promise<void> {
  for (const { id, created_at } of await db.selectFrom("account").select(["id", "created_at"]).execute()) {
    const key = `com.cloudflare.api.account.${id}`;
    const scope = JSON.stringify({ key, objects: [{ key: "*" }] });
    const groupId = randomBytes(16).toString("hex");
    const times = { created_on: created_at, modified_on: created_at };
    await db
      .insertInto("resource_group")
      .values({
        account_id: id,
        id: groupId,
        origin: "built-in",
        name: key,
        scope,
        fingerprint: "",
        ...times,
      })
      .execute();
    const own = db
      .selectFrom("iam_policy")
      .where("account_id", "=", id)
      .where("owner_kind", "=", "member")
      .select(["account_id", "id", sql.lit(groupId).as("group_id"), sql.lit(0).as("position")]);
    await db
      .insertInto("iam_policy_resource_group")
      .columns(["account_id", "policy_id", "resource_group_id", "position"])
      .expression(own)
      .execute();
  }
  await db.updateTable("iam_policy").set({ resources: "{}" }).where("owner_kind", "=", "member").execute();
}

async function userTokens(db: Kysely<any>): Promise<void> {
  let token: Table = db.schema.createTable("user_token");
  token = columns(db, token, text, ["id", "user_id", "hash", "name", "policies"]);
  token = columns(db, columns(db, token, flag, ["disabled"]), integer, ["issued_on", "modified_on"]);
  token = columns(db, token, integer, ["last_used_on", "expires_on", "not_before"], true);
  await columns(db, token, text, ["condition"], true)
    .addPrimaryKeyConstraint("user_token_pk", ["id"])
    .addUniqueConstraint("user_token_hash", ["hash"])
    .addForeignKeyConstraint("user_token_user", ["user_id"], "user", ["id"])
    .execute();
  await db.schema
    .createIndex("user_token_by_user")
    .on("user_token")
    .columns(["user_id", "issued_on", "id"])
    .execute();
}

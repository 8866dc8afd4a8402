import type { CreateTableBuilder, Kysely } from "kysely";
import { flag, integer, text } from "../columns.ts";

/** The first tables: accounts, people, credentials, devices, device groups, deployment groups, the audit trail. */
export async function up(db: Kysely<any>): Promise<void> {
  await people(db);
  await credentials(db);
  await devices(db);
  await deviceGroups(db);
  await deploymentGroups(db);
  await audit(db);
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

async function people(db: Kysely<any>): Promise<void> {
  await columns(db, db.schema.createTable("installation"), text, ["id"])
    .addPrimaryKeyConstraint("installation_pk", ["id"])
    .execute();

  let account: Table = db.schema.createTable("account");
  account = columns(db, account, text, ["id", "org_id", "name", "type", "settings", "audit_head"]);
  account = columns(db, account, integer, [
    "created_at",
    "rights_revision",
    "fleet_revision",
    "audit_sequence",
  ]);
  await account
    .addPrimaryKeyConstraint("account_pk", ["id"])
    .addUniqueConstraint("account_org_id", ["org_id"])
    .execute();

  let user: Table = db.schema.createTable("user");
  user = columns(db, user, text, ["id", "email", "email_key", "key_hash"]);
  user = columns(db, columns(db, user, flag, ["owns_installation"]), integer, ["created_at"]);
  await user
    .addPrimaryKeyConstraint("user_pk", ["id"])
    .addUniqueConstraint("user_email", ["email_key"])
    .addUniqueConstraint("user_key", ["key_hash"])
    .execute();

  let member: Table = db.schema.createTable("member");
  member = columns(db, member, text, ["account_id", "id", "user_id", "email", "status"]);
  await columns(db, member, integer, ["created_at"])
    .addPrimaryKeyConstraint("member_pk", ["account_id", "id"])
    .addUniqueConstraint("member_user", ["account_id", "user_id"])
    .addForeignKeyConstraint("member_account", ["account_id"], "account", ["id"])
    .addForeignKeyConstraint("member_of_user", ["user_id"], "user", ["id"])
    .execute();
  await db.schema.createIndex("member_by_user").on("member").columns(["user_id", "account_id"]).execute();
}

async function credentials(db: Kysely<any>): Promise<void> {
  let iamPolicy: Table = db.schema.createTable("iam_policy");
  iamPolicy = columns(db, iamPolicy, text, ["account_id", "owner_kind", "owner_id"]);
  iamPolicy = columns(db, iamPolicy, integer, ["position"]);
  await columns(db, iamPolicy, text, ["id", "access", "permission_groups", "resources"])
    .addPrimaryKeyConstraint("iam_policy_pk", ["account_id", "owner_kind", "owner_id", "position"])
    .addUniqueConstraint("iam_policy_id", ["account_id", "id"])
    .addForeignKeyConstraint("iam_policy_account", ["account_id"], "account", ["id"])
    .execute();

  let token: Table = db.schema.createTable("api_token");
  token = columns(db, token, text, ["account_id", "id", "name"]);
  token = columns(db, columns(db, token, flag, ["disabled"]), integer, ["issued_on", "modified_on"]);
  token = columns(db, token, integer, ["last_used_on", "expires_on", "not_before"], true);
  await columns(db, token, text, ["condition"], true)
    .addPrimaryKeyConstraint("api_token_pk", ["account_id", "id"])
    .addForeignKeyConstraint("api_token_account", ["account_id"], "account", ["id"])
    .execute();
  await db.schema
    .createIndex("api_token_by_age")
    .on("api_token")
    .columns(["account_id", "issued_on", "id"])
    .execute();

  await columns(db, db.schema.createTable("credential"), text, ["hash", "account_id", "token_id"])
    .addPrimaryKeyConstraint("credential_pk", ["hash"])
    .addForeignKeyConstraint("credential_token", ["account_id", "token_id"], "api_token", [
      "account_id",
      "id",
    ])
    .execute();
  await db.schema
    .createIndex("credential_by_token")
    .on("credential")
    .columns(["account_id", "token_id"])
    .execute();
}

async function devices(db: Kysely<any>): Promise<void> {
  let device: Table = db.schema.createTable("device");
  device = columns(db, device, text, ["account_id", "id", "device_identifier", "platform", "status"]);
  const texts = ["os_version", "sdk_version", "app_id", "app_version", "manufacturer", "model"];
  device = columns(db, device, text, [...texts, "cpu_architecture", "locale", "region", "timezone"], true);
  device = columns(db, device, flag, ["gpu_available", "npu_available", "charging"], true);
  device = columns(db, device, integer, ["total_memory_mb", "available_storage_mb"], true);
  device = device.addColumn("battery_pct", "double precision");
  device = columns(db, columns(db, device, text, ["capabilities", "metadata"]), integer, [
    "created_at",
    "updated_at",
  ]);
  await device
    .addPrimaryKeyConstraint("device_pk", ["account_id", "id"])
    .addUniqueConstraint("device_identifier", ["account_id", "device_identifier"])
    .addForeignKeyConstraint("device_account", ["account_id"], "account", ["id"])
    .execute();
  await db.schema
    .createIndex("device_by_age")
    .on("device")
    .columns(["account_id", "created_at", "id"])
    .execute();

  await columns(db, db.schema.createTable("device_label"), text, ["account_id", "device_id", "key", "value"])
    .addPrimaryKeyConstraint("device_label_pk", ["account_id", "device_id", "key"])
    .addForeignKeyConstraint("device_label_device", ["account_id", "device_id"], "device", [
      "account_id",
      "id",
    ])
    .execute();

  const total = columns(db, db.schema.createTable("device_total"), text, ["account_id"]);
  await columns(db, total, integer, ["device_count"])
    .addPrimaryKeyConstraint("device_total_pk", ["account_id"])
    .addForeignKeyConstraint("device_total_account", ["account_id"], "account", ["id"])
    .execute();

  const seen = columns(db, db.schema.createTable("device_seen"), text, ["account_id", "device_id"]);
  await columns(db, seen, integer, ["last_seen_at"])
    .addPrimaryKeyConstraint("device_seen_pk", ["account_id", "device_id"])
    .addForeignKeyConstraint("device_seen_device", ["account_id", "device_id"], "device", [
      "account_id",
      "id",
    ])
    .execute();
}

async function deviceGroups(db: Kysely<any>): Promise<void> {
  let group: Table = db.schema.createTable("device_group");
  group = columns(db, group, text, ["account_id", "id", "name", "name_folded", "type", "tags"]);
  group = columns(db, columns(db, group, text, ["description"], true), flag, ["is_active"]);
  await columns(db, group, integer, ["device_count", "created_at", "updated_at"])
    .addPrimaryKeyConstraint("device_group_pk", ["account_id", "id"])
    .addUniqueConstraint("device_group_name", ["account_id", "name_folded"])
    .addForeignKeyConstraint("device_group_account", ["account_id"], "account", ["id"])
    .execute();
  await db.schema
    .createIndex("device_group_by_age")
    .on("device_group")
    .columns(["account_id", "created_at", "id"])
    .execute();

  await columns(db, db.schema.createTable("device_group_tag"), text, ["account_id", "group_id", "tag"])
    .addPrimaryKeyConstraint("device_group_tag_pk", ["account_id", "tag", "group_id"])
    .addForeignKeyConstraint("device_group_tag_group", ["account_id", "group_id"], "device_group", [
      "account_id",
      "id",
    ])
    .execute();
  await db.schema
    .createIndex("device_group_tag_by_group")
    .on("device_group_tag")
    .columns(["account_id", "group_id"])
    .execute();

  let membership: Table = db.schema.createTable("device_group_member");
  membership = columns(db, membership, text, ["account_id", "group_id", "device_id", "type"]);
  membership = columns(db, columns(db, membership, integer, ["added_at"]), text, ["added_by"], true);
  await membership
    .addPrimaryKeyConstraint("device_group_member_pk", ["account_id", "group_id", "device_id"])
    .addForeignKeyConstraint("device_group_member_group", ["account_id", "group_id"], "device_group", [
      "account_id",
      "id",
    ])
    .addForeignKeyConstraint("device_group_member_device", ["account_id", "device_id"], "device", [
      "account_id",
      "id",
    ])
    .execute();
  for (const [name, ...keys] of [
    ["device_group_member_by_device", "device_id", "group_id"],
    ["device_group_member_by_age", "group_id", "added_at", "device_id"],
  ] as const)
    await db.schema
      .createIndex(name)
      .on("device_group_member")
      .columns(["account_id", ...keys])
      .execute();
}

async function deploymentGroups(db: Kysely<any>): Promise<void> {
  let group: Table = db.schema.createTable("deployment_group");
  group = columns(db, group, text, ["account_id", "id", "name", "targets"]);
  group = columns(db, columns(db, group, text, ["policy_ids"], true), integer, ["created_at", "updated_at"]);
  await group
    .addPrimaryKeyConstraint("deployment_group_pk", ["account_id", "id"])
    .addForeignKeyConstraint("deployment_group_account", ["account_id"], "account", ["id"])
    .execute();
  await db.schema
    .createIndex("deployment_group_by_age")
    .on("deployment_group")
    .columns(["account_id", "created_at", "id"])
    .execute();

  const held = db.schema.createTable("deployment_group_policy");
  await columns(db, held, text, ["account_id", "device_policy_id", "group_id"])
    .addPrimaryKeyConstraint("deployment_group_policy_pk", ["account_id", "device_policy_id"])
    .addForeignKeyConstraint(
      "deployment_group_policy_group",
      ["account_id", "group_id"],
      "deployment_group",
      ["account_id", "id"],
    )
    .execute();
  await db.schema
    .createIndex("deployment_group_policy_by_group")
    .on("deployment_group_policy")
    .columns(["account_id", "group_id"])
    .execute();
}

async function audit(db: Kysely<any>): Promise<void> {
  let entry: Table = columns(db, db.schema.createTable("audit_entry"), text, ["account_id"]);
  entry = columns(db, columns(db, entry, integer, ["sequence"]), text, ["id", "text", "hash"]);
  await columns(db, entry, integer, ["at"])
    .addPrimaryKeyConstraint("audit_entry_pk", ["account_id", "sequence"])
    .addForeignKeyConstraint("audit_entry_account", ["account_id"], "account", ["id"])
    .execute();

  let list: Table = columns(db, db.schema.createTable("audit_list"), text, ["account_id"]);
  list = columns(db, list, integer, ["sequence", "position"]);
  await columns(db, list, text, ["name", "ids"])
    .addPrimaryKeyConstraint("audit_list_pk", ["account_id", "sequence", "position"])
    .addForeignKeyConstraint("audit_list_entry", ["account_id", "sequence"], "audit_entry", [
      "account_id",
      "sequence",
    ])
    .execute();
}

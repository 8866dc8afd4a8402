import { hash } from "node:crypto";
import type { CreateTableBuilder, Kysely } from "kysely";
import { flag, integer, text } from "../columns.ts";

/** Devices that report, enrol and run versions; groups that fill themselves; the catalogue of versions; imports. */
export async function up(db: Kysely<any>): Promise<void> {
  await deviceColumns(db);
  await keyDevices(db);
  await besideDevices(db);
  await credentials(db);
  await groups(db);
  await assignments(db);
  await catalogue(db);
  await imports(db);
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

async function deviceColumns(db: Kysely<any>): Promise<void> {
  const versions = ["os_version_key", "sdk_version_key", "app_version_key"];
  const client = ["client_version", "client_version_key", "client_version_source"];
  const texts = ["manufacturer_key", "locale_key", "region_key", "network", "service_token_uuid"];
  const user = ["user_id", "user_email", "user_name"];
  for (const name of [...versions, ...client, ...texts, ...user])
    await db.schema.alterTable("device").addColumn(name, text(db)).execute();
  for (const [name, empty] of [
    ["platform_key", ""],
    ["identifier_key", ""],
    ["user_groups", "[]"],
    ["saml_attributes", "[]"],
    ["owners", "{}"],
  ] as const)
    await db.schema
      .alterTable("device")
      .addColumn(name, text(db), (column) => column.notNull().defaultTo(empty))
      .execute();
  await db.schema.alterTable("device").addColumn("client_version_at", integer(db)).execute();
  await db.schema.alterTable("device").addColumn("npu_known", flag(db)).execute();
  await db.schema
    .alterTable("device")
    .addColumn("bucket", "double precision", (column) => column.notNull().defaultTo(0))
    .execute();
  await db.schema.alterTable("device_seen").addColumn("asked_at", integer(db)).execute();
  await db.schema.alterTable("device_seen").addColumn("heard", text(db)).execute();
  await db.schema.alterTable("device_seen").addColumn("told", text(db)).execute();
}

const pageSize = 1000;

/** Devices that there are already get the keys by which selectors compare them. */
async function keyDevices(db: Kysely<any>): Promise<void> {
  let after = ["", ""];
  for (;;) {
    const page = await db
      .selectFrom("device")
      .selectAll()
      .where((eb) => eb(eb.refTuple("account_id", "id"), ">", eb.tuple(...(after as [string, string]))))
      .orderBy("account_id")
      .orderBy("id")
      .limit(pageSize)
      .execute();
    for (const row of page)
      await db
        .updateTable("device")
        .set(keysOf(row))
        .where("account_id", "=", row.account_id)
        .where("id", "=", row.id)
        .execute();
    const last = page.at(-1);
    if (!last || page.length < pageSize) return;
    after = [last.account_id, last.id];
  }
}

function keysOf(row: Record<string, any>) {
  const { npu_available: npu, has_neural_engine: engine } = JSON.parse(row.capabilities);
  const claim = [npu, engine].find((each) => typeof each === "boolean");
  const bits = Number.parseInt(hash("sha256", `${row.account_id}:${row.id}`, "hex").slice(0, 12), 16);
  return {
    identifier_key: fold(row.device_identifier),
    platform_key: { mac: "macos", darwin: "macos" }[fold(row.platform)] ?? fold(row.platform),
    os_version_key: versionKey(row.os_version),
    sdk_version_key: versionKey(row.sdk_version),
    app_version_key: versionKey(row.app_version),
    client_version_key: versionKey(row.app_version),
    manufacturer_key: row.manufacturer === null ? null : fold(row.manufacturer),
    locale_key: row.locale === null ? null : fold(row.locale),
    region_key: row.region === null ? null : fold(row.region),
    npu_known: row.npu_available ?? (claim === undefined ? null : Number(claim)),
    bucket: (bits / 2 ** 48) * 100,
  };
}

function fold(written: string): string {
  const cased = written.normalize("NFC").trim().toLowerCase().toUpperCase().toLowerCase();
  return cased.replaceAll("ς", "σ").normalize("NFC");
}

function versionKey(written: string | null): string | null {
  const [run] = /\d+(?:\.\d+)*/.exec(written ?? "") ?? [];
  if (run === undefined) return null;
  const parts = run.split(".", 16).map((part) => {
    const digits = part.replace(/^0+/, "");
    return digits.length > 15 ? "9".repeat(15) : digits.padStart(15, "0");
  });
  while (parts.length > 1 && parts.at(-1) === "0".repeat(15)) parts.pop();
  return parts.join(".");
}

async function besideDevices(db: Kysely<any>): Promise<void> {
  const ofDevice = ["account_id", "device_id"];
  await columns(db, db.schema.createTable("device_identity"), text, [...ofDevice, "kind", "value"])
    .addPrimaryKeyConstraint("device_identity_pk", ["account_id", "device_id", "kind", "value"])
    .addForeignKeyConstraint("device_identity_device", ["account_id", "device_id"], "device", [
      "account_id",
      "id",
    ])
    .execute();
  let outcome: Table = columns(db, db.schema.createTable("device_outcome"), text, [
    ...ofDevice,
    "version",
    "version_key",
    "state",
  ]);
  outcome = columns(
    db,
    columns(db, outcome, integer, ["attempted_at"]),
    text,
    ["error_code", "detail"],
    true,
  );
  outcome = columns(db, outcome, integer, ["first_failed_at", "last_failed_at"], true);
  outcome = columns(db, outcome, text, ["first_error_code", "first_detail"], true);
  await columns(db, outcome, text, ["last_error_code", "last_detail"], true)
    .addPrimaryKeyConstraint("device_outcome_pk", ofDevice as ["account_id", "device_id"])
    .addForeignKeyConstraint("device_outcome_device", ["account_id", "device_id"], "device", [
      "account_id",
      "id",
    ])
    .execute();
  for (const [table, ...keys] of [
    ["device_label", "key", "value", "device_id"],
    ["device_identity", "kind", "value", "device_id"],
  ] as const)
    await db.schema
      .createIndex(`${table}_by_value`)
      .on(table)
      .columns(["account_id", ...keys])
      .execute();
}

async function credentials(db: Kysely<any>): Promise<void> {
  const credential = columns(db, db.schema.createTable("device_credential"), text, [
    "hash",
    "account_id",
    "device_id",
  ]);
  await columns(db, credential, integer, ["issued_at"])
    .addPrimaryKeyConstraint("device_credential_pk", ["hash"])
    .addForeignKeyConstraint("device_credential_device", ["account_id", "device_id"], "device", [
      "account_id",
      "id",
    ])
    .execute();
  await db.schema
    .createIndex("device_credential_by_device")
    .on("device_credential")
    .columns(["account_id", "device_id"])
    .execute();
  let token: Table = columns(db, db.schema.createTable("enrolment_token"), text, ["account_id", "id"]);
  token = columns(db, token, text, ["name", "hash", "fixed"]);
  token = columns(db, columns(db, token, flag, ["disabled"]), integer, ["created_at", "updated_at"]);
  await columns(db, token, integer, ["expires_at", "last_used_at"], true)
    .addPrimaryKeyConstraint("enrolment_token_pk", ["account_id", "id"])
    .addUniqueConstraint("enrolment_token_hash", ["hash"])
    .addForeignKeyConstraint("enrolment_token_account", ["account_id"], "account", ["id"])
    .execute();
  await db.schema
    .createIndex("enrolment_token_by_age")
    .on("enrolment_token")
    .columns(["account_id", "created_at", "id"])
    .execute();
}

async function groups(db: Kysely<any>): Promise<void> {
  let rules: Table = columns(db, db.schema.createTable("device_group_rule"), text, [
    "account_id",
    "group_id",
  ]);
  rules = columns(db, columns(db, rules, text, ["rules"]), integer, ["revision"]);
  rules = columns(db, columns(db, rules, flag, ["evaluating"]), integer, ["evaluated_at"], true);
  await rules
    .addPrimaryKeyConstraint("device_group_rule_pk", ["account_id", "group_id"])
    .addForeignKeyConstraint("device_group_rule_group", ["account_id", "group_id"], "device_group", [
      "account_id",
      "id",
    ])
    .execute();
  await db.schema.alterTable("device_group_member").addColumn("rules_revision", integer(db)).execute();
  let excluded: Table = db.schema.createTable("device_group_exclusion");
  excluded = columns(db, excluded, text, ["account_id", "group_id", "device_id"]);
  excluded = columns(db, columns(db, excluded, integer, ["added_at"]), text, ["added_by"], true);
  await excluded
    .addPrimaryKeyConstraint("device_group_exclusion_pk", ["account_id", "group_id", "device_id"])
    .addForeignKeyConstraint("device_group_exclusion_group", ["account_id", "group_id"], "device_group", [
      "account_id",
      "id",
    ])
    .addForeignKeyConstraint("device_group_exclusion_device", ["account_id", "device_id"], "device", [
      "account_id",
      "id",
    ])
    .execute();
  await db.schema
    .createIndex("device_group_exclusion_by_device")
    .on("device_group_exclusion")
    .columns(["account_id", "device_id", "group_id"])
    .execute();
}

async function assignments(db: Kysely<any>): Promise<void> {
  await db.schema
    .alterTable("deployment_group")
    .addColumn("assigned_at", integer(db), (column) => column.notNull().defaultTo(0))
    .execute();
  await db
    .updateTable("deployment_group")
    .set((eb) => ({ assigned_at: eb.ref("updated_at") }))
    .execute();
}

async function catalogue(db: Kysely<any>): Promise<void> {
  let version: Table = columns(db, db.schema.createTable("client_version"), text, ["account_id"]);
  version = columns(db, version, text, ["environment", "version", "version_key", "release_track"]);
  version = columns(db, version, text, ["package_url", "release_notes"], true);
  version = columns(db, version, integer, ["package_size"], true);
  await columns(db, version, integer, ["release_date", "created_at", "updated_at"])
    .addPrimaryKeyConstraint("client_version_pk", ["account_id", "environment", "version"])
    .addForeignKeyConstraint("client_version_account", ["account_id"], "account", ["id"])
    .execute();
}

async function imports(db: Kysely<any>): Promise<void> {
  let job: Table = columns(db, db.schema.createTable("import_job"), text, ["account_id", "id", "state"]);
  job = columns(db, columns(db, job, text, ["options", "counts", "faults"]), integer, ["next_line"]);
  await columns(db, job, integer, ["started_at", "updated_at"])
    .addPrimaryKeyConstraint("import_job_pk", ["account_id", "id"])
    .addForeignKeyConstraint("import_job_account", ["account_id"], "account", ["id"])
    .execute();
}

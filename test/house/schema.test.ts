import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import * as rooms from "../../server/rooms.ts";

const schema = readFileSync(new URL("../../contract/schema.sqlite.sql", import.meta.url), "utf8");

/** Keys that don't begin with the account, and why. */
const keyExceptions = new Map([
  ["installation_pk", "there is one row in all"],
  ["account_pk", "it is the account"],
  ["account_org_id", "it is the account, by its handle"],
  ["user_pk", "people belong to the installation"],
  ["user_email", "people belong to the installation"],
  ["user_key", "a global key is found by its hash before any account is known"],
  ["member_by_user", "a global key opens all the accounts of its user"],
  ["credential_pk", "a token is found by its hash before any account is known"],
]);

/** Columns that end in `_id` and hold no other noun's id, or one that lives and dies with its row. */
const columnExceptions = new Map([
  ["account.org_id", "the account's own handle"],
  ["member.user_id", "a member is a user in an account"],
  ["iam_policy.owner_id", "a policy is part of its owner, which deletes it"],
  ["credential.token_id", "a secret is part of its token, which deletes it"],
  ["device.app_id", "what a device says of itself, no noun of ours"],
  ["device_label.device_id", "a label is part of its device"],
  ["device_seen.device_id", "part of the device"],
  ["device_group_tag.group_id", "a tag is part of its device group"],
  ["device_group_member.group_id", "a membership is part of its device group, which deletes it"],
  ["deployment_group_policy.group_id", "part of the deployment group, which deletes it"],
]);

type Key = { name: string; columns: string[] };

function keysOf(sql: string): Key[] {
  const constraints = sql.matchAll(/constraint "(\w+)" (?:primary key|unique) \(([^)]+)\)/gi);
  const indexes = sql.matchAll(/create (?:unique )?index "?(\w+)"? on "?\w+"? \(([^)]+)\)/gi);
  return [...constraints, ...indexes].map(([, name = "", columns = ""]) => ({
    name,
    columns: columns.split(",").map((column) => column.trim().replaceAll('"', "")),
  }));
}

function idColumnsOf(sql: string): string[] {
  return [...sql.matchAll(/create table "(\w+)" \((.*?)\n\)/gs)].flatMap(([, table, body = ""]) =>
    [...body.matchAll(/^ {2}"(\w+_id)" /gm)]
      .map(([, column]) => `${table}.${column}`)
      .filter((name) => !name.endsWith(".account_id")),
  );
}

const wrongKeys = (sql: string) =>
  keysOf(sql)
    .filter(({ name, columns }) => columns[0] !== "account_id" && !keyExceptions.has(name))
    .map(({ name }) => name);

const declared = new Set(
  Object.values(rooms).flatMap((room) => (room.references ?? []).flatMap(({ columns }) => columns)),
);
const undeclared = (sql: string) =>
  idColumnsOf(sql).filter((name) => !declared.has(name) && !columnExceptions.has(name));

describe("the schema", () => {
  it("has the account at the head of every key, but for those that say why not", () => {
    assert.ok(keysOf(schema).length > 20);
    assert.deepEqual(wrongKeys(schema), []);
    assert.deepEqual(wrongKeys('create index "x_by_y" on "x" ("y", "account_id")'), ["x_by_y"]);
    assert.deepEqual(wrongKeys('constraint "x_pk" primary key ("id")'), ["x_pk"]);
  });

  it("has no column with another noun's id that no room declared", () => {
    assert.ok(idColumnsOf(schema).length > 5);
    assert.deepEqual(undeclared(schema), []);
    assert.deepEqual(undeclared('create table "x" (\n  "account_id" text,\n  "device_id" text\n)'), [
      "x.device_id",
    ]);
  });

  it("has every exception that is named, so that none outlives its reason", () => {
    const keys = new Set(keysOf(schema).map(({ name }) => name));
    assert.deepEqual(
      [...keyExceptions.keys()].filter((name) => !keys.has(name)),
      [],
    );
    const columns = new Set(idColumnsOf(schema));
    assert.deepEqual(
      [...columnExceptions.keys(), ...declared].filter((name) => !columns.has(name)),
      [],
    );
  });
});

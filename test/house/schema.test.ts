import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import * as rooms from "../../server/rooms.ts";
import { engines } from "../engines.ts";
import { foreignIds, type Table, tablesOf, wrongKeys } from "./schema.ts";

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
  ["device_credential_pk", "a device is found by its credential's hash before any account is known"],
  ["enrolment_token_hash", "an enrolment token is found by its hash before any account is known"],
  ["invitation_pk", "an invitation is found by its hash before any account is known"],
  ["user_token_pk", "a user's token belongs to the user, who belongs to the installation"],
  ["user_token_by_user", "a user's token belongs to the user, who belongs to the installation"],
  ["user_token_hash", "a user's token is found by its hash before any account is known"],
]);

/** Columns that look like another noun's id and are none, or one that lives and dies with its row. */
const columnExceptions = new Map([
  ["account.org_id", "the account's own handle"],
  ["member.user_id", "a member is a user in an account"],
  ["invitation.member_id", "an invitation is part of its member, who takes it along when leaving"],
  ["iam_policy.owner_id", "a policy is part of its owner, which deletes it"],
  ["credential.token_id", "a secret is part of its token, which deletes it"],
  ["device.app_id", "what a device says of itself, no noun of ours"],
  ["device.user_id", "what an identity provider calls who uses a device, no noun of ours"],
]);

const declared = Object.values(rooms).flatMap((room) =>
  (room.references ?? []).flatMap(({ columns }) => columns),
);
const known = new Set([...declared, ...columnExceptions.keys()]);

const unexplainedKeys = (tables: readonly Table[]) =>
  wrongKeys(tables).filter((name) => !keyExceptions.has(name));
const undeclared = (tables: readonly Table[]) => foreignIds(tables).filter((name) => !known.has(name));

const schemas = engines.map(({ name }) =>
  tablesOf(readFileSync(new URL(`../../contract/schema.${name}.sql`, import.meta.url), "utf8")),
);

for (const [at, engine] of engines.entries())
  describe(`the schema on ${engine.name}`, () => {
    const tables = schemas[at] ?? [];

    it("has the account at the head of every key, but for those that say why not", () => {
      assert.ok(tables.flatMap(({ keys }) => keys).length > 30);
      assert.deepEqual(unexplainedKeys(tables), []);
    });

    it("has no column with another noun's id that no room declared", () => {
      assert.ok(foreignIds(tables).length > 5);
      assert.deepEqual(undeclared(tables), []);
    });

    it("has every exception that is named, so that none outlives its reason", () => {
      const wrong = new Set(wrongKeys(tables));
      assert.deepEqual(
        [...keyExceptions.keys()].filter((name) => !wrong.has(name)),
        [],
      );
      const ids = new Set(foreignIds(tables));
      assert.deepEqual(
        [...columnExceptions.keys()].filter((name) => !ids.has(name)),
        [],
      );
      const columns = new Set(
        tables.flatMap(({ name, columns }) => columns.map((each) => `${name}.${each}`)),
      );
      assert.deepEqual(
        declared.filter((name) => !columns.has(name)),
        [],
      );
    });

    it("is the same as on the other engines", () => {
      const sorted = (those: readonly Table[]) =>
        those.map((table) => ({
          ...table,
          keys: table.keys.map(({ name }) => name).sort(),
          references: table.references.map(({ to, columns }) => `${to}: ${columns}`).sort(),
        }));
      for (const other of schemas) assert.deepEqual(sorted(tables), sorted(other));
    });
  });

describe("what is wrong in a schema", () => {
  const table = (name: string, ...lines: string[]) =>
    `create table "${name}" (\n  ${lines.join(",\n  ")}\n);\n`;
  const primary = 'constraint "x_pk" primary key ("account_id", "id")';

  for (const [what, schema, found] of [
    [
      "an index by something else",
      `${table("x", primary)}create index "x_by_y" on "x" ("y", "account_id");`,
      "x_by_y",
    ],
    [
      "the same as the other prints it",
      `${table("x", primary)}CREATE UNIQUE INDEX x_y ON public.x USING btree (y);`,
      "x_y",
    ],
    ["a primary key of the id alone", table("x", 'constraint "x_pk" primary key ("id")'), "x_pk"],
    ["a unique constraint", table("x", primary, "constraint x_y UNIQUE (y, account_id)"), "x_y"],
    ["a key within its column", table("x", '"id" text primary key'), "id"],
    ["no primary key", table("x", '"account_id" text'), "x has no primary key"],
  ] as const)
    it(`is found: ${what}`, () => assert.deepEqual(unexplainedKeys(tablesOf(schema)), [found]));

  it("is found: another noun's id, but not that of the whole whose part a table is", () => {
    const toDevice =
      'constraint "f" foreign key ("account_id", "device_id") references "device" ("account_id", "id")';
    const device = table("device", '"account_id" text', '"id" text');
    const group = table("device_group", '"account_id" text', '"other_ids" text');
    const label = table("device_label", '"account_id" text', '"device_id" text', toDevice);
    const member = table("device_group_tag", '"account_id" text', '"device_id" text', toDevice);
    const loose = table("device_note", '"account_id" text', '"device_id" text');
    assert.deepEqual(undeclared(tablesOf(device + group + label + member + loose)), [
      "device_group.other_ids",
      "device_group_tag.device_id",
      "device_note.device_id",
    ]);
  });
});

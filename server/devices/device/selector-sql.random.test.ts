import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import type { Kysely } from "kysely";
import { sql } from "kysely";
import { engines } from "../../../test/engines.ts";
import {
  anyDevices,
  anyExpression,
  anyMistyped,
  anyRules,
  deviceGroups,
  type Known,
  quoted,
  texts,
  versions,
} from "../../../test/random-selectors.ts";
import type { Store } from "../../db/database.ts";
import { fold } from "../../operation/text.ts";
import { compileMatcher, keyOf, type Subject } from "../../selector/closure.ts";
import { lengthMax, readExpression } from "../../selector/expression.ts";
import { type FieldType, fields } from "../../selector/field.ts";
import { eachTest, type Predicate } from "../../selector/predicate.ts";
import { readRules } from "../../selector/rules.ts";
import { compileSql } from "../../selector/sql.ts";
import { sqlSubjectOf } from "./sql-subject.ts";

const seed = 20260;
const devicesPerBatch = 40;
const batches = [1, 2, 3, 4].map((batch) => ({
  accountId: `account ${batch}`,
  devices: fc.sample(anyDevices(devicesPerBatch), { seed: seed + batch, numRuns: 1 })[0] as Known[],
}));

type Batch = (typeof batches)[number];

/** What a selector knows of a random device. */
function subjectOf({ id, fields, labels, groups }: Known): Subject {
  return ({ name, label }) => {
    if (label !== undefined) return labels.get(label);
    if (name === "device.id") return id;
    if (name === "os.name") return fields["device.platform"];
    if (name === "device.groups") return groups.map((group) => group.name);
    if (name === "device.group_ids") return groups.map((group) => group.id);
    if (name === "device.client_version") return fields[name] ?? fields["device.app_version"];
    return fields[name];
  };
}

function deviceRow(accountId: string, device: Known) {
  const subject = subjectOf(device);
  const of = (name: string) => subject({ name, type: fields.get(name) as FieldType }) as never;
  const key = (name: string) => {
    const value = of(name);
    return value === undefined ? null : (keyOf(fields.get(name) as FieldType, value) ?? null);
  };
  const flag = (name: string) => (of(name) === undefined ? null : Number(of(name)));
  return {
    account_id: accountId,
    id: device.id,
    device_identifier: device.id,
    platform: of("device.platform"),
    status: "active",
    capabilities: "{}",
    metadata: "{}",
    created_at: 1,
    updated_at: 1,
    platform_key: key("device.platform"),
    os_version_key: key("os.version"),
    sdk_version_key: key("device.sdk_version"),
    app_version_key: key("device.app_version"),
    client_version_key: key("device.client_version"),
    manufacturer_key: key("device.manufacturer"),
    locale_key: key("device.locale"),
    region_key: key("device.region"),
    network: of("network") ?? null,
    service_token_uuid: of("identity.service_token_uuid") ?? null,
    user_email: of("identity.email") ?? null,
    model: of("device.model") ?? null,
    bucket: of("device.bucket"),
    total_memory_mb: of("device.ram_gb") === undefined ? null : of("device.ram_gb") * 1024,
    gpu_available: flag("device.gpu_available"),
    npu_known: flag("device.npu_available"),
  };
}

const kinds = { group_id: "groups.id", group_name: "groups.name", group_email: "groups.email" };

function rowsBeside(accountId: string, { id, fields, labels, groups }: Known) {
  const own = { account_id: accountId, device_id: id };
  const lists = Object.entries({ ...kinds, saml: "saml_attributes" });
  return {
    device_label: [...labels].map(([key, value]) => ({ ...own, key, value })),
    device_identity: lists.flatMap(([kind, name]) =>
      ((fields[`identity.${name}`] ?? []) as string[]).map((value) => ({ ...own, kind, value })),
    ),
    device_group_member: groups.map((group) => ({
      ...own,
      group_id: group.id,
      type: "manual",
      added_at: 1,
      added_by: null,
    })),
  };
}

async function insertBatch(db: Kysely<any>, { accountId, devices }: Batch): Promise<void> {
  const own = { account_id: accountId };
  const counts = { fleet_revision: 0, rights_revision: 0, audit_sequence: 0, created_at: 1 };
  await db
    .insertInto("account")
    .values({
      id: accountId,
      org_id: accountId,
      name: "",
      type: "",
      settings: "{}",
      audit_head: "",
      ...counts,
    })
    .execute();
  const group = { type: "static", tags: "[]", is_active: 1, device_count: 0, created_at: 1, updated_at: 1 };
  await db
    .insertInto("device_group")
    .values(deviceGroups.map((each) => ({ ...own, ...each, name_folded: fold(each.name), ...group })))
    .execute();
  for (const device of devices) {
    await db.insertInto("device").values(deviceRow(accountId, device)).execute();
    for (const [table, rows] of Object.entries(rowsBeside(accountId, device)))
      if (rows.length > 0) await db.insertInto(table).values(rows).execute();
  }
}

async function chosenBySql(store: Store, { accountId }: Batch, predicate: Predicate): Promise<string[]> {
  const condition = compileSql(predicate, sqlSubjectOf(accountId));
  const query = sql<{ id: string }>`
    select d.id from device as d where d.account_id = ${accountId} and ${condition}`;
  const { rows } = await store.read((db) => query.execute(db));
  return rows.map(({ id }) => id).sort();
}

function chosenByClosure({ devices }: Batch, predicate: Predicate): string[] {
  const matches = compileMatcher(predicate);
  const chosen = devices.filter((device) => matches(subjectOf(device)));
  return chosen.map(({ id }) => id).sort();
}

/** As many parts as fit into one expression. */
function filled(joint: string, part: (index: number) => string, room = lengthMax): string {
  let expression = part(0);
  for (let index = 1; ; index += 1) {
    const longer = expression + joint + part(index);
    if (longer.length > room) return expression;
    expression = longer;
  }
}

/** Texts in quotes that are all different, the random ones first. */
const spelled = (index: number) => quoted(texts.slice(0, 9)[index] ?? index.toString(36));
const deep = (open: string, close: string, part: string) =>
  open.repeat(50 / (open.match(/[(!]/g) ?? []).length) +
  filled("||", () => part, 1500) +
  close.repeat(50 / (open.match(/[(!]/g) ?? []).length);

const hostile: Readonly<Record<string, string>> = {
  "parts of a column": filled("||", () => 'network==""'),
  "parts of different values": filled("||", (index) => `network==${spelled(index)}`),
  "parts of both joints": filled("&&", (index) => `${index % 2 ? "" : "!"}network==""||os.name!="a"`),
  "parts of versions": filled("||", () => 'os.version<"1"'),
  "parts of numbers": filled("||", () => "device.ram_gb>8"),
  "parts of a list": filled("||", () => 'any(identity.groups.id[*]=="a")'),
  "parts of groups": filled("||", () => 'device.groups=="a"'),
  "negated groups": filled("&&", () => '!device.groups=="zz"&&device.group_ids!="zz"'),
  "parts of labels": filled("||", () => 'device.labels["a"]=="b"'),
  "unequal labels": filled("&&", () => 'device.labels["a"]!="b"'),
  "deep parentheses": deep("(", ")", 'network==""'),
  "deep negations": deep("!", "", 'network==""'),
  "deep negated parentheses": deep("!(", ")", 'device.labels["a"]!="b"'),
  "parts at every depth": `${'(os.name=="linux"||!(network=="a"&&'.repeat(16)}network!=""${"))".repeat(16)}`,
  "values of a column": `network in {${filled("", spelled, 3980)}}`,
  "values of a version": `os.version in {${filled("", (index) => quoted(versions[index % 20] + ".0".repeat(index / 20)), 3980)}}`,
  "values of a number": `device.bucket in {${filled(" ", String, 3970)}}`,
  "values of groups": `!device.groups in {${filled("", spelled, 3970)}}`,
  "values of a label": `device.labels["a"] in {${filled("", spelled, 3960)}}`,
  "a long value": `network=="${"ß".repeat(3980)}"`,
  nobody: "",
};

for (const engine of engines)
  describe(`selectors in SQL on ${engine.name}`, () => {
    let store: Store;

    before(async () => {
      store = await engine.open();
      await store.write(async (db) => {
        for (const batch of batches) await insertBatch(db, batch);
      });
    });

    after(() => store.close());

    async function agree(batch: Batch, predicate: Predicate, said: unknown = predicate): Promise<string[]> {
      const expected = chosenByClosure(batch, predicate);
      assert.deepEqual(await chosenBySql(store, batch, predicate), expected, JSON.stringify(said));
      return expected;
    }

    for (const batch of batches)
      it(`mean the same devices as their functions, in ${batch.accountId}`, async () => {
        const asked = new Set<string>();
        let telling = 0;
        await fc.assert(
          fc.asyncProperty(anyExpression, async (expression) => {
            const predicate = readExpression(expression);
            const { length } = await agree(batch, predicate, expression);
            if (length > 0 && length < devicesPerBatch) telling += 1;
            eachTest(predicate, ({ field }) => asked.add(field.label === undefined ? field.name : "label"));
          }),
          { numRuns: 200, seed: seed + batches.indexOf(batch) },
        );
        assert.deepEqual([...asked].sort(), [...fields.keys(), "label"].sort());
        assert.ok(telling > 100, `only ${telling} expressions chose some devices and not all`);
      });

    it("mean the same where values are of other types than the field's", async () => {
      await fc.assert(
        fc.asyncProperty(fc.constantFrom(...batches), anyMistyped, async (batch, predicate) => {
          await agree(batch, predicate);
          await agree(batch, { kind: "not", part: predicate });
        }),
        { numRuns: 200, seed },
      );
    });

    it("mean the same devices as rules and labels", async () => {
      await fc.assert(
        fc.asyncProperty(fc.constantFrom(...batches), anyRules, async (batch, { rules, labels }) => {
          const predicate = readRules(rules, labels);
          if ("kind" in predicate) await agree(batch, predicate, { rules, labels });
        }),
        { numRuns: 200, seed },
      );
    });

    it("take rules of ten thousand values and hundreds of labels", async () => {
      const value = Array.from({ length: 10_000 }, (_, index) => texts[index] || `model ${index}`);
      const rules = [{ field: "model", operator: "in", value }];
      const labels = Object.fromEntries(value.slice(0, 300).map((each) => [each, each]));
      for (const asked of [readRules(rules, {}), readRules(rules, labels)]) {
        assert.ok("kind" in asked);
        for (const batch of batches) await agree(batch, asked, "rules");
      }
    });

    for (const [name, expression] of Object.entries(hostile))
      it(`take ${name}, as many as fit`, async () => {
        const predicate = readExpression(expression);
        for (const batch of batches) await agree(batch, predicate, name);
      });
  });

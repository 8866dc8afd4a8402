import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { sql } from "kysely";
import { engines } from "../../../test/engines.ts";
import { first, type Running, startServer, steppingClock } from "../../../test/server.ts";
import { auditHead } from "../../accounts/account/index.ts";
import type { Handle } from "../../db/database.ts";
import type { Entry } from "./entry.ts";
import { findBreak } from "./index.ts";
import { readLinks, readLists } from "./store.ts";

const groups = `/client/v4/accounts/${first.accountId}/devices/deployment-groups`;
const version_config = [{ target_environment: "macos", version: "1" }];

for (const engine of engines)
  describe(`the audit trail on ${engine.name}`, () => {
    let running: Running;
    let ask: Running["ask"];
    const clock = steppingClock();
    before(async () => {
      running = await startServer(await engine.open(), { clock });
      ask = running.ask;
    });
    after(() => running.stop());

    const links = () => running.store.read((db) => readLinks(db, first.accountId, 0, 10_000));
    const entries = async () => (await links()).map(({ text }) => JSON.parse(text) as Entry);
    const broken = () =>
      running.store.read(async (db) => findBreak(db, first.accountId, await auditHead(db, first.accountId)));

    it("has one entry for every change: who, what, before and after", async () => {
      const before = (await entries()).length;
      const made = await ask("POST", groups, { body: { name: "One", version_config } });
      const { id } = made.body.result;
      await ask("PATCH", `${groups}/${id}`, { body: { name: "Two" } });
      await ask("PATCH", `${groups}/${id}`, { body: { name: "Two" } });
      await ask("PATCH", `${groups}/${id}?dry_run=true`, { body: { name: "Three" } });
      await ask("GET", `${groups}/${id}`);
      const added = (await entries()).slice(before);
      assert.deepEqual(
        added.map(({ operation, result, actor }) => [operation, result, actor.type, actor.label]),
        [
          ["deployment-group.create", "success", "token", "First token"],
          ["deployment-group.update", "success", "token", "First token"],
        ],
      );
      const [, update] = added as [Entry, Entry & { details: { changes: any[] } }];
      const [change] = update.details.changes;
      assert.deepEqual(change.resource, { kind: "deployment-group", id, name: "Two" });
      assert.deepEqual([change.before.name, change.after.name], ["One", "Two"]);
      assert.equal(await broken(), null);
    });

    it("keeps the label beside the caller, and long lists beside the entry", async () => {
      const body = { org_id: first.orgId, name: "Many" };
      const { id } = (await ask("POST", "/api/v1/device-groups", { body })).body;
      const devices = [];
      for (let index = 0; index < 101; index++) {
        const registered = await ask("POST", "/api/v1/devices/register", {
          body: { device_identifier: `d${index}` },
        });
        devices.push(registered.body.id);
      }
      const batch = { device_ids: devices, added_by: "Someone" };
      await ask("POST", `/api/v1/device-groups/${id}/devices`, { body: batch });
      const entry = (await entries()).at(-1) as Entry & { details: { label: string; changes: any[] } };
      assert.equal(entry.details.label, "Someone");
      assert.equal(entry.actor.label, "First token");
      assert.equal(entry.details.changes[0].ids.added.count, 101);
      const lists = await running.store.read((db) => readLists(db, first.accountId, entry.sequence));
      assert.deepEqual(JSON.parse(lists[0]?.ids ?? ""), devices);
      assert.equal(await broken(), null);
    });

    it("never holds a secret", async () => {
      const secret = await running.tokenWith({ groups: ["Devices Read"] });
      const texts = JSON.stringify(await links());
      for (const held of [secret, first.apiKey, first.apiToken]) assert.ok(!texts.includes(held));
    });

    it("keeps ten refusals a minute, then one entry that counts the rest", async () => {
      const token = await running.tokenWith({ groups: ["Zero Trust Read"] });
      const refuse = () => ask("POST", groups, { token, body: { name: "no", version_config } });
      const before = (await entries()).length;
      for (let index = 0; index < 13; index++) assert.equal((await refuse()).status, 403);
      const kept = (await entries()).slice(before);
      assert.deepEqual(
        kept.map(({ operation, result }) => `${operation} ${result}`),
        Array(10).fill("deployment-group.create failure"),
      );
      clock.advance(60_000_000);
      await refuse();
      const later = (await entries()).slice(before + 10);
      assert.deepEqual(later[0]?.details, { leftOut: 3 });
      assert.equal(later.length, 2);
      assert.equal(await broken(), null);
    });

    it("shows what was altered, taken out or cut off", async () => {
      const count = (await links()).length;
      const tries: [RegExp, (db: Handle) => Promise<unknown>][] = [
        [
          /entry 2 was altered/,
          (db) =>
            sql`update audit_entry set text = replace(text, '"id"', '"Id"') where sequence = 2`.execute(db),
        ],
        [
          /entry 2 was altered/,
          (db) => sql`update audit_entry set hash = 'x' where sequence = 2`.execute(db),
        ],
        [/list of entry \d+ was altered/, (db) => sql`update audit_list set ids = '[]'`.execute(db)],
        [/entry 3 is missing/, (db) => sql`delete from audit_entry where sequence = 3`.execute(db)],
        [/ends at entry/, (db) => sql`delete from audit_entry where sequence = ${count}`.execute(db)],
      ];
      for (const [what, alter] of tries) {
        const found = await running.store.rehearse(async (db) => {
          await alter(db);
          return findBreak(db, first.accountId, await auditHead(db, first.accountId));
        });
        assert.match(found ?? "", what);
      }
      assert.equal(await broken(), null);
    });
  });

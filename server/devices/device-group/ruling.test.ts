import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { engines } from "../../../test/engines.ts";
import { first, type Running, startServer } from "../../../test/server.ts";
import type { Store } from "../../db/database.ts";

const groups = "/api/v1/device-groups";

for (const engine of engines)
  describe(`rules, on ${engine.name}`, () => {
    let running: Running;
    let ask: Running["ask"];
    let made = 0;
    let failing = 0;
    before(async () => {
      const store = await engine.open();
      const scan: Store["scan"] = (work) =>
        failing-- > 0 ? Promise.reject(new Error("the scan was lost")) : store.scan(work);
      running = await startServer({ ...store, scan });
      ask = running.ask;
    });
    after(() => running.stop());

    const device = async (labels: object) => {
      const body = { device_identifier: `device-${made++}`, platform: "linux", labels };
      return (await ask("POST", "/api/v1/devices/register", { body })).body.id as string;
    };
    const group = async (type: string, rules: object | null) => {
      const body = {
        org_id: first.orgId,
        name: `Group ${made++}`,
        group_type: type,
        auto_assignment_rules: rules,
      };
      return (await ask("POST", groups, { body })).body.id as string;
    };
    const members = async (id: string) => {
      const { devices, total } = (await ask("GET", `${groups}/${id}/devices`)).body;
      assert.equal((await ask("GET", `${groups}/${id}`)).body.device_count, total);
      return devices.map((each: any) => `${each.id} ${each.membership_type}`);
    };

    it("let nobody see through a group what it could not put there by hand", async () => {
      const key = `site-${made++}`;
      await device({ [key]: "x" });
      const id = await group("hybrid", null);
      const on = [`com.cloudflare.api.account.device-group.${id}`];
      const token = await running.tokenWith({ groups: ["Device Groups Write", "Devices Read"], on });
      const body = { auto_assignment_rules: { matchLabels: { [key]: "x" } } };
      const refused = await ask("PUT", `${groups}/${id}`, { body, token });
      assert.deepEqual([refused.status, refused.body.details.permission], [403, "device.read"]);
      assert.deepEqual(await members(id), []);
      const named = await ask("PUT", `${groups}/${id}`, { body: { name: `Renamed ${made++}` }, token });
      assert.equal(named.status, 200);
      const wide = await running.tokenWith({ groups: ["Device Groups Write"] });
      assert.equal((await ask("PUT", `${groups}/${id}`, { body, token: wide })).body.device_count, 1);
      const both = await running.tokenWith(
        { groups: ["Device Groups Write"], on },
        { groups: ["Devices Read"] },
      );
      const other = { auto_assignment_rules: { matchLabels: { [key]: "y" } } };
      assert.equal((await ask("PUT", `${groups}/${id}`, { body: other, token: both })).body.device_count, 0);
    });

    it("keep a device in that is taken out by hand, where they fit it", async () => {
      const key = `site-${made++}`;
      const id = await group("hybrid", { matchLabels: { [key]: "x" } });
      const target = await group("static", null);
      const one = await device({});
      const put = async () => {
        await ask("PATCH", `/api/v1/devices/${one}`, { body: { labels: { [key]: null } } });
        await ask("POST", `${groups}/${id}/devices/${one}`, { body: {} });
        await ask("PATCH", `/api/v1/devices/${one}`, { body: { labels: { [key]: "x" } } });
        assert.deepEqual(await members(id), [`${one} manual`]);
      };
      for (const [method, path, body] of [
        ["DELETE", `${id}/devices/${one}`, undefined],
        ["DELETE", `${id}/devices`, { device_ids: [one] }],
        ["PUT", `${id}/devices`, { device_ids: [] }],
        ["POST", `${target}/move`, { from: id, device_ids: [one] }],
      ] as const) {
        await put();
        const told = await ask(method, `${groups}/${path}`, body ? { body } : {});
        assert.ok(told.status < 300, JSON.stringify(told.body));
        assert.deepEqual(await members(id), [`${one} dynamic`], `${method} ${path}`);
      }
    });

    it("that were not brought to their end are tried again", async () => {
      const key = `site-${made++}`;
      const one = await device({ [key]: "x" });
      const id = await group("dynamic", { matchLabels: { [key]: "y" } });
      const body = { auto_assignment_rules: { matchLabels: { [key]: "x" } } };
      failing = 1;
      assert.equal((await ask("PUT", `${groups}/${id}`, { body })).status, 500);
      assert.equal((await ask("GET", `${groups}/${id}`)).body.evaluating, true);
      const again = await ask("PUT", `${groups}/${id}`, { body });
      assert.deepEqual([again.status, again.body.evaluating, again.body.device_count], [200, false, 1]);
      assert.deepEqual(await members(id), [`${one} dynamic`]);
    });

    it("of unknown members alone are refused, and none are none", async () => {
      const id = await group("hybrid", { matchLabels: { a: "b" } });
      const wrong = await ask("PUT", `${groups}/${id}`, {
        body: { auto_assignment_rules: { matchlabels: {} } },
      });
      assert.deepEqual([wrong.status, wrong.body.details.pointer], [400, "/auto_assignment_rules"]);
      await ask("PUT", `${groups}/${id}`, { body: { auto_assignment_rules: null } });
      assert.equal((await ask("GET", `${groups}/${id}`)).body.auto_assignment_rules, null);
    });
  });

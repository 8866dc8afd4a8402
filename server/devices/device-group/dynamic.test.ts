import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { engines } from "../../../test/engines.ts";
import { first, type Running, startServer } from "../../../test/server.ts";

const groups = "/api/v1/device-groups";

for (const engine of engines)
  describe(`device groups that fill themselves, on ${engine.name}`, () => {
    let running: Running;
    let ask: Running["ask"];
    let made = 0;
    before(async () => {
      running = await startServer(await engine.open());
      ask = running.ask;
    });
    after(() => running.stop());

    const device = async (more: object = {}) => {
      const body = { device_identifier: `device-${made++}`, platform: "linux", ...more };
      const told = await ask("POST", "/api/v1/devices/register", { body });
      assert.equal(told.status, 201, JSON.stringify(told.body));
      return told.body.id as string;
    };
    const group = async (rules: object | null, type = "dynamic", query = "") => {
      const body = {
        org_id: first.orgId,
        name: `Group ${made++}`,
        group_type: type,
        auto_assignment_rules: rules,
      };
      const told = await ask("POST", `${groups}${query}`, { body });
      assert.ok(told.status === 201, JSON.stringify(told.body));
      return told.body;
    };
    const members = async (id: string) => {
      const { body } = await ask("GET", `${groups}/${id}/devices`);
      const { device_count } = (await ask("GET", `${groups}/${id}`)).body;
      assert.equal(device_count, body.total);
      return body.devices.map((each: any) => each.id).sort();
    };

    it("hold what fits at once, and what comes to fit, and lose what does not fit any more", async () => {
      const site = `site-${made++}`;
      const there = [await device({ labels: { site } }), await device({ labels: { site } })].sort();
      await device({ labels: { site: "other" } });
      const made1 = await group({ matchLabels: { site } });
      assert.deepEqual(
        [made1.device_count, made1.evaluating, typeof made1.evaluated_at],
        [2, false, "string"],
      );
      assert.deepEqual(await members(made1.id), there);
      const late = await device({ labels: { site } });
      assert.deepEqual(await members(made1.id), [...there, late].sort());
      await ask("PATCH", `/api/v1/devices/${late}`, { body: { labels: { site: null } } });
      assert.deepEqual(await members(made1.id), there);
      await ask("DELETE", `/api/v1/devices/${there[0]}`);
      assert.deepEqual(await members(made1.id), there.slice(1));
    });

    it("follow what heartbeats tell", async () => {
      const model = `model-${made++}`;
      const { id } = await group({
        rules: [
          { field: "os_version", operator: "gte", value: "10.2" },
          { field: "model", operator: "eq", value: model },
        ],
      });
      const one = await device({ model, os_version: "10.1.9" });
      assert.deepEqual(await members(id), []);
      await ask("POST", `/api/v1/devices/${one}/heartbeat`, { body: { os_version: "10.10" } });
      assert.deepEqual(await members(id), [one]);
      await ask("PUT", `/api/v1/devices/${one}/heartbeat`, { body: { os_version: "9" } });
      assert.deepEqual(await members(id), []);
    });

    it("are brought in line before a change of their rules is answered", async () => {
      const model = `model-${made++}`;
      const ids = [await device({ model, region: "eu" }), await device({ model, region: "us" })].sort();
      const { id } = await group({ expression: `device.model == "${model}" and device.region == "EU"` });
      assert.equal((await members(id)).length, 1);
      const told = await ask("PUT", `${groups}/${id}`, {
        body: { auto_assignment_rules: { expression: `device.model == "${model}"` } },
      });
      assert.deepEqual([told.status, told.body.device_count, told.body.evaluating], [200, 2, false]);
      assert.deepEqual(await members(id), ids);
      const again = await ask("PUT", `${groups}/${id}`, {
        body: { auto_assignment_rules: { expression: `device.model == "${model}"` } },
      });
      assert.equal(again.body.updated_at, told.body.updated_at);
    });

    it("refuse to be filled by hand, hybrid ones take both", async () => {
      const model = `model-${made++}`;
      const [fitting, other] = [await device({ model }), await device()];
      const { id } = await group({ expression: `device.model == "${model}"` });
      for (const [method, path, body] of [
        ["POST", `/devices/${other}`, {}],
        ["DELETE", `/devices/${fitting}`, undefined],
        ["POST", "/devices", { device_ids: [other] }],
        ["DELETE", "/devices", { device_ids: [fitting] }],
        ["PUT", "/devices", { device_ids: [other] }],
      ] as const)
        assert.equal((await ask(method, `${groups}/${id}${path}`, { body })).status, 409, method + path);
      const hybrid = await group({ expression: `device.model == "${model}"` }, "hybrid");
      const added = await ask("POST", `${groups}/${hybrid.id}/devices`, {
        body: { device_ids: [other, fitting] },
      });
      assert.deepEqual(added.body.added, [other]);
      assert.deepEqual(added.body.skipped_details, [{ device_id: fitting, reason: "already_member" }]);
      assert.equal((await ask("DELETE", `${groups}/${hybrid.id}/devices/${fitting}`)).status, 409);
      assert.deepEqual(await members(hybrid.id), [fitting, other].sort());
      await ask("PUT", `${groups}/${hybrid.id}`, { body: { auto_assignment_rules: null } });
      assert.deepEqual(await members(hybrid.id), [other]);
    });

    it("keep out whom they are told to, until told otherwise", async () => {
      const model = `model-${made++}`;
      const [one, two] = [await device({ model }), await device({ model })];
      const { id } = await group({ expression: `device.model == "${model}"` }, "hybrid");
      const body = { device_ids: [one, "nobody"], added_by: "me" };
      const told = await ask("POST", `${groups}/${id}/exclusions`, { body });
      assert.deepEqual([told.status, told.body.excluded, told.body.skipped], [200, [one], ["nobody"]]);
      assert.deepEqual(await members(id), [two]);
      await ask("POST", `/api/v1/devices/${one}/heartbeat`, { body: { region: "eu" } });
      assert.deepEqual(await members(id), [two]);
      const hand = await ask("POST", `${groups}/${id}/devices`, { body: { device_ids: [one] } });
      assert.equal(hand.body.skipped_details[0].reason, "excluded");
      const { body: shown } = await ask("GET", `${groups}/${id}/exclusions`);
      assert.deepEqual(
        shown.exclusions.map((each: any) => [each.device_id, each.added_by]),
        [[one, "me"]],
      );
      const back = await ask("DELETE", `${groups}/${id}/exclusions`, { body: { device_ids: [one] } });
      assert.deepEqual(back.body.readmitted, [one]);
      assert.deepEqual(await members(id), [one, two].sort());
    });

    it("say what they would select, and why a device is in", async () => {
      const model = `model-${made++}`;
      const one = await device({ model, region: "eu" });
      await device({ model });
      const rules = { rules: [{ field: "model", operator: "eq", value: model }] };
      for (const body of [{ auto_assignment_rules: rules }, rules]) {
        const told = await ask("POST", `${groups}/preview`, { body: { org_id: first.orgId, ...body } });
        assert.deepEqual(
          [told.status, told.body.count, told.body.sample.length],
          [200, 2, 2],
          JSON.stringify(told.body),
        );
      }
      const bad = await ask("POST", `${groups}/preview`, { body: { expression: "device.model = 1" } });
      assert.match(bad.body.message, /expression: at character 14/);
      const { id } = await group({ expression: `device.model == "${model}" and device.region == "us"` });
      const { body } = await ask("GET", `${groups}/${id}/devices/${one}/explain`);
      assert.deepEqual([body.member, body.matches, body.excluded], [false, false, false]);
      assert.deepEqual(
        body.parts.map(({ held, has }: any) => [held, has]),
        [
          [true, model],
          [false, "eu"],
        ],
      );
    });

    it("are set exactly where they are filled by hand", async () => {
      const [a, b, c] = [await device(), await device(), await device()];
      const { id } = await group(null, "static");
      await ask("POST", `${groups}/${id}/devices`, { body: { device_ids: [a, b] } });
      const told = await ask("PUT", `${groups}/${id}/devices`, { body: { device_ids: [b, c, "nobody"] } });
      assert.deepEqual(told.body, {
        ...{ group_id: id, added: [c], removed: [a], unchanged: [b], skipped: ["nobody"] },
        skipped_details: [{ device_id: "nobody", reason: "not_found" }],
      });
      assert.deepEqual(await members(id), [b, c].sort());
      await ask("PUT", `${groups}/${id}/devices`, { body: { device_ids: [] } });
      assert.deepEqual(await members(id), []);
    });

    it("that a device policy names are not deleted or renamed without force", async () => {
      const made1 = await group(null, "static");
      const v4 = `/client/v4/accounts/${first.accountId}/devices/policy`;
      const match = `any(device.groups[*] in {"${made1.name}"})`;
      const sent = { name: "Names it", match, precedence: made++ };
      const devicePolicy = (await ask("POST", v4, { body: sent })).body.result;
      const usage = await ask("GET", `${groups}/${made1.id}/usage`);
      assert.deepEqual(usage.body.used_by, [
        { type: "device_policy", id: devicePolicy.policy_id, name: "Names it" },
      ]);
      assert.equal((await ask("DELETE", `${groups}/${made1.id}`)).status, 409);
      const renamed = { name: `Renamed ${made++}` };
      assert.equal((await ask("PUT", `${groups}/${made1.id}`, { body: renamed })).status, 409);
      assert.equal((await ask("PUT", `${groups}/${made1.id}?force=true`, { body: renamed })).status, 200);
      assert.equal((await ask("DELETE", `${groups}/${made1.id}?force=true`)).status, 204);
    });

    it("say in a dry run how many they would hold, and keep nothing", async () => {
      const model = `model-${made++}`;
      await device({ model });
      const told = await group({ expression: `device.model == "${model}"` }, "dynamic", "?dry_run=true");
      assert.deepEqual([told.device_count, told.impact], [1, { devices: 0, sampled: false, sample: [] }]);
      assert.equal((await ask("GET", `${groups}/${told.id}`)).status, 404);
    });
  });

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { engines } from "../../../test/engines.ts";
import { first, type Running, startServer } from "../../../test/server.ts";

const v4 = `/client/v4/accounts/${first.accountId}/devices`;

for (const engine of engines)
  describe(`desired states on ${engine.name}`, () => {
    let running: Running;
    let ask: Running["ask"];
    let made = 0;
    before(async () => {
      running = await startServer(await engine.open());
      ask = running.ask;
    });
    after(() => running.stop());

    const device = async (more: object = {}) => {
      const body = { device_identifier: `device-${made++}`, platform: "darwin", ...more };
      return (await ask("POST", "/api/v1/devices/register", { body })).body.id as string;
    };
    const policy = async (match: string, more: object = {}) => {
      const name = `Policy ${made}`;
      const told = await ask("POST", `${v4}/policy`, { body: { name, match, precedence: made++, ...more } });
      assert.equal(told.status, 200, JSON.stringify(told.body));
      return { id: told.body.result.policy_id as string, name };
    };
    const group = async (policyIds: string[], versions: Record<string, string>, everywhere?: string) => {
      const version_config = [
        ...Object.entries(versions).map(([target_environment, version]) => ({ target_environment, version })),
        ...(everywhere ? [{ target_environment: null, version: everywhere }] : []),
      ];
      const body = { name: `Group ${made++}`, version_config, policy_ids: policyIds };
      const { result } = (await ask("POST", `${v4}/deployment-groups`, { body })).body;
      return { id: result.id as string, name: result.name as string };
    };
    const state = async (id: string, query = "") => {
      const told = await ask("GET", `/api/v1/devices/${id}/desired-state${query}`);
      assert.equal(told.status, 200, JSON.stringify(told.body));
      return told.body;
    };

    it("are nothing while no deployment group holds the device's policy", async () => {
      const id = await device();
      const { client, models, device_id } = await state(id);
      assert.deepEqual([device_id, client.environment, client.version, models], [id, "macos", null, []]);
      assert.equal(client.reason.code, "no_deployment_group");
      assert.equal(client.reason.device_policy.name, "Default");
    });

    it("come from the first policy that matches, by precedence, and its group's entry", async () => {
      const label = `site-${made++}`;
      const late = await policy(`device.labels["${label}"] == "x"`, { precedence: 5000 });
      const early = await policy(`device.labels["${label}"] == "x" and os.name == "mac"`, {
        precedence: 4000,
      });
      const ring = await group([early.id], { macos: "2026.7.1" });
      await group([late.id], {}, "2026.6.1");
      const mac = await device({ labels: { [label]: "x" } });
      const { client } = await state(mac);
      assert.equal(client.version, "2026.7.1");
      assert.deepEqual(client.reason, {
        code: "deployment_group",
        device_policy: early,
        deployment_group: ring,
        entry: "macos",
      });
      assert.ok(client.since);
      const linux = await device({ labels: { [label]: "x" }, platform: "linux" });
      const other = (await state(linux)).client;
      assert.deepEqual([other.version, other.reason.entry], ["2026.6.1", null]);
      await ask("PATCH", `${v4}/policy/${early.id}`, { body: { enabled: false } });
      assert.equal((await state(mac)).client.version, "2026.6.1");
      const before = (await state(mac)).revision;
      await ask("PATCH", `${v4}/policy/${early.id}`, { body: { enabled: true } });
      const after = await state(mac);
      assert.equal(after.client.version, "2026.7.1");
      assert.ok(after.revision > before);
      await ask("DELETE", `${v4}/policy/${early.id}`);
      assert.equal((await state(mac)).client.version, "2026.6.1");
    });

    it("are asked for by device groups", async () => {
      const name = `Kiosks ${made++}`;
      const kiosks = await policy(`any(device.groups[*] in {"${name}"})`);
      await group([kiosks.id], { macos: "2026.8.1" });
      const id = await device();
      assert.notEqual((await state(id)).client.version, "2026.8.1");
      const body = { org_id: first.orgId, name };
      const members = (await ask("POST", "/api/v1/device-groups", { body })).body.id;
      await ask("POST", `/api/v1/device-groups/${members}/devices/${id}`, { body: {} });
      assert.equal((await state(id)).client.version, "2026.8.1");
    });

    it("say what is missing in a group that has no entry for the environment", async () => {
      const label = `site-${made++}`;
      const one = await policy(`device.labels["${label}"] == "x"`);
      await group([one.id], { windows: "2026.7.1" });
      const { client, steps } = await state(await device({ labels: { [label]: "x" } }), "?explain=true");
      assert.deepEqual([client.version, client.reason.code], [null, "no_version_for_environment"]);
      assert.match(steps.at(-1).would_need, /an entry for macos, or one for all environments/);
    });

    it("explain the whole way, and what each part of a policy wanted and found", async () => {
      const label = `site-${made++}`;
      const tried = await policy(`device.labels["${label}"] in {"a" "b"} and device.ram_gb >= 4`);
      const id = await device({ labels: { [label]: "a" }, total_memory_mb: 2048 });
      const { steps } = await state(id, "?explain=true");
      const step = steps.find((each: any) => each.found?.id === tried.id);
      assert.deepEqual([step.step, step.outcome], ["device_policy", "does not match"]);
      assert.deepEqual(step.parts, [
        { field: `device.labels["${label}"]`, comparison: "in", wanted: ["a", "b"], has: "a", held: true },
        { field: "device.ram_gb", comparison: ">=", wanted: [4], has: 2, held: false },
      ]);
      assert.equal(
        steps.at(-1).would_need,
        "a deployment group would have to hold the device policy Default",
      );
      const reader = await running.tokenWith({ groups: ["Devices Read"] });
      const path = `/api/v1/devices/${id}/desired-state?explain=true`;
      const told = (await ask("GET", path, { token: reader })).body;
      assert.ok(told.steps.every((each: any) => !("parts" in each)));
    });

    it("name policies that were not taken to those alone who may read them", async () => {
      const label = `site-${made++}`;
      const tried = await policy(`device.labels["${label}"] == "secret"`, { precedence: 6000 });
      const off = await policy(`device.labels["${label}"] == "x"`, { precedence: 6001, enabled: false });
      const taken = await policy(`device.labels["${label}"] == "x"`, { precedence: 6002 });
      const body = { device_identifier: `device-${made++}`, platform: "darwin", labels: { [label]: "x" } };
      const { id, api_key: token } = (await ask("POST", "/api/v1/devices/register", { body })).body;
      const path = `/api/v1/devices/${id}/desired-state?explain=true`;
      assert.equal((await ask("GET", `${v4}/policy/${taken.id}`, { token })).status, 403);
      const whole = (await ask("GET", path)).body.steps;
      for (const each of [tried, off, taken])
        assert.ok(whole.some(({ found }: any) => found?.id === each.id));
      const { status, body: told } = await ask("GET", path, { token });
      assert.equal(status, 200);
      assert.deepEqual(
        told.steps.map(({ step, outcome }: any) => [step, outcome]),
        whole.map(({ step, outcome }: any) => [step, outcome]),
      );
      assert.doesNotMatch(
        JSON.stringify(told),
        new RegExp(`${tried.id}|${off.id}|"(${tried.name}|${off.name})"`),
      );
      assert.deepEqual(told.steps.find(({ outcome }: any) => outcome === "matches").found, taken);
      assert.deepEqual(told.client.reason.device_policy, taken);
    });

    it("of a hidden device are those of a missing one", async () => {
      const id = await device();
      const key = `com.cloudflare.api.account.device.${id}`;
      const blind = await running.tokenWith(
        { groups: ["Devices Read"] },
        { effect: "deny", groups: ["Devices Read"], on: [key] },
      );
      for (const each of [id, "missing"])
        assert.equal(
          (await ask("GET", `/api/v1/devices/${each}/desired-state`, { token: blind })).status,
          404,
        );
    });
  });

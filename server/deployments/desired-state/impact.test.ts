import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { engines } from "../../../test/engines.ts";
import { first, type Running, startServer } from "../../../test/server.ts";

const v4 = `/client/v4/accounts/${first.accountId}/devices`;
const groups = "/api/v1/device-groups";

for (const engine of engines)
  describe(`what a change of the fleet would bring about, on ${engine.name}`, () => {
    let running: Running;
    let made = 0;
    const devices: string[] = [];
    before(async () => {
      running = await startServer(await engine.open());
      for (const platform of ["macos", "macos", "macos", "linux", "linux"]) {
        const body = { device_identifier: `device-${made++}`, platform, region: made % 2 ? "eu" : "us" };
        devices.push((await told("POST", "/api/v1/devices/register", body)).id);
      }
    });
    after(() => running.stop());

    const told = async (method: string, path: string, body?: unknown) => {
      const answer = await running.ask(method, path, body === undefined ? {} : { body });
      assert.ok(answer.status < 300, `${method} ${path}: ${JSON.stringify(answer.body)}`);
      return answer.body;
    };
    const versions = async () => {
      const all = await Promise.all(devices.map((id) => told("GET", `/api/v1/devices/${id}/desired-state`)));
      return new Map(all.map(({ device_id, client }) => [device_id, client.version as string | null]));
    };
    /** Rehearses a change, makes it, and compares what was said with what happened. */
    const change = async (method: string, path: string, body?: unknown) => {
      const joint = path.includes("?") ? "&" : "?";
      const { impact } = await told(method, `${path}${joint}dry_run=true`, body);
      const was = await versions();
      const answer = await told(method, path, body);
      const is = await versions();
      const moved = devices.filter((id) => was.get(id) !== is.get(id)).sort();
      assert.deepEqual([impact.devices, impact.sampled], [moved.length, false], `${method} ${path}`);
      assert.deepEqual(
        impact.sample.map((each: any) => [each.device_id, each.before, each.after]),
        moved.map((id) => [id, was.get(id), is.get(id)]),
      );
      for (const { reason, after } of impact.sample)
        assert.equal(reason.code === "deployment_group", after !== null);
      return { answer, moved: moved.length };
    };

    it("is what happens: device policies, deployment groups and device groups, one change after the other", async () => {
      const counts: number[] = [];
      const step = async (method: string, path: string, body?: unknown) => {
        const { answer, moved } = await change(method, path, body);
        counts.push(moved);
        return answer;
      };
      const eu = 'device.region == "eu"';
      const one = (await step("POST", `${v4}/policy`, { name: "EU", match: eu, precedence: 10 })).result
        .policy_id;
      const config = [{ target_environment: "mac", version: "2026.1" }];
      const ring = (
        await step("POST", `${v4}/deployment-groups`, {
          name: "Ring",
          version_config: config,
          policy_ids: [one],
        })
      ).result.id;
      const more = [...config, { target_environment: null, version: "2026.2" }];
      await step("PATCH", `${v4}/deployment-groups/${ring}`, { version_config: more });
      await step("PATCH", `${v4}/policy/${one}`, { enabled: false });
      await step("PATCH", `${v4}/policy/${one}`, { enabled: true, match: 'os.name == "linux"' });

      const named = { org_id: first.orgId, name: "Kiosks" };
      const kiosks = (await step("POST", groups, named)).id;
      const match = 'any(device.groups[*] in {"Kiosks" "Tills"})';
      const two = (await step("POST", `${v4}/policy`, { name: "Kiosks", match, precedence: 1 })).result
        .policy_id;
      await step("PATCH", `${v4}/deployment-groups/${ring}`, { policy_ids: [one, two] });
      await step("POST", `${groups}/${kiosks}/devices`, { device_ids: devices.slice(0, 2) });
      await step("DELETE", `${groups}/${kiosks}/devices/${devices[0]}`);
      await step("PUT", `${groups}/${kiosks}/devices`, { device_ids: devices.slice(2) });
      await step("PUT", `${groups}/${kiosks}?force=true`, { name: "Others" });
      const tills = { ...named, name: "Tills", group_type: "hybrid" };
      const rules = { auto_assignment_rules: { expression: eu } };
      const hybrid = (await step("POST", groups, { ...tills, ...rules })).id;
      await step("PUT", `${groups}/${hybrid}`, {
        auto_assignment_rules: { expression: 'device.region == "us"' },
      });
      await step("POST", `${groups}/${hybrid}/exclusions`, { device_ids: devices });
      await step("DELETE", `${groups}/${hybrid}/exclusions`, { device_ids: devices });
      await step("POST", `${groups}/${hybrid}/move`, { from: kiosks, device_ids: devices });
      await step("DELETE", `${groups}/${hybrid}?force=true`);
      await step("DELETE", `${v4}/policy/${one}`);
      await step("DELETE", `${v4}/deployment-groups/${ring}`);
      assert.ok(counts.filter((count) => count > 0).length >= 12, counts.join(" "));
    });

    it("names nobody whom the caller may not see", async () => {
      const match = 'device.region == "us"';
      const config = [{ target_environment: null, version: "2026.3" }];
      const { policy_id: id } = (await told("POST", `${v4}/policy`, { name: "US", match, precedence: 20 }))
        .result;
      const hidden = `com.cloudflare.api.account.device.${devices[1]}`;
      const token = await running.tokenWith(
        { groups: ["Zero Trust Write"] },
        { effect: "deny", groups: ["Zero Trust Write"], on: [hidden] },
      );
      const body = { name: "US", version_config: config, policy_ids: [id] };
      const path = `${v4}/deployment-groups?dry_run=true`;
      const whole = (await running.ask("POST", path, { body })).body.impact;
      const cut = (await running.ask("POST", path, { body, token })).body.impact;
      assert.deepEqual([whole.devices, cut.devices, cut.sample.length], [2, 1, 1]);
      assert.notEqual(cut.sample[0].device_id, devices[1]);
    });
  });

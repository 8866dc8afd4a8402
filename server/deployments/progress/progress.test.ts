import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { engines } from "../../../test/engines.ts";
import { first, type Running, startServer, steppingClock } from "../../../test/server.ts";

const v4 = `/client/v4/accounts/${first.accountId}/devices`;
const version = (build: number) => `2026.7.${build}.0`;

for (const engine of engines)
  describe(`how far devices are, on ${engine.name}`, () => {
    let running: Running;
    let ask: Running["ask"];
    const clock = steppingClock();
    let made = 0;
    let groupId = "";
    const devices = new Map<string, { id: string; secret: string }>();
    const told = async (method: string, path: string, body?: unknown, token?: string) => {
      const answer = await ask(method, path, {
        ...(body !== undefined && { body }),
        ...(token && { token }),
      });
      assert.ok(answer.status < 300, `${method} ${path}: ${JSON.stringify(answer.body)}`);
      return answer.body;
    };
    const device = async (name: string, more: object = {}) => {
      const body = {
        device_identifier: `${name}-${made++}`,
        platform: "macos",
        labels: { ring: "1" },
        ...more,
      };
      const { id, api_key: secret } = await told("POST", "/api/v1/devices/register", body);
      devices.set(name, { id, secret });
    };
    const idOf = (name: string) => devices.get(name)?.id ?? "";
    const attempt = (name: string, client: object) =>
      told("POST", `/api/v1/devices/${idOf(name)}/observed-state`, {
        client: { version: version(5), ...client },
      });
    const asks = (name: string) =>
      told("GET", `/api/v1/devices/${idOf(name)}/desired-state`, undefined, devices.get(name)?.secret);

    before(async () => {
      running = await startServer(await engine.open(), { clock });
      ask = running.ask;
      for (const name of [
        "done",
        "ahead",
        "failed",
        "refused",
        "fallen",
        "silent",
        "busy",
        "waiting",
        "idle",
      ])
        await device(name, { client_version: version(name === "done" ? 5 : name === "ahead" ? 9 : 3) });
      await device("unknown");
      await device("linux", { platform: "linux", client_version: version(3) });
      await device("elsewhere", { labels: {}, client_version: version(3) });
      await device("gone", { client_version: version(3) });
      await told("POST", `/api/v1/devices/${idOf("gone")}/revoke`);
      const match = 'device.labels["ring"] == "1"';
      const { result: one } = await told("POST", `${v4}/policy`, { name: "Ring 1", match, precedence: 1 });
      const body = { name: "Ring", version_config: [{ target_environment: "mac", version: version(5) }] };
      const sent = { ...body, policy_ids: [one.policy_id] };
      groupId = (await told("POST", `${v4}/deployment-groups`, sent)).result.id;
      clock.advance(2_000_000_000);
      for (const name of devices.keys())
        if (!["silent", "gone"].includes(name)) await told("POST", `/api/v1/devices/${idOf(name)}/heartbeat`);
      await attempt("failed", { state: "failed", error_code: "E_DISK", detail: "no room" });
      await attempt("refused", { state: "refused", error_code: "E_POLICY" });
      await attempt("fallen", { state: "succeeded" });
      clock.advance(1_000_000);
      await told("POST", `/api/v1/devices/${idOf("fallen")}/heartbeat`, { client_version: version(3) });
      await attempt("busy", { state: "downloading" });
      await asks("waiting");
      await running.server.settled();
    });
    after(() => running.stop());

    const list = (query: string) => told("GET", `/api/v1/devices?org_id=${first.orgId}&${query}`);
    const named = (those: any[]) =>
      new Map(those.map((each) => [[...devices].find(([, { id }]) => id === each.id)?.[0], each]));

    it("say of each that is stuck why, since when, and with which code", async () => {
      const found = named((await list("state=behind")).devices);
      const reasons = [...found].map(([name, { progress }]) => [name, progress.state, progress.reason]);
      assert.deepEqual(reasons.sort(), [
        ["busy", "behind", "in_progress"],
        ["failed", "behind", "failed"],
        ["fallen", "behind", "fell_back"],
        ["idle", "behind", "never_asked"],
        ["linux", "no_version", "no_version_for_environment"],
        ["refused", "behind", "refused"],
        ["silent", "behind", "silent"],
        ["unknown", "unknown", "never_asked"],
        ["waiting", "behind", "waiting"],
      ]);
      const { progress } = found.get("failed");
      assert.deepEqual([progress.error_code, progress.desired_version], ["E_DISK", version(5)]);
      assert.equal(found.get("silent").progress.since, found.get("silent").last_seen_at);
    });

    it("are grouped by the reason, most first", async () => {
      const { groups, total, devices: page } = await list("state=behind&group_by=reason&limit=2");
      assert.deepEqual([total, page.length], [9, 2]);
      const never = { reason: "never_asked", error_code: null, devices: 2 };
      assert.deepEqual(groups[0], never);
      assert.deepEqual(
        groups
          .slice(1)
          .map(({ reason, error_code, devices: count }: any) => [reason, error_code, count])
          .sort(),
        [
          ["failed", "E_DISK", 1],
          ["fell_back", null, 1],
          ["in_progress", null, 1],
          ["no_version_for_environment", null, 1],
          ["refused", "E_POLICY", 1],
          ["silent", null, 1],
          ["waiting", null, 1],
        ],
      );
    });

    it("are listed and counted for a deployment group, in both dialects", async () => {
      const counts = { on_target: 1, behind: 7, ahead: 1, unknown: 1, no_version: 1, untargeted: 0 };
      const plain = await told("GET", `/api/v1/deployment-groups/${groupId}/devices?limit=4`);
      assert.deepEqual([plain.total, plain.devices.length, plain.counts], [11, 4, counts]);
      const { result, result_info: info } = await told(
        "GET",
        `${v4}/deployment-groups/${groupId}/devices?state=ahead`,
      );
      assert.deepEqual([info.total_count, info.counts], [1, counts]);
      const [ahead] = result;
      assert.deepEqual(
        [ahead.id, ahead.client_version, ahead.desired_version],
        [idOf("ahead"), version(9), version(5)],
      );
      const past = await told("GET", `${v4}/deployment-groups/${groupId}/devices?page=9`);
      assert.deepEqual(past.result, []);
      assert.equal((await ask("GET", `${v4}/deployment-groups/${made}/devices`)).status, 404);
    });

    it("are filtered like any list, and hidden like any device", async () => {
      const one = named((await list(`state=behind&search=${"FAILED"}`)).devices);
      assert.deepEqual([...one.keys()], ["failed"]);
      assert.deepEqual([...named((await list("state=untargeted")).devices).keys()], ["elsewhere"]);
      const blind = await running.tokenWith(
        { groups: ["Zero Trust Read"] },
        {
          effect: "deny",
          groups: ["Zero Trust Read"],
          on: [`com.cloudflare.api.account.device.${idOf("failed")}`],
        },
      );
      const seen = await told("GET", `/api/v1/devices?org_id=${first.orgId}&state=behind`, undefined, blind);
      assert.equal(seen.total, 8);
      const group = await told("GET", `/api/v1/deployment-groups/${groupId}/devices`, undefined, blind);
      assert.equal(group.counts.behind, 6);
    });

    it("need a state to be grouped, and a known one", async () => {
      const path = `/api/v1/devices?org_id=${first.orgId}`;
      assert.equal((await ask("GET", `${path}&group_by=reason`)).body.details.pointer, "/state");
      assert.equal((await ask("GET", `${path}&state=late`)).body.details.pointer, "/state");
    });
  });

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { engines } from "../../../test/engines.ts";
import { first, type Running, startServer, steppingClock } from "../../../test/server.ts";

const v4 = `/client/v4/accounts/${first.accountId}/devices`;
const hour = 3_600_000_000;

for (const engine of engines)
  describe(`since when a desired state stands, on ${engine.name}`, () => {
    let running: Running;
    let id = "";
    let path = "";
    const clock = steppingClock();
    const told = async (method: string, to: string, body?: unknown) => {
      const answer = await running.ask(method, to, body === undefined ? {} : { body });
      assert.ok(answer.status < 300, `${method} ${to}: ${JSON.stringify(answer.body)}`);
      return answer.body;
    };
    const since = async () => (await told("GET", `/api/v1/devices/${id}/desired-state`)).client.since;
    const later = async (body: object) => {
      clock.advance(hour);
      await told("PATCH", path, body);
    };
    const versions = (version: string) => [{ target_environment: null, version }];

    before(async () => {
      running = await startServer(await engine.open(), { clock });
      const body = { device_identifier: "device", platform: "linux", client_version: "1.0" };
      id = (await told("POST", "/api/v1/devices/register", body)).id;
      const { policy_id: own } = (await told("GET", `${v4}/policy`)).result;
      const ring = { name: "Ring", version_config: versions("2.0"), policy_ids: [own] };
      path = `${v4}/deployment-groups/${(await told("POST", `${v4}/deployment-groups`, ring)).result.id}`;
    });
    after(() => running.stop());

    it("is when its group got its versions or policies, and no other edit moves it", async () => {
      const from = await since();
      assert.ok(from);
      await later({ name: "Another" });
      assert.equal(await since(), from);
      await later({ version_config: versions("2.0") });
      assert.equal(await since(), from);
      await later({ version_config: versions("3.0") });
      const next = await since();
      assert.ok(next > from);
      const body = { name: "Tried", match: 'os.name == "ios"', precedence: 1 };
      const { policy_id } = (await told("POST", `${v4}/policy`, body)).result;
      const { policy_ids } = (await told("GET", path)).result;
      await later({ policy_ids: [...policy_ids, policy_id] });
      const last = await since();
      assert.ok(last > next);
      clock.advance(hour);
      await told("DELETE", `${v4}/policy/${policy_id}`);
      assert.ok((await since()) > last);
    });

    it("is not moved by another name for a device that asked", async () => {
      const reason = async () => {
        const { devices } = await told("GET", `/api/v1/devices?org_id=${first.orgId}&state=behind`);
        return devices[0].progress.reason;
      };
      await told("POST", `/api/v1/devices/${id}/heartbeat`);
      assert.equal(await reason(), "never_asked");
      await told("POST", `/api/v1/devices/${id}/sync`, {});
      assert.equal(await reason(), "waiting");
      await later({ name: "One more" });
      await told("POST", `/api/v1/devices/${id}/heartbeat`);
      assert.equal(await reason(), "waiting");
      await later({ version_config: versions("4.0") });
      await told("POST", `/api/v1/devices/${id}/heartbeat`);
      assert.equal(await reason(), "never_asked");
    });
  });

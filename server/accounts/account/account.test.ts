import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { engines } from "../../../test/engines.ts";
import { first, type Running, startServer } from "../../../test/server.ts";

const pair = { "x-auth-email": first.email, "x-auth-key": first.apiKey };
const own = `/client/v4/accounts/${first.accountId}`;

for (const engine of engines)
  describe(`accounts on ${engine.name}`, () => {
    let running: Running;
    let second: { id: string; org_id: string };
    before(async () => {
      running = await startServer(await engine.open());
      const made = await asOwner("POST", "/client/v4/accounts", { name: "Second" });
      second = made.body.result;
    });
    after(() => running.stop());

    const asOwner = (method: string, path: string, body?: unknown) =>
      running.ask(method, path, { token: null, headers: pair, body });

    it("are made by the owner of the installation and by nobody else", async () => {
      const refused = await running.ask("POST", "/client/v4/accounts", { body: { name: "Third" } });
      assert.deepEqual([refused.status, refused.body.errors[0].code], [403, 1002]);
      const { body } = await asOwner("GET", "/client/v4/accounts?direction=desc");
      assert.deepEqual(
        body.result.map((each: any) => each.name),
        ["Second", "My account"],
      );
      assert.equal((await running.ask("GET", "/client/v4/accounts")).body.result.length, 1);
    });

    it("keep their type, and what is sent back as it is", async () => {
      const { result } = (await asOwner("GET", own)).body;
      assert.deepEqual((await asOwner("PUT", own, result)).body.result, result);
      const other = await asOwner("PUT", own, { name: "x", type: "enterprise" });
      assert.deepEqual([other.status, other.body.errors[0].source.pointer], [400, "/type"]);
      const foreign = await asOwner("PUT", own, { name: "x", id: second.id });
      assert.equal(foreign.body.errors[0].source.pointer, "/id");
      const set = await asOwner("PUT", own, { name: "Renamed", settings: { enforce_twofactor: true } });
      assert.deepEqual(
        [set.body.result.name, set.body.result.settings],
        ["Renamed", { enforce_twofactor: true }],
      );
    });

    it("are told apart by what a request names, for a caller that belongs to several", async () => {
      const unnamed = await asOwner("POST", "/api/v1/devices/register", { device_identifier: "till" });
      assert.deepEqual([unnamed.status, unnamed.body.details.pointer], [400, "/org_id"]);
      const register = (org_id: string) =>
        asOwner("POST", "/api/v1/devices/register", { org_id, device_identifier: "till" });
      const [one, two] = [await register(first.orgId), await register(second.org_id)];
      assert.deepEqual([one.status, two.status], [201, 201]);
      for (const { body } of [one, two])
        assert.equal((await asOwner("GET", `/api/v1/devices/${body.id}`)).body.org_id, body.org_id);
      const named = await asOwner("GET", `/api/v1/devices/till?org_id=${second.org_id}`);
      assert.equal(named.body.id, two.body.id);
      const byAccount = await asOwner("GET", `/api/v1/devices?org_id=${second.id}`);
      assert.equal(byAccount.body.total, 1);
      const unclear = await asOwner("DELETE", "/api/v1/devices/till");
      assert.deepEqual([unclear.status, unclear.body.details.pointer], [400, "/org_id"]);
      assert.equal((await asOwner("GET", "/api/v1/devices/nobody")).status, 404);
      assert.equal((await asOwner("GET", "/api/v1/devices/till?org_id=org_none")).status, 403);
      const group = (await asOwner("POST", "/api/v1/device-groups", { org_id: second.org_id, name: "G" }))
        .body;
      const added = await asOwner("POST", `/api/v1/device-groups/${group.id}/devices`, {
        device_ids: [one.body.id, "till"],
      });
      assert.deepEqual([added.body.added, added.body.skipped], [["till"], [one.body.id]]);
      const both = await asOwner("POST", `/api/v1/device-groups?org_id=${first.orgId}`, {
        org_id: second.org_id,
        name: "H",
      });
      assert.deepEqual([both.status, both.body.details.pointer], [400, "/org_id"]);
    });
  });

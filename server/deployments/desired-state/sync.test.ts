import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { engines } from "../../../test/engines.ts";
import { first, type Running, startServer, steppingClock } from "../../../test/server.ts";

const v4 = `/client/v4/accounts/${first.accountId}/devices`;

for (const engine of engines)
  describe(`syncing on ${engine.name}`, () => {
    let running: Running;
    let made = 0;
    const told = async (method: string, path: string, body?: unknown) => {
      const answer = await running.ask(method, path, body === undefined ? {} : { body });
      assert.ok(answer.status < 300, `${method} ${path}: ${JSON.stringify(answer.body)}`);
      return answer.body;
    };
    const device = async () => {
      const body = { device_identifier: `device-${made++}`, platform: "linux" };
      return (await told("POST", "/api/v1/devices/register", body)).id as string;
    };
    const sync = async (id: string, body: object = {}) => {
      const { state_changed, desired_state } = await told("POST", `/api/v1/devices/${id}/sync`, body);
      const { revision, client } = desired_state;
      return { isNew: state_changed, revision, version: client.version };
    };
    const ring = async (match: string, version: string) => {
      const policy = { name: `Policy ${made}`, match, precedence: 100 + made++ };
      const { policy_id } = (await told("POST", `${v4}/policy`, policy)).result;
      const version_config = [{ target_environment: null, version }];
      const body = { name: `Ring ${made}`, version_config, policy_ids: [policy_id] };
      await told("POST", `${v4}/deployment-groups`, body);
    };

    before(async () => {
      running = await startServer(await engine.open(), { clock: steppingClock() });
    });
    after(() => running.stop());

    it("says what is new, and nothing else", async () => {
      const id = await device();
      const { isNew, revision } = await sync(id);
      assert.equal(isNew, true);
      assert.equal((await sync(id)).isNew, true);
      assert.equal((await sync(id, { known_revision: revision - 1 })).isNew, true);
      assert.equal((await sync(id, { known_revision: revision })).isNew, false);
    });

    it("says so to a device that never was told anything, whatever it knows", async () => {
      const { revision } = await sync(await device());
      assert.deepEqual(await sync(await device(), { known_revision: revision }), {
        ...{ isNew: true, revision, version: null },
      });
    });

    it("says so where the device itself has changed, by whoever's word", async () => {
      await ring('device.labels["sync"] == "by hand"', "2.0");
      await ring('os.version >= "12"', "3.0");
      const id = await device();
      const { revision } = await sync(id);
      const known_revision = revision;
      assert.equal((await sync(id, { known_revision })).isNew, false);
      await told("PATCH", `/api/v1/devices/${id}`, { labels: { sync: "by hand" } });
      const seen = await sync(id, { known_revision });
      assert.deepEqual(seen, { isNew: true, revision, version: "2.0" });
      const known = { known_revision: seen.revision };
      // The answer may have been lost: until it runs what it should, there is something to do.
      assert.equal((await sync(id, known)).isNew, true);
      assert.equal((await sync(id, { ...known, client_version: "2.0" })).isNew, false);
      await told("PATCH", `/api/v1/devices/${id}`, { labels: { sync: null } });
      await told("POST", `/api/v1/devices/${id}/heartbeat`, { os_version: "13.1" });
      const { isNew, version, revision: next } = await sync(id, known);
      assert.deepEqual([isNew, version], [true, "3.0"]);
      assert.equal((await sync(id, { known_revision: next, client_version: "3.0" })).isNew, false);
      const itself = await sync(id, { known_revision: next, os_version: "11" });
      assert.deepEqual([itself.isNew, itself.version], [true, null]);
      assert.equal((await sync(id, { known_revision: itself.revision })).isNew, false);
    });

    it("says so where a device changed that asks beside others", async () => {
      await ring('device.labels["many"] == "yes"', "4.0");
      const ids = await Promise.all(Array.from({ length: 20 }, device));
      const { revision: known_revision } = (await Promise.all(ids.map((id) => sync(id))))[0] ?? {};
      const moved = ids.filter((_, index) => index % 3 === 0);
      for (const id of moved) await told("PATCH", `/api/v1/devices/${id}`, { labels: { many: "yes" } });
      const next = await Promise.all(ids.map((id) => sync(id, { known_revision })));
      assert.deepEqual(
        ids.filter((_, index) => next[index]?.isNew),
        moved,
      );
    });
  });

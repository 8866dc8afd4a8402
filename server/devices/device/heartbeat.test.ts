import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { engines } from "../../../test/engines.ts";
import { first, type Running, startServer, steppingClock } from "../../../test/server.ts";
import { outcomesOf } from "./index.ts";

const second = 1_000_000;

for (const engine of engines)
  describe(`reports on ${engine.name}`, () => {
    let running: Running;
    let ask: Running["ask"];
    const clock = steppingClock();
    before(async () => {
      running = await startServer(await engine.open(), { clock });
      ask = running.ask;
    });
    after(() => running.stop());

    const register = async (device_identifier: string, body: object = {}) =>
      (await ask("POST", "/api/v1/devices/register", { body: { device_identifier, ...body } })).body;
    const at = (id: string) => `/api/v1/devices/${encodeURIComponent(id)}`;
    const get = async (id: string) => (await ask("GET", at(id))).body;
    const beat = (id: string, body?: object) =>
      ask("POST", `${at(id)}/heartbeat`, body === undefined ? {} : { body });
    const observe = (id: string, body: object) => ask("POST", `${at(id)}/observed-state`, { body });

    it("is taken by either verb, by id, by identifier and without one", async () => {
      const { id, api_key } = await register("beating/1 ä");
      for (const method of ["POST", "PUT"])
        for (const [path, token, body] of [
          [`${at(id)}/heartbeat`, undefined, {}],
          [`${at("beating/1 ä")}/heartbeat`, undefined, undefined],
          ["/api/v1/devices/heartbeat", undefined, { device_identifier: "beating/1 ä" }],
          ["/api/v1/devices/heartbeat", undefined, { device_id: id }],
          ["/api/v1/devices/heartbeat", api_key, {}],
          ["/api/v1/devices/heartbeat", api_key, undefined],
          [`${at(id)}/heartbeat`, api_key, { app_version: "2" }],
        ] as const) {
          clock.advance(60 * second);
          const before = await get(id);
          const told = await ask(method, path, { ...(token && { token }), ...(body && { body }) });
          assert.equal(told.status, 200, `${method} ${path}`);
          const { body: answer } = told;
          assert.deepEqual(
            [answer.acknowledged, answer.id, answer.device_identifier, answer.connectivity_status],
            [true, id, "beating/1 ä", "online"],
          );
          const after = await get(id);
          assert.equal(after.last_seen_at, answer.last_heartbeat);
          assert.notEqual(after.last_seen_at, before.last_seen_at);
        }
    });

    it("without an id, from somebody who is no device, asks for one", async () => {
      for (const body of [{}, undefined]) {
        const told = await ask("POST", "/api/v1/devices/heartbeat", body ? { body } : {});
        assert.deepEqual([told.status, told.body.details.pointer], [400, "/device_identifier"]);
      }
      const unknown = await ask("POST", "/api/v1/devices/heartbeat", {
        body: { device_identifier: "nobody" },
      });
      assert.equal(unknown.status, 404);
    });

    it("that changes nothing touches only when the device was heard of", async () => {
      const device = await register("quiet", { os_version: "1", labels: { a: "1" } });
      clock.advance(60 * second);
      await beat("quiet", { os_version: "1", labels: { a: "1" } });
      const { updated_at, last_seen_at } = await get("quiet");
      assert.equal(updated_at, device.updated_at);
      assert.notEqual(last_seen_at, device.last_seen_at);
      clock.advance(60 * second);
      await beat("quiet", { os_version: "2" });
      assert.notEqual((await get("quiet")).updated_at, device.updated_at);
    });

    it("is kept together with others at the same time, also of the same device", async () => {
      const names = Array.from({ length: 40 }, (_, index) => `together ${index}`);
      for (const name of names) await register(name);
      const told = await Promise.all(
        names.flatMap((name) => [beat(name, { model: "M" }), beat(name, { labels: { from: name } })]),
      );
      assert.ok(told.every(({ status }) => status === 200));
      for (const name of names) {
        const { model, labels } = await get(name);
        assert.deepEqual([model, labels], ["M", { from: name }]);
      }
    });

    it("fails alone, whatever comes at the same time", async () => {
      const labels = (prefix: string, count: number) =>
        Object.fromEntries(Array.from({ length: count }, (_, index) => [`${prefix} ${index}`, "x"]));
      await register("full", { labels: labels("old", 60) });
      for (const name of ["fine", "finer"]) await register(name);
      const told = await Promise.all([
        beat("fine", { model: "M" }),
        beat("full", { labels: labels("new", 5) }),
        beat("full", { model: "M" }),
        beat("finer", { labels: labels("new", 64) }),
      ]);
      assert.deepEqual(
        told.map(({ status }) => status),
        [200, 400, 200, 200],
      );
      assert.equal(told[1]?.body.details.pointer, "/labels");
      assert.equal((await get("fine")).model, "M");
      const full = await get("full");
      assert.deepEqual([Object.keys(full.labels).length, full.model], [60, "M"]);
      assert.equal(Object.keys((await get("finer")).labels).length, 64);
    });

    it("tells the version that runs: the latest counts, since it was first told", async () => {
      const version = async () => {
        const { client_version, client_version_reported_at, client_version_source } = await get("versioned");
        return [client_version, client_version_reported_at, client_version_source];
      };
      const listed = async (client_version: string) => {
        const query = new URLSearchParams({ org_id: first.orgId, client_version });
        const { devices } = (await ask("GET", `/api/v1/devices?${query}`)).body;
        return devices.some(({ id }: { id: string }) => id === made.id);
      };
      const made = await register("versioned", { app_version: "0.9" });
      assert.deepEqual(await version(), [null, null, null]);
      assert.ok(await listed("0.9.0"));
      await beat("versioned", { client_version: "1.0" });
      const [one, since, source] = await version();
      assert.deepEqual([one, source], ["1.0", "heartbeat"]);
      assert.ok((await listed("1")) && !(await listed("0.9")));
      clock.advance(60 * second);
      await observe("versioned", { client_version: "1.0" });
      assert.deepEqual(await version(), ["1.0", since, "heartbeat"]);
      await ask("PATCH", at("versioned"), { body: { client_version: "2.0" } });
      const [two, later, by] = await version();
      assert.deepEqual([two, by], ["2.0", "patch"]);
      assert.notEqual(later, since);
      // A measurement belongs to nobody: whoever tells last is right.
      await beat("versioned", { client_version: "1.5" });
      assert.deepEqual((await version())[0], "1.5");
      await register("versioned", { client_version: "3.0" });
      assert.deepEqual([(await version())[0], (await version())[2]], ["3.0", "register"]);
    });

    it("keeps the last attempt and the first failure of the current target", async () => {
      const { id } = await register("trying");
      const outcome = async () =>
        (await running.store.read((db) => outcomesOf(db, first.accountId, [id]))).get(id);
      const attempt = (version: string, state: string, error_code?: string, attempted_at?: string) =>
        observe("trying", {
          client: {
            version,
            state,
            ...(error_code && { error_code }),
            ...(attempted_at && { attempted_at }),
          },
        });
      assert.deepEqual((await attempt("2", "downloading")).body.ack, true);
      assert.deepEqual(
        [(await outcome())?.last.state, (await outcome())?.firstFailure],
        ["downloading", null],
      );
      await attempt("2", "failed", "disk");
      clock.advance(60 * second);
      await attempt("2", "installing");
      await attempt("2", "failed", "network");
      const failed = await outcome();
      assert.deepEqual([failed?.last.errorCode, failed?.firstFailure?.errorCode], ["network", "disk"]);
      assert.equal(failed?.lastFailure?.errorCode, "network");
      assert.equal((await get("trying")).client_version, null);
      await attempt("2", "failed", "earlier", "2026-01-01T00:00:00Z");
      const late = await outcome();
      assert.deepEqual([late?.last.errorCode, late?.firstFailure?.errorCode], ["network", "earlier"]);
      // A clock that is ahead does not keep what comes after it from being heard.
      await attempt("2", "failed", "ahead", "2200-01-01T00:00:00Z");
      await attempt("2", "succeeded");
      assert.equal((await outcome())?.last.state, "succeeded");
      const { client_version, client_version_source } = await get("trying");
      assert.deepEqual([client_version, client_version_source], ["2", "observed_state"]);
      await attempt("3", "refused", "pinned");
      const anew = await outcome();
      assert.deepEqual([anew?.last.version, anew?.last.state, anew?.firstFailure], ["3", "refused", null]);
      assert.equal((await get("trying")).client_version, "2");
    });
  });

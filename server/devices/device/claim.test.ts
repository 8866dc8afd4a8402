import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { engines } from "../../../test/engines.ts";
import { first, type Running, startServer, steppingClock } from "../../../test/server.ts";
import { blankDevice, brought, insertDevices } from "./index.ts";

for (const engine of engines)
  describe(`claiming on ${engine.name}`, () => {
    let running: Running;
    let ask: Running["ask"];
    const clock = steppingClock();
    before(async () => {
      running = await startServer(await engine.open(), { clock });
      ask = running.ask;
    });
    after(() => running.stop());

    const enrolment = async (fixed: object = {}) =>
      (await ask("POST", "/api/v1/enrolment-tokens", { body: { org_id: first.orgId, name: "Tills", fixed } }))
        .body.token as string;
    const register = (device_identifier: string, token: string, body: object = {}) =>
      ask("POST", "/api/v1/devices/register", { token, body: { device_identifier, ...body } });
    const claimed = async (name: string) => (await register(name, await enrolment())).body;
    const at = (id: string) => `/api/v1/devices/${id}`;
    const beat = (id: string, token: string) => ask("POST", `${at(id)}/heartbeat`, { token, body: {} });

    it("is possible again after a reset, and makes the old credential worth nothing", async () => {
      const { id, api_key } = await claimed("reset");
      const reset = await ask("POST", `${at(id)}/reset`);
      assert.deepEqual([reset.status, reset.body.status], [200, "active"]);
      assert.equal((await beat(id, api_key)).status, 401);
      assert.equal((await register("reset", api_key)).status, 401);
      const again = await register("reset", await enrolment());
      assert.deepEqual([again.status, again.body.id], [200, id]);
      assert.notEqual(again.body.api_key, api_key);
      assert.deepEqual(
        [(await beat(id, api_key)).status, (await beat(id, again.body.api_key)).status],
        [401, 200],
      );
      assert.equal((await register("reset", await enrolment())).status, 409);
    });

    it("takes a device that was reset but once", async () => {
      const { id } = await claimed("contended");
      await ask("POST", `${at(id)}/reset`);
      const tokens = await Promise.all([1, 2, 3, 4].map(() => enrolment()));
      const told = await Promise.all(tokens.map((token) => register("contended", token)));
      assert.deepEqual(told.map(({ status }) => status).sort(), [200, 409, 409, 409]);
    });

    it("is refused for a revoked device until it is reset", async () => {
      const { id, api_key } = await claimed("revoked");
      assert.equal((await ask("POST", `${at(id)}/revoke`)).body.status, "revoked");
      for (const [method, path, body] of [
        ["POST", `${at(id)}/heartbeat`, {}],
        ["PUT", "/api/v1/devices/heartbeat", {}],
        ["POST", `${at(id)}/observed-state`, { client_version: "1" }],
        ["PATCH", at(id), { labels: { a: "b" } }],
        ["POST", "/api/v1/devices/register", { device_identifier: "revoked", labels: { a: "b" } }],
      ] as const) {
        const refused = await ask(method, path, { token: api_key, body });
        assert.deepEqual([refused.status, refused.body.code], [403, "device_revoked"], `${method} ${path}`);
      }
      const shown = await ask("GET", at(id), { token: api_key });
      assert.deepEqual(
        [shown.status, shown.body.connectivity_status, shown.body.labels],
        [200, "revoked", {}],
      );
      assert.equal((await register("revoked", await enrolment())).status, 409);
      await ask("POST", `${at(id)}/reset`);
      const again = await register("revoked", await enrolment());
      assert.deepEqual([again.status, again.body.status], [200, "active"]);
      assert.equal((await beat(id, again.body.api_key)).status, 200);
    });

    it("ends with the device", async () => {
      const { id, api_key } = await claimed("deleted");
      await ask("DELETE", at(id));
      assert.equal((await beat(id, api_key)).status, 401);
      const anew = await register("deleted", await enrolment());
      assert.deepEqual([anew.status, anew.body.id === id], [201, false]);
    });

    it("puts what is fixed over an imported record, under what an operator said", async () => {
      const imported = blankDevice("dev_imported", "imported", clock.now());
      const said = brought(
        imported,
        { labels: { site: "berlin" }, attributes: { region: "eu" } },
        "operator",
      );
      const known = brought(said, { attributes: { model: "Old", locale: "de" } }, "device");
      await running.store.write((db) => insertDevices(db, first.accountId, [known]));
      const fixed = { labels: { site: "paris", ring: "one" }, region: "us", model: "Fixed" };
      const own = { labels: { site: "rome", ring: "two", own: "yes" }, model: "Own", locale: "fr" };
      const { status, body } = await register("imported", await enrolment(fixed), own);
      assert.deepEqual([status, body.id], [200, "dev_imported"]);
      assert.match(body.api_key, /^fld_/);
      assert.deepEqual(body.labels, { site: "berlin", ring: "one", own: "yes" });
      assert.deepEqual([body.region, body.model, body.locale], ["eu", "Fixed", "fr"]);
      await ask("POST", "/api/v1/devices/heartbeat", { token: body.api_key, body: own });
      const { body: later } = await ask("GET", at("dev_imported"));
      assert.deepEqual([later.labels, later.model], [body.labels, "Fixed"]);
    });

    it("gives a device what is its own, and nothing of others", async () => {
      const own = await claimed("mine");
      const other = await claimed("theirs");
      const as = (method: string, path: string, body?: object) =>
        ask(method, path, { token: own.api_key, ...(body && { body }) });
      for (const [method, path, status, body] of [
        ["GET", at(own.id), 200],
        ["GET", at("mine"), 200],
        ["GET", at(other.id), 404],
        ["GET", at("theirs"), 404],
        ["GET", at("dev_00000000000000000000000000"), 404],
        ["PATCH", at(other.id), 404, { labels: { a: "b" } }],
        ["POST", `${at(other.id)}/heartbeat`, 404, {}],
        ["POST", `${at("theirs")}/observed-state`, 404, { client_version: "1" }],
        ["POST", "/api/v1/devices/heartbeat", 404, { device_identifier: "theirs" }],
        ["DELETE", at(own.id), 403],
        ["POST", `${at(own.id)}/revoke`, 403],
        ["POST", `${at(own.id)}/reset`, 403],
        ["DELETE", at(other.id), 404],
        ["PATCH", at(own.id), 200, { labels: { a: "b" } }],
      ] as const)
        assert.equal((await as(method, path, body)).status, status, `${method} ${path}`);
      const listed = (await as("GET", `/api/v1/devices?org_id=${first.orgId}`)).body;
      assert.deepEqual([listed.total, listed.devices[0].id], [1, own.id]);
      const named = await as("PATCH", at(own.id), { user: { email: "me@example.com" } });
      assert.deepEqual([named.status, named.body.details.pointer], [400, "/user"]);
      const cleared = await as("PATCH", at(own.id), { user: null });
      assert.deepEqual([cleared.status, cleared.body.details.pointer], [400, "/user"]);
    });
  });

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { engines } from "../../../test/engines.ts";
import { first, type Running, startServer, steppingClock } from "../../../test/server.ts";

const everything = {
  platform: "ios",
  os_version: "17.4",
  sdk_version: "1.2",
  app_id: "shop",
  app_version: "3.1",
  manufacturer: "Apple",
  model: "iPhone 15",
  cpu_architecture: "arm64",
  gpu_available: true,
  npu_available: false,
  total_memory_mb: 6144,
  available_storage_mb: 1024,
  battery_pct: 87.5,
  charging: false,
  locale: "de-DE",
  region: "eu",
  timezone: "Europe/Berlin",
  labels: { site: "berlin", __proto: "x" },
  metadata: { nested: { list: [1, null, "two"] } },
  capabilities: { nfc: true },
};

for (const engine of engines)
  describe(`devices on ${engine.name}`, () => {
    let running: Running;
    let ask: Running["ask"];
    const clock = steppingClock();
    before(async () => {
      running = await startServer(await engine.open(), { clock });
      ask = running.ask;
    });
    after(() => running.stop());

    const register = (body: object) => ask("POST", "/api/v1/devices/register", { body });
    const list = async (query = "") =>
      (await ask("GET", `/api/v1/devices?org_id=${first.orgId}${query}`)).body;

    it("is registered with everything it says, and found by id and by identifier", async () => {
      const made = await register({ device_identifier: "till/1 ä", ...everything });
      assert.equal(made.status, 201);
      assert.equal(made.headers.get("location"), `/api/v1/devices/${made.body.id}`);
      assert.equal(made.body.device_id, made.body.id);
      const byId = (await ask("GET", `/api/v1/devices/${made.body.id}`)).body;
      for (const [name, value] of Object.entries(everything)) assert.deepEqual(byId[name], value, name);
      assert.deepEqual([byId.device_id, byId.org_id, byId.status], ["till/1 ä", first.orgId, "active"]);
      const byIdentifier = await ask("GET", `/api/v1/devices/${encodeURIComponent("till/1 ä")}`);
      assert.deepEqual(byIdentifier.body, byId);
      const { client_attempt, ...listed } = byId;
      assert.equal(client_attempt, null);
      assert.deepEqual((await list()).devices, [listed]);
    });

    it("registers again by `device_identifier`, and not by `device_id`", async () => {
      const made = await register({ device_identifier: "again", os_version: "1", labels: { a: "1" } });
      clock.advance(2_000_000);
      const same = await register({ installation_id: "again", os_version: "1" });
      assert.deepEqual(
        [same.status, same.body.id, same.body.updated_at],
        [200, made.body.id, made.body.updated_at],
      );
      assert.notEqual(same.body.last_seen_at, made.body.last_seen_at);
      const more = await register({
        device_identifier: "again",
        labels: { b: "2" },
        device_info: { model: "M" },
      });
      assert.deepEqual(
        [more.body.labels, more.body.model, more.body.os_version],
        [{ a: "1", b: "2" }, "M", "1"],
      );
      assert.notEqual(more.body.updated_at, made.body.updated_at);
      const strict = await register({ device_id: "again" });
      assert.deepEqual([strict.status, strict.body.error], [409, "conflict"]);
    });

    it("prefers an id to another device's identifier, and flat members to nested ones", async () => {
      const { body: one } = await register({ device_identifier: "one" });
      const { body: two } = await register({
        device_identifier: one.id,
        platform: "linux",
        device_info: { platform: "ios" },
      });
      assert.equal(two.platform, "linux");
      assert.equal((await ask("GET", `/api/v1/devices/${one.id}`)).body.device_identifier, "one");
    });

    it("keeps so many bytes of metadata and capabilities, and no more", async () => {
      const { id } = (await register({ device_identifier: "full", metadata: { a: "x".repeat(10_000) } }))
        .body;
      for (const name of ["metadata", "capabilities"]) {
        const refused = await register({ device_identifier: "full", [name]: { b: "y".repeat(16_384) } });
        assert.deepEqual([refused.status, refused.body.details.pointer], [400, `/${name}`]);
      }
      const grown = await register({ device_identifier: "full", metadata: { c: "z".repeat(10_000) } });
      assert.deepEqual([grown.status, grown.body.details.pointer], [400, "/metadata"]);
      assert.deepEqual(Object.keys((await ask("GET", `/api/v1/devices/${id}`)).body.metadata), ["a"]);
    });

    it("refuses words that paths mean something else by", async () => {
      for (const device_identifier of ["register", "heartbeat", "profiles"]) {
        const refused = await register({ device_identifier });
        assert.deepEqual([refused.status, refused.body.details.pointer], [400, "/device_identifier"]);
      }
      assert.equal((await register({})).body.details.pointer, "/device_identifier");
    });

    it("is listed by platform and status, with totals that agree", async () => {
      for (const index of [1, 2, 3])
        await register({ device_identifier: `listed ${index}`, platform: "edge" });
      const { total } = await list();
      assert.equal((await list("&limit=1000")).devices.length, total);
      const edge = await list("&platform=edge&limit=2");
      assert.deepEqual([edge.total, edge.devices.length, edge.has_more], [3, 2, true]);
      const rest = await list(`&platform=edge&limit=2&cursor=${edge.next_cursor}`);
      assert.deepEqual([rest.devices.length, rest.has_more, rest.next_cursor], [1, false, null]);
      assert.equal((await list("&platform=edge&status=revoked")).total, 0);
      await ask("DELETE", `/api/v1/devices/${encodeURIComponent("listed 2")}`);
      assert.equal((await list()).total, total - 1);
      assert.equal((await list("&platform=edge&offset=1")).devices[0].device_identifier, "listed 3");
    });

    it("is online, stale and offline by when it was last heard of", async () => {
      const { id } = (await register({ device_identifier: "silent" })).body;
      const status = async () => (await ask("GET", `/api/v1/devices/${id}`)).body.connectivity_status;
      assert.equal(await status(), "online");
      clock.advance(601_000_000);
      assert.equal(await status(), "stale");
      clock.advance(900_000_000);
      assert.equal(await status(), "offline");
    });
  });

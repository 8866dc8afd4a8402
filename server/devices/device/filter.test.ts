import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { engines } from "../../../test/engines.ts";
import { first, type Running, startServer, steppingClock } from "../../../test/server.ts";
import { printInstant } from "../../operation/instant.ts";

for (const engine of engines)
  describe(`what a list of devices is narrowed to on ${engine.name}`, () => {
    let running: Running;
    const clock = steppingClock();
    const seen: Record<string, string> = {};
    before(async () => {
      running = await startServer(await engine.open(), { clock });
      for (const [device_identifier, said] of Object.entries({
        "Till 1": { platform: "linux", client_version: "1.2.0", labels: { site: "berlin", ring: "one" } },
        "till 2": { platform: "linux", client_version: "1.10", labels: { site: "berlin", "a[b]": "x y" } },
        "Kiosk ß": { platform: "ios", app_version: "1.2", battery_pct: 19.5, labels: { site: "paris" } },
        "100%_odd": { platform: "ios", client_version: "nightly", battery_pct: 20 },
      })) {
        clock.advance(60_000_000);
        seen[device_identifier] = printInstant(clock.now(), "micro");
        const body = { device_identifier, ...said };
        await running.ask("POST", "/api/v1/devices/register", { body });
      }
      await running.ask("POST", `/api/v1/devices/${encodeURIComponent("till 2")}/revoke`);
    });
    after(() => running.stop());

    const list = (query: Record<string, string>) =>
      running.ask("GET", `/api/v1/devices?${new URLSearchParams({ org_id: first.orgId, ...query })}`);

    for (const [query, names] of [
      [{}, ["Till 1", "till 2", "Kiosk ß", "100%_odd"]],
      [{ platform: "linux" }, ["Till 1", "till 2"]],
      [{ status: "revoked" }, ["till 2"]],
      [{ search: "TILL" }, ["Till 1", "till 2"]],
      [{ search: "SS" }, ["Kiosk ß"]],
      [{ search: "%_" }, ["100%_odd"]],
      [{ search: "_" }, ["100%_odd"]],
      [{ client_version: "1.2" }, ["Till 1", "Kiosk ß"]],
      [{ client_version: "1.10.0" }, ["till 2"]],
      [{ client_version: "nightly" }, ["100%_odd"]],
      [{ "label[site]": "berlin" }, ["Till 1", "till 2"]],
      [{ "label[site]": "berlin", "label[ring]": "one" }, ["Till 1"]],
      [{ "label[a[b]]": "x y" }, ["till 2"]],
      [{ "label[__proto__]": "x" }, []],
      [{ battery_low: "true" }, ["Kiosk ß"]],
      [{ battery_low: "false", platform: "ios" }, ["100%_odd"]],
      [{ group_id: "grp_00000000000000000000000000" }, []],
      [{ platform: "linux", search: "2", "label[site]": "berlin", client_version: "1.10" }, ["till 2"]],
    ] as const)
      it(JSON.stringify(query), async () => {
        const { body } = await list({ ...query });
        const shown = body.devices.map((each: { device_identifier: string }) => each.device_identifier);
        assert.deepEqual([shown, body.total], [names, names.length]);
      });

    it("when it was last heard of", async () => {
      const names = async (query: Record<string, string>) =>
        (await list(query)).body.devices.map((each: { device_identifier: string }) => each.device_identifier);
      const kiosk = seen["Kiosk ß"] ?? "";
      assert.deepEqual(await names({ seen_after: kiosk }), ["Kiosk ß", "100%_odd"]);
      assert.deepEqual(await names({ seen_before: kiosk }), ["Till 1", "till 2"]);
      assert.deepEqual(await names({ seen_after: kiosk, seen_before: seen["100%_odd"] ?? "" }), ["Kiosk ß"]);
    });

    it("a page at a time, with the total of all that fit", async () => {
      const { body } = await list({ "label[site]": "berlin", limit: "1" });
      assert.deepEqual([body.total, body.devices.length, body.has_more], [2, 1, true]);
      const next = await list({ "label[site]": "berlin", limit: "1", cursor: body.next_cursor });
      assert.deepEqual([next.body.devices[0].device_identifier, next.body.has_more], ["till 2", false]);
    });

    it("nothing that can't be read", async () => {
      for (const [query, pointer] of [
        ["label=berlin", "/label"],
        ["label[]=berlin", "/label"],
        ["label[site]=a&label[site]=b", "/label"],
        [`label[${"x".repeat(129)}]=a`, "/label"],
        ["label[site]=a%00b", "/label"],
        ["seen_after=yesterday", "/seen_after"],
        ["battery_low=1", "/battery_low"],
        ["status=gone", "/status"],
      ] as const) {
        const told = await running.ask("GET", `/api/v1/devices?org_id=${first.orgId}&${query}`);
        assert.equal(told.status, 400, query);
        assert.ok(told.body.details.pointer.startsWith(pointer), `${query}: ${told.body.details.pointer}`);
      }
    });
  });

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { buildSystem, type System } from "../attack/system.ts";
import { engines } from "../engines.ts";
import { startServer } from "../server.ts";
import { stateOf } from "../state.ts";
import { type Row, refuses } from "./table.ts";

const groups = "/api/v1/device-groups";

refuses("who is in a device group", async ({ things, loose }) => {
  const { own, hidden, foreign } = things["device-group"] ?? {};
  const { own: device, foreign: foreignDevice } = things.device ?? {};
  const at = `${groups}/${own?.id}`;
  const unknown = ["missing", foreignDevice?.id ?? "", "x".repeat(255), "%00", "%20"];
  const body = { from: hidden?.id, device_ids: [device?.id] };
  const wrong = (what: string, method: string, path: string, pointer: string, body?: unknown): Row => ({
    what,
    method,
    path,
    body,
    wanted: { status: 400, pointer },
  });
  const missing = (what: string, method: string, path: string, body?: unknown): Row => ({
    what,
    method,
    path,
    body,
    wanted: { status: 404 },
  });
  return [
    ...unknown.flatMap((id) => [
      missing(`adding the device ${id}`, "POST", `${at}/devices/${id}`),
      missing(`removing the device ${id}`, "DELETE", `${at}/devices/${id}`),
    ]),
    wrong("removing nobody", "DELETE", `${at}/devices`, "/device_ids"),
    wrong("removing nobody in the query", "DELETE", `${at}/devices?device_ids=`, "/device_ids"),
    wrong("a comma too many in the query", "DELETE", `${at}/devices?device_ids=a,,b`, "/device_ids"),
    wrong("moving within one group", "POST", `${at}/move`, "/from", { ...body, from: own?.id }),
    missing("moving from a group that there is not", "POST", `${at}/move`, { ...body, from: "grp_none" }),
    missing("moving from another account's group", "POST", `${at}/move`, { ...body, from: foreign?.id }),
    missing("moving into another account's group", "POST", `${groups}/${foreign?.id}/move`, {
      from: own?.id,
      device_ids: [device?.id, loose.id],
    }),
  ];
});

for (const engine of engines)
  describe(`a batch with nothing right in it on ${engine.name}`, () => {
    let system: System;
    before(async () => {
      system = await buildSystem(await startServer(await engine.open()));
    });
    after(() => system.running.stop());

    it("skips everything, says why, and keeps nothing", async () => {
      const { own, hidden } = system.things["device-group"] ?? {};
      const { own: device, foreign } = system.things.device ?? {};
      const strange = ["missing", foreign?.id, "foreign", "x".repeat(255), "'; drop table device; --", "*"];
      const before = await stateOf(system.running.store);
      const ask = async (method: string, path: string, body: object) =>
        (await system.running.ask(method, `${groups}/${own?.id}/${path}`, { body })).body;
      const skipped = (reasons: [unknown, string][]) =>
        reasons.map(([device_id, reason]) => ({ device_id, reason }));
      const unknown = strange.map((ref): [unknown, string] => [ref, "not_found"]);
      const refs = [device?.id, ...strange, "own"];
      const added = await ask("POST", "devices", { device_ids: refs });
      assert.deepEqual([added.added, added.skipped], [[], refs]);
      assert.deepEqual(
        added.skipped_details,
        skipped([[device?.id, "already_member"], ...unknown, ["own", "duplicate"]]),
      );
      const outside = system.loose.id;
      const removed = await ask("DELETE", "devices", { device_ids: [...strange, outside, "loose"] });
      assert.deepEqual([removed.removed, removed.skipped], [[], [...strange, outside, "loose"]]);
      assert.deepEqual(
        removed.skipped_details,
        skipped([...unknown, [outside, "not_member"], ["loose", "duplicate"]]),
      );
      const moved = await ask("POST", "move", { from: hidden?.id, device_ids: [...strange, outside] });
      assert.deepEqual(moved.moved, []);
      assert.deepEqual(moved.skipped_details, skipped([...unknown, [outside, "not_member"]]));
      assert.deepEqual(await stateOf(system.running.store), before);
    });
  });

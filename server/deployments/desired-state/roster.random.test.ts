/**
 * Whatever is changed, every device is told what a slow resolution makes of what the lists answer: with what is kept in
 * memory, and without it.
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { engines } from "../../../test/engines.ts";
import { checkTold, type PlainMatch, plainFleet, plainlyDesired } from "../../../test/plain-fleet.ts";
import { makeChanges, seeded } from "../../../test/random-changes.ts";
import { first, type Running, startServer } from "../../../test/server.ts";
import type { Store } from "../../db/database.ts";

/** Compares what devices are told with what is plain; answers how many of them are told a version. */
async function checkAll(running: Running, matches: readonly PlainMatch[], label: string): Promise<number> {
  return checkTold(running, await plainFleet(running.ask), matches, label);
}

for (const engine of engines)
  describe(`what devices are told while everything changes on ${engine.name}`, () => {
    for (const [seed, checkAnswers] of [
      [20261121, true],
      [4, false],
      [77, false],
    ] as const)
      it(`is what is plain, by the seed ${seed}`, async (context) => {
        const running = await startServer(await engine.open(), { checkAnswers });
        context.after(() => running.stop());
        const changes = makeChanges(running.ask, seeded(seed));
        let assigned = 0;
        for (let number = 0; number < 100; number++) {
          const done = await changes.next();
          const label = `after ${number}, ${done}`;
          assigned += await checkAll(running, changes.matches, label);
          // Once more, when all of them were asked about and nothing has changed.
          if (number % 10 === 0) await checkAll(running, changes.matches, `again ${label}`);
        }
        assert.ok(assigned > 100, "hardly any device was ever told a version");
      });
  });

/** A store that counts what is read from it in the course of requests. */
function counted(store: Store): Store & { reads(): number } {
  let reads = 0;
  return {
    ...store,
    read(work) {
      reads++;
      return store.read(work);
    },
    reads: () => reads,
  };
}

for (const engine of engines)
  describe(`what a large fleet is told on ${engine.name}`, () => {
    const size = 3000;
    const v4 = `/client/v4/accounts/${first.accountId}/devices`;
    let store: ReturnType<typeof counted>;
    let running: Running;
    const europe: PlainMatch = { match: 'device.region == "eu"', fits: ({ region }) => region === "eu" };
    const kiosks: PlainMatch = {
      match: 'any(device.groups[*] in {"Kiosks"})',
      fits: (_device, inGroup) => inGroup("Kiosks"),
    };
    const matches = [europe, kiosks];
    const send = async (method: string, path: string, body?: unknown) => {
      const told = await running.ask(method, path, { body });
      assert.ok(told.status < 300, `${method} ${path}: ${JSON.stringify(told.body)}`);
      return told.body;
    };
    const bring = (lines: readonly object[]) =>
      running.ask("POST", `/api/v1/import?org_id=${first.orgId}`, {
        text: lines.map((line) => JSON.stringify(line)).join("\n"),
        headers: { "content-type": "application/x-ndjson" },
      });
    before(async () => {
      store = counted(await engine.open());
      running = await startServer(store, { checkAnswers: false });
    });
    after(() => running.stop());

    /** All are told what is plain; where this process alone writes, nothing is read for those after the first. */
    const checkFilled = async (label: string, moved: readonly string[] = []) => {
      await running.server.settled();
      const fleet = await plainFleet(running.ask);
      const ids = fleet.devices.map(({ id }) => id);
      assert.equal(ids.length, size);
      // What is the configuration's, and who calls, is found by the first one; what moved meanwhile, by whoever asks.
      for (const id of [...ids.slice(0, 2), ...moved])
        await send("GET", `/api/v1/devices/${id}/desired-state`);
      const before = store.reads();
      for (const device of fleet.devices) {
        const { client } = await send("GET", `/api/v1/devices/${device.id}/desired-state`);
        const plainly = plainlyDesired(fleet, device, matches);
        assert.deepEqual({ version: client.version, ...client.reason }, plainly, label);
      }
      if (store.version() !== undefined) assert.equal(store.reads(), before, label);
    };

    it("is looked up before anybody asks", async () => {
      const { result } = await send("POST", `${v4}/policy`, {
        name: "EU",
        match: europe.match,
        precedence: 2,
      });
      await send("POST", `${v4}/deployment-groups`, {
        name: "Ring",
        version_config: [{ target_environment: "linux", version: "1" }],
        policy_ids: [result.policy_id],
      });
      const regions = ["eu", "us", null];
      const told = await bring(
        Array.from({ length: size }, (_, number) => ({
          ...{ type: "device", device_identifier: `d${number}`, region: regions[number % 3] },
          platform: number % 2 ? "linux" : "windows",
        })),
      );
      assert.equal(told.body.counts.total.new, size, JSON.stringify(told.body).slice(0, 500));
      await checkFilled("brought");
    });

    it("is looked up again after what moves everybody, whatever races the looking", async () => {
      const group = { org_id: first.orgId, name: "Kiosks", group_type: "hybrid" };
      const kiosk = (await send("POST", "/api/v1/device-groups", group)).id;
      const policy = { name: "Kiosks", match: kiosks.match, precedence: 1 };
      const { result } = await send("POST", `${v4}/policy`, policy);
      const filled = running.server.settled();
      const region = { region: "us" };
      const elsewhere = ["d0", "d500", "d999", "d1500", "d2999"];
      const newKiosks = ["d3", "d501", "d998"];
      await Promise.all([
        ...elsewhere.map((name) => send("PATCH", `/api/v1/devices/${name}`, region)),
        send("PUT", `/api/v1/device-groups/${kiosk}`, {
          auto_assignment_rules: { matchLabels: { kind: "kiosk" } },
        }),
        ...newKiosks.map((name) => send("PATCH", `/api/v1/devices/${name}`, { labels: { kind: "kiosk" } })),
        send("POST", `${v4}/deployment-groups`, {
          name: "Kiosks",
          version_config: [{ target_environment: null, version: "2" }],
          policy_ids: [result.policy_id],
        }),
        send("POST", "/api/v1/devices/d7/revoke"),
      ]);
      await filled;
      await checkFilled("raced", [...elsewhere, ...newKiosks, "d7"]);
      const moving = running.server.settled();
      await send("PATCH", `${v4}/policy/${result.policy_id}`, { precedence: 3 });
      await moving;
      await checkFilled("moved");
    });

    it("is looked up by a server that begins anew", async () => {
      const { reads, ...same } = store;
      await running.server.app.close();
      store = counted({ ...same, close: same.close });
      running = await startServer(store, { checkAnswers: false });
      await checkFilled("begun anew");
    });
  });

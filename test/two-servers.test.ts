/** Several servers on one store: what is done through one of them holds for whoever asks another. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { Store } from "../server/db/database.ts";
import { openStore } from "../server/db/open.ts";
import { engines } from "./engines.ts";
import { checkTold, type PlainMatch, plainFleet } from "./plain-fleet.ts";
import { makeChanges, seeded } from "./random-changes.ts";
import { type Running, startServer } from "./server.ts";

/** A second connection to a store, where the engine lets others have one. */
async function again(store: Store, settings: Parameters<typeof openStore>[0]): Promise<Store> {
  return "url" in settings ? openStore(settings, { durable: false }) : { ...store, close: async () => {} };
}

for (const engine of engines)
  describe(`two servers on one store of ${engine.name}`, () => {
    let servers: readonly [Running, Running];
    let remove: () => Promise<void>;
    beforeEach(async () => {
      const place = await engine.place(true);
      remove = place.remove;
      const store = await openStore(place.settings, { durable: false });
      servers = [await startServer(store), await startServer(await again(store, place.settings))];
    });
    afterEach(async () => {
      await servers[1].stop();
      await servers[0].stop();
      await remove();
    });

    /** Both tell every device what is plain. */
    async function check(matches: readonly PlainMatch[], label: string): Promise<void> {
      const fleet = await plainFleet(servers[0].ask);
      for (const each of servers) await checkTold(each, fleet, matches, label);
    }

    it("tell every device the same, whichever of them was told what changed", async () => {
      const random = seeded(20261121);
      const either: Running["ask"] = (...asked) => servers[random() < 0.5 ? 0 : 1].ask(...asked);
      const changes = makeChanges(either, random);
      for (let number = 0; number < 60; number++) {
        const done = await changes.next();
        await check(changes.matches, `after ${number}, ${done}`);
      }
    });

    it("keep what devices say to both of them while everything changes", async () => {
      const random = seeded(7);
      const changes = makeChanges(servers[0].ask, random);
      const devices = await Promise.all(
        Array.from({ length: 24 }, async (_, number) => {
          const body = { device_identifier: `beating ${number}`, platform: "linux" };
          const { id, api_key } = (await servers[1].ask("POST", "/api/v1/devices/register", { body })).body;
          return { id: id as string, token: api_key as string };
        }),
      );
      const regions = ["eu", "us", "asia"];
      const said = new Map<string, string>();
      let over = false;
      /** Each waits for its answer before it says more: the last that was answered is what it is. */
      const beat = async ({ id, token }: (typeof devices)[number], at: number) => {
        for (let turn = 0; !over; turn++) {
          const region = regions[(turn + at) % 3] as string;
          const { ask } = servers[(turn + at) % 2] as Running;
          const told = await ask("POST", `/api/v1/devices/${id}/heartbeat`, { token, body: { region } });
          assert.equal(told.status, 200, JSON.stringify(told.body));
          said.set(id, region);
        }
      };
      const beating = Promise.all(devices.map(beat));
      try {
        for (let number = 0; number < 60; number++) await changes.next();
      } finally {
        over = true;
        await beating;
      }
      for (const { id } of devices) {
        const shown = await servers[1].ask("GET", `/api/v1/devices/${id}`);
        assert.equal(shown.body.region, said.get(id), id);
      }
      await check(changes.matches, "in the end");
    });

    it("refuse a device at once that the other one revoked", async () => {
      const body = { device_identifier: "revoked", platform: "linux" };
      const { id, api_key: token } = (await servers[0].ask("POST", "/api/v1/devices/register", { body }))
        .body;
      const beat = ({ ask }: Running) => ask("POST", `/api/v1/devices/${id}/heartbeat`, { token, body: {} });
      for (const each of servers) assert.equal((await beat(each)).status, 200);
      assert.equal((await servers[0].ask("POST", `/api/v1/devices/${id}/revoke`)).status, 200);
      for (const each of servers) assert.equal((await beat(each)).status, 403);
    });
  });

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { engines } from "../../../test/engines.ts";
import { first, type Running, startServer } from "../../../test/server.ts";
import type { Store } from "../../db/database.ts";

const groups = "/api/v1/device-groups";

/** More than two transactions change at a time. */
const devices = 2500;

/** A store on which some writes succeed and then all of them fail, as if the power had gone. */
type Frail = Store & { failAfter(writes: number): void };

function frail(store: Store): Frail {
  let left = Number.POSITIVE_INFINITY;
  return {
    ...store,
    async write(work) {
      if (left-- <= 0) throw new Error("the power is gone");
      return store.write(work);
    },
    // The store outlives the server.
    close: async () => {},
    failAfter(writes) {
      left = writes;
    },
  };
}

for (const engine of engines)
  describe(`what a crash left half done on ${engine.name}`, () => {
    let store: Store;
    let running: Running;
    let power: Frail;
    let made = 0;
    const start = async () => {
      power = frail(store);
      running = await startServer(power, { checkAnswers: false });
      await running.server.settled();
    };
    /** Lets a request do so many writes, and then everything end; what is left begins again. */
    const cutOff = async (writes: number, method: string, path: string, body?: unknown) => {
      await running.server.settled();
      power.failAfter(writes);
      assert.equal((await running.ask(method, path, { body })).status, 500, `${method} ${path}`);
    };
    const restart = async () => {
      await running.stop();
      await start();
    };
    before(async () => {
      store = await engine.open();
      await start();
      const lines = Array.from({ length: devices }, (_, number) =>
        JSON.stringify({ type: "device", device_identifier: `d${number}`, region: "eu" }),
      );
      const told = await running.ask("POST", `/api/v1/import?org_id=${first.orgId}`, {
        text: lines.join("\n"),
        headers: { "content-type": "application/x-ndjson" },
      });
      assert.equal(told.body.counts.total.new, devices, JSON.stringify(told.body).slice(0, 500));
    });
    after(async () => {
      await running.stop();
      await store.close();
    });

    const get = async (path: string) => (await running.ask("GET", path)).body;
    const group = async (rules: object | null = null) => {
      const body = {
        ...{ org_id: first.orgId, name: `Group ${made++}`, group_type: "hybrid" },
        ...(rules && { auto_assignment_rules: rules }),
      };
      return (await running.ask("POST", groups, { body })).body.id as string;
    };
    /** The members that are listed, that are counted and that there are rows of. */
    const members = async (id: string) => {
      const { device_count, evaluating } = await get(`${groups}/${id}`);
      const { total } = await get(`${groups}/${id}/devices?limit=1`);
      return {
        counted: device_count,
        listed: total,
        rows: await rows("device_group_member", id),
        evaluating,
      };
    };
    const rows = (table: "device_group_member" | "device_group_exclusion", id: string) =>
      store.read(async (db) => {
        const found = await db
          .selectFrom(table)
          .select((eb) => eb.fn.countAll<number>().as("total"))
          .where("group_id", "=", id)
          .executeTakeFirstOrThrow();
        return found.total;
      });
    const whole = (count: number, evaluating = false) => ({
      ...{ counted: count, listed: count, rows: count, evaluating },
    });
    const inEurope = { expression: 'device.region == "eu"' };
    const nowhere = { expression: 'device.region == "nowhere"' };

    for (const chunks of [0, 1, 2])
      it(`of a rule change goes on after ${chunks} transactions of joining, and of leaving`, async () => {
        const id = await group();
        await cutOff(1 + chunks, "PUT", `${groups}/${id}`, { auto_assignment_rules: inEurope });
        assert.deepEqual(await members(id), whole(1000 * chunks, true));
        await restart();
        assert.deepEqual(await members(id), whole(devices));
        await cutOff(1 + chunks, "PUT", `${groups}/${id}`, { auto_assignment_rules: nowhere });
        assert.deepEqual(await members(id), whole(devices - 1000 * chunks, true));
        await restart();
        assert.deepEqual(await members(id), whole(0));
        await running.ask("DELETE", `${groups}/${id}`);
      });

    it("of a new group goes on, too, and of one whose server crashed again", async () => {
      await cutOff(2, "POST", groups, {
        ...{ org_id: first.orgId, name: "New", group_type: "dynamic", auto_assignment_rules: inEurope },
      });
      const id = (await get(`${groups}?org_id=${first.orgId}&search=New`)).groups[0].id as string;
      assert.deepEqual(await members(id), whole(1000, true));
      await running.stop();
      const again = frail(store);
      again.failAfter(1);
      running = await startServer(again, { checkAnswers: false });
      await running.server.settled();
      assert.equal((await members(id)).evaluating, true);
      await restart();
      assert.deepEqual(await members(id), whole(devices));
      await running.ask("DELETE", `${groups}/${id}`);
    });

    it("of a rule change is right of devices that changed in between", async () => {
      const id = await group();
      await cutOff(3, "PUT", `${groups}/${id}`, { auto_assignment_rules: inEurope });
      power.failAfter(Number.POSITIVE_INFINITY);
      const { devices: listed } = await get(`${groups}/${id}/devices?limit=1000`);
      const inside = new Set(listed.map((each: { device_identifier: string }) => each.device_identifier));
      const all = await Promise.all(
        [0, 1000, 2000].map((offset) =>
          get(`/api/v1/devices?org_id=${first.orgId}&limit=1000&offset=${offset}`),
        ),
      );
      const names = all.flatMap(({ devices: page }) => page.map((each: any) => each.device_identifier));
      const moved = [...names.slice(0, 3), ...names.slice(-3)];
      assert.ok(moved.some((name) => inside.has(name)) && moved.some((name) => !inside.has(name)));
      const region = (name: string, to: string) =>
        running.ask("PATCH", `/api/v1/devices/${name}`, { body: { region: to } });
      for (const name of moved) assert.equal((await region(name, "us")).status, 200);
      await restart();
      assert.deepEqual(await members(id), whole(devices - moved.length));
      for (const name of moved) await region(name, "eu");
      assert.deepEqual(await members(id), whole(devices));
      await running.ask("DELETE", `${groups}/${id}`);
    });

    for (const chunks of [0, 1, 2])
      it(`of deleting a large group goes on after ${chunks} transactions, out of everybody's sight`, async () => {
        const id = await group(inEurope);
        const { name } = await get(`${groups}/${id}`);
        const keptOut = (await get(`/api/v1/devices?org_id=${first.orgId}&limit=1`)).devices[0].id;
        await running.ask("POST", `${groups}/${id}/exclusions`, { body: { device_ids: [keptOut] } });
        await cutOff(1 + chunks, "DELETE", `${groups}/${id}`);
        assert.equal(await rows("device_group_member", id), devices - 1 - 1000 * chunks);
        power.failAfter(Number.POSITIVE_INFINITY);
        assert.equal((await running.ask("GET", `${groups}/${id}`)).status, 404);
        assert.equal((await get(`/api/v1/devices/d7/groups`)).count, 0);
        const named = { org_id: first.orgId, name };
        const successor = await running.ask("POST", groups, { body: named });
        assert.equal(successor.status, 201, "the name is free at once");
        await restart();
        assert.equal(await rows("device_group_member", id), 0);
        assert.equal(await rows("device_group_exclusion", id), 0);
        const left = await store.read((db) =>
          db.selectFrom("device_group").select("id").where("id", "=", id).execute(),
        );
        assert.deepEqual(left, []);
        await running.ask("DELETE", `${groups}/${successor.body.id}`);
      });
  });

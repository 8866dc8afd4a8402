/** Many clients at the same thing at the same time: what may happen once happens once, and counts stay exact. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { engines } from "./engines.ts";
import { first, type Running, startServer, type Told } from "./server.ts";

const clients = 100;
const deployments = `/client/v4/accounts/${first.accountId}/devices/deployment-groups`;
const groups = "/api/v1/device-groups";

for (const engine of engines)
  describe(`a race on ${engine.name}`, () => {
    let running: Running;
    let ask: Running["ask"];
    let count = 0;
    before(async () => {
      running = await startServer(await engine.open());
      ask = running.ask;
    });
    after(() => running.stop());

    /** Sends everything before it waits for anything. */
    const all = (times: number, one: (number: number) => Promise<Told>) =>
      Promise.all(Array.from({ length: times }, (_, number) => one(number)));
    const group = async (name = `Group ${count++}`) =>
      (await ask("POST", groups, { body: { org_id: first.orgId, name } })).body.id as string;
    const device = async (name = `device ${count++}`) =>
      (await ask("POST", "/api/v1/devices/register", { body: { device_identifier: name } })).body
        .id as string;
    const devices = (wanted: number) => Promise.all(Array.from({ length: wanted }, () => device()));
    const members = async (id: string) => {
      const listed = (await ask("GET", `${groups}/${id}/devices?limit=1000`)).body;
      const { device_count } = (await ask("GET", `${groups}/${id}`)).body;
      assert.deepEqual([device_count, listed.total], [listed.devices.length, listed.devices.length]);
      return listed.devices.map((one: { id: string }) => one.id).sort() as string[];
    };
    const versions = [{ target_environment: "macos", version: "2026.7.1377.0" }];

    it("for a policy id between new deployment groups has one winner", async () => {
      const told = await all(clients, (number) =>
        ask("POST", deployments, {
          body: { name: `Ring ${number}`, version_config: versions, policy_ids: ["first", "contested"] },
        }),
      );
      assert.deepEqual(statuses(told), { 200: 1, 409: clients - 1 });
      for (const { status, headers, body } of told)
        if (status === 409) {
          assert.equal(headers.get("x-should-retry"), "false");
          assert.equal(body.errors[0].source.pointer, "/policy_ids");
          assert.match(body.errors[0].message, /first in Ring \d+ \([0-9a-f-]{36}\), contested in Ring/);
        }
      const { body } = await ask("GET", `${deployments}?per_page=100`);
      const owners = body.result.filter((one: any) => one.policy_ids?.includes("contested"));
      assert.equal(owners.length, 1);
      assert.equal(body.result_info.total_count, 1);
    });

    it("for a policy id between present deployment groups has one winner, and the others keep theirs", async () => {
      const made = await all(20, (number) =>
        ask("POST", deployments, {
          body: { name: `Held ${number}`, version_config: versions, policy_ids: [`own ${number}`] },
        }),
      );
      const told = await all(20, (number) =>
        ask("PATCH", `${deployments}/${made[number]?.body.result.id}`, {
          body: { policy_ids: ["wanted by all"] },
        }),
      );
      assert.deepEqual(statuses(told), { 200: 1, 409: 19 });
      for (const [number, { status }] of told.entries()) {
        const { body } = await ask("GET", `${deployments}/${made[number]?.body.result.id}`);
        assert.deepEqual(body.result.policy_ids, [status === 200 ? "wanted by all" : `own ${number}`]);
      }
    });

    it("of the same batch puts each device in once and says so once", async () => {
      const [id, ids] = [await group(), await devices(50)];
      const told = await all(20, () => ask("POST", `${groups}/${id}/devices`, { body: { device_ids: ids } }));
      assert.deepEqual(statuses(told), { 200: 20 });
      assert.deepEqual(told.flatMap(({ body }) => body.added).sort(), ids.toSorted());
      for (const { body } of told) assert.equal(body.added.length + body.skipped.length, ids.length);
      assert.deepEqual(await members(id), ids.toSorted());
    });

    it("of batches that overlap puts each device in once", async () => {
      const [id, ids] = [await group(), await devices(40)];
      const told = await all(20, (number) =>
        ask("POST", `${groups}/${id}/devices`, { body: { device_ids: ids.slice(number, number + 20) } }),
      );
      assert.deepEqual(told.flatMap(({ body }) => body.added).sort(), ids.slice(0, 39).toSorted());
      assert.deepEqual(await members(id), ids.slice(0, 39).toSorted());
    });

    it("for the name of a device group has one winner", async () => {
      const spellings = ["Contested", "contested", " CONTESTED ", "ContesteD\t".trim()];
      const told = await all(clients, (number) =>
        ask("POST", groups, { body: { org_id: first.orgId, name: spellings[number % spellings.length] } }),
      );
      assert.deepEqual(statuses(told), { 201: 1, 409: clients - 1 });
      for (const { status, body } of told) if (status === 409) assert.equal(body.details.pointer, "/name");
      const { body } = await ask("GET", `${groups}?org_id=${first.orgId}&search=contested`);
      assert.equal(body.total, 1);
    });

    it("to rename device groups to one name has one winner", async () => {
      const ids = await Promise.all(Array.from({ length: 20 }, () => group()));
      const told = await all(ids.length, (number) =>
        ask("PUT", `${groups}/${ids[number]}`, { body: { name: "Renamed" } }),
      );
      assert.deepEqual(statuses(told), { 200: 1, 409: ids.length - 1 });
    });

    it("of adding, removing, moving and deleting keeps every count equal to what is listed", async () => {
      const ids = await devices(30);
      const [a, b, c] = [await group(), await group(), await group()];
      const pick = (number: number) => [0, 7, 14, 21].map((step) => ids[(number * 3 + step) % ids.length]);
      const told = await all(clients, (number) => {
        const body = { device_ids: pick(number) };
        const at = [a, b, c][number % 3];
        const from = [b, c, a][number % 3];
        if (number % 5 < 2) return ask("POST", `${groups}/${at}/devices`, { body });
        if (number % 5 === 2) return ask("DELETE", `${groups}/${at}/devices`, { body });
        if (number % 5 === 3) return ask("POST", `${groups}/${at}/move`, { body: { ...body, from } });
        return ask(number % 2 ? "POST" : "DELETE", `${groups}/${at}/devices/${ids[number % 30]}`);
      });
      assert.ok(told.every(({ status }) => [200, 201, 204].includes(status)));
      for (const id of [a, b, c]) await members(id);
      const gone = ids.slice(0, 10);
      const ended = await all(40, (number) => {
        if (number < 20) return ask("DELETE", `/api/v1/devices/${gone[number % 10]}`);
        return ask("POST", `${groups}/${[a, b, c][number % 3]}/devices`, { body: { device_ids: ids } });
      });
      assert.deepEqual(statuses(ended.slice(0, 20)), { 204: 10, 404: 10 });
      for (const id of [a, b, c])
        assert.ok(
          (await members(id)).every((member) => !gone.includes(member)),
          "a deleted device is listed",
        );
    });

    it("to move a device out of one group puts it into one other", async () => {
      const [from, id] = [await group(), await device()];
      const goals = await Promise.all(Array.from({ length: 20 }, () => group()));
      await ask("POST", `${groups}/${from}/devices/${id}`);
      const told = await all(goals.length, (number) =>
        ask("POST", `${groups}/${goals[number]}/move`, { body: { from, device_ids: [id] } }),
      );
      assert.deepEqual(statuses(told), { 200: goals.length });
      assert.equal(told.flatMap(({ body }) => body.moved).length, 1);
      assert.deepEqual(await members(from), []);
      const { body } = await ask("GET", `/api/v1/devices/${id}/groups`);
      assert.equal(body.count, 1);
    });

    it("of deleting a group and adding to it ends with neither group nor members", async () => {
      const [id, ids] = [await group(), await devices(5)];
      const told = await all(20, (number) =>
        number === 10
          ? ask("DELETE", `${groups}/${id}`)
          : ask("POST", `${groups}/${id}/devices`, { body: { device_ids: ids } }),
      );
      assert.equal(told[10]?.status, 204);
      assert.ok(told.every(({ status }) => [200, 204, 404].includes(status)));
      assert.equal((await ask("GET", `${groups}/${id}`)).status, 404);
      for (const one of ids) assert.equal((await ask("GET", `/api/v1/devices/${one}/groups`)).body.count, 0);
    });

    it("to register one identifier makes one device", async () => {
      const told = await all(clients, (number) =>
        ask("POST", "/api/v1/devices/register", {
          body: { device_identifier: "contested", labels: { [`label ${number % 10}`]: "here" } },
        }),
      );
      assert.deepEqual(statuses(told), { 200: clients - 1, 201: 1 });
      assert.equal(new Set(told.map(({ body }) => body.id)).size, 1);
      const { body } = await ask("GET", "/api/v1/devices/contested");
      assert.equal(Object.keys(body.labels).length, 10);
    });

    it("to register one identifier by a field that allows no second time has one winner", async () => {
      const told = await all(clients, () =>
        ask("POST", "/api/v1/devices/register", { body: { device_id: "only once" } }),
      );
      assert.deepEqual(statuses(told), { 201: 1, 409: clients - 1 });
    });

    it("to roll one token leaves one secret that opens something", async () => {
      const tokens = `/client/v4/accounts/${first.accountId}/tokens`;
      const before = await running.tokenWith({ groups: ["Account Settings Read"] });
      const { id } = (await ask("GET", `${tokens}/verify`, { token: before })).body.result;
      const told = await all(20, () => ask("PUT", `${tokens}/${id}/value`));
      assert.deepEqual(statuses(told), { 200: 20 });
      const secrets = [before, ...told.map(({ body }) => body.result as string)];
      const tried = await all(secrets.length, (number) =>
        ask("GET", `/client/v4/accounts/${first.accountId}`, { token: secrets[number] ?? null }),
      );
      assert.deepEqual(statuses(tried), { 200: 1, 403: 20 });
    });
  });

/** How many answers had each status. */
function statuses(told: readonly Told[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const { status } of told) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

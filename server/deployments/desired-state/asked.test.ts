import assert from "node:assert/strict";
import { it } from "node:test";
import { engines } from "../../../test/engines.ts";
import { startServer, steppingClock } from "../../../test/server.ts";

const second = 1_000_000;

for (const engine of engines)
  it(`that devices asked is noted without taking back what is newer, on ${engine.name}`, async () => {
    const clock = steppingClock();
    const running = await startServer(await engine.open(), { clock });
    try {
      const register = async (name: string) => {
        const body = { device_identifier: name, platform: "linux" };
        const { id, api_key: token } = (await running.ask("POST", "/api/v1/devices/register", { body })).body;
        return { id, token };
      };
      const [one, two] = [await register("one"), await register("two")];
      for (const { id, token } of [one, two])
        await running.ask("GET", `/api/v1/devices/${id}/desired-state`, { token });
      clock.advance(20 * second);
      await running.ask("POST", `/api/v1/devices/${one.id}/heartbeat`, { token: one.token });
      const seen = async () => (await running.ask("GET", `/api/v1/devices/${one.id}`)).body.last_seen_at;
      const before = await seen();
      await running.ask("DELETE", `/api/v1/devices/${two.id}`);
      await running.server.settled();
      assert.equal(await seen(), before);
      const [row, ...more] = await running.store.read((db) =>
        db.selectFrom("device_seen").select(["device_id", "asked_at", "last_seen_at"]).execute(),
      );
      assert.deepEqual([row?.device_id, more], [one.id, []]);
      assert.ok(row?.asked_at && row.asked_at < row.last_seen_at - 10 * second);
    } finally {
      await running.stop();
    }
  });

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { engines } from "../../../test/engines.ts";
import { first, type Running, startServer, steppingClock } from "../../../test/server.ts";

const limits = {
  rest: { requests: 1000, windowS: 60 },
  v4: null,
  device: { requests: 3, windowS: 60 },
  enrolment: { requests: 2, windowS: 1 },
};

for (const engine of engines)
  describe(`limits of devices and those who enrol on ${engine.name}`, () => {
    let running: Running;
    const clock = steppingClock();
    let dice = 0;
    before(async () => {
      running = await startServer(await engine.open(), {
        clock,
        random: () => dice,
        config: { rateLimits: limits },
      });
    });
    after(() => running.stop());

    const enrolment = async () => {
      const body = { org_id: first.orgId, name: "Storm" };
      return (await running.ask("POST", "/api/v1/enrolment-tokens", { body })).body.token as string;
    };
    const register = (token: string, device_identifier: string) =>
      running.ask("POST", "/api/v1/devices/register", { token, body: { device_identifier } });

    it("sends a storm of first calls back at different times, and lets all in", async () => {
      const token = await enrolment();
      const due = new Map([[0, ["a", "b", "c", "d", "e", "f", "g"]]]);
      const keys: string[] = [];
      const waits: string[] = [];
      for (let second = 0; second < 10; second++) {
        for (const [index, name] of (due.get(second) ?? []).entries()) {
          dice = (index * 0.37) % 1;
          const told = await register(token, name);
          if (told.status === 201) keys.push(told.body.api_key);
          else {
            assert.deepEqual([told.status, told.body.error], [429, "rate_limited"]);
            const after = told.headers.get("retry-after") ?? "";
            assert.match(after, /^[1-9]\d*$/);
            waits.push(after);
            const at = second + Number(after);
            due.set(at, [...(due.get(at) ?? []), name]);
          }
        }
        clock.advance(1_000_000);
      }
      assert.equal(new Set(keys).size, 7);
      assert.ok(new Set(waits).size > 1, waits.join());
    });

    it("counts each device by itself, and none of them for people", async () => {
      const token = await enrolment();
      const { api_key } = (await register(token, "busy")).body;
      const { api_key: other } = (await register(token, "calm")).body;
      const left = async () => {
        const path = `/api/v1/devices?org_id=${first.orgId}`;
        return Number((await running.ask("GET", path)).headers.get("x-ratelimit-remaining"));
      };
      const before = await left();
      const beat = (key: string) =>
        running.ask("POST", "/api/v1/devices/heartbeat", { token: key, body: {} });
      const statuses = [];
      for (let time = 0; time < 4; time++) statuses.push((await beat(api_key)).status);
      assert.deepEqual(statuses, [200, 200, 200, 429]);
      const told = await beat(other);
      assert.deepEqual([told.status, told.headers.get("x-ratelimit-limit")], [200, "3"]);
      assert.equal(await left(), before - 1);
      clock.advance(61_000_000);
      assert.equal((await beat(api_key)).status, 200);
    });
  });

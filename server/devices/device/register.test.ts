import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { engines } from "../../../test/engines.ts";
import { first, type Running, startServer, steppingClock } from "../../../test/server.ts";

for (const engine of engines)
  describe(`registering on ${engine.name}`, () => {
    let running: Running;
    let ask: Running["ask"];
    const clock = steppingClock();
    before(async () => {
      running = await startServer(await engine.open(), { clock });
      ask = running.ask;
    });
    after(() => running.stop());

    const enrolment = async () =>
      (await ask("POST", "/api/v1/enrolment-tokens", { body: { org_id: first.orgId, name: "Tills" } })).body
        .token as string;
    const register = (device_identifier: string, token?: string, body: object = {}) =>
      ask("POST", "/api/v1/devices/register", {
        ...(token && { token }),
        body: { device_identifier, ...body },
      });
    const state = async (id: string) => (await ask("GET", `/api/v1/devices/${id}`)).body;

    it("answers a credential once", async () => {
      const token = await enrolment();
      const made = await register("once", token, { model: "A" });
      assert.equal(made.status, 201);
      assert.match(made.body.api_key, /^fld_[0-9A-Za-z]{46}$/);
      assert.equal(made.body.api_token, made.body.api_key);
      clock.advance(2_000_000);
      const again = await register("once", made.body.api_key, { model: "B" });
      assert.deepEqual([again.status, again.body.id, again.body.model], [200, made.body.id, "B"]);
      assert.ok(!("api_key" in again.body) && !("api_token" in again.body));
      assert.ok(!JSON.stringify(await state(made.body.id)).includes("fld_"));
    });

    it("a second time takes the device's own credential, or the right to change it", async () => {
      const { body: made } = await register("taken", await enrolment(), { model: "A" });
      const other = (await register("other", await enrolment())).body;
      const reader = await running.tokenWith({ groups: ["Devices Read"] });
      const writer = await running.tokenWith({ groups: ["Devices Write"] });
      const elsewhere = await running.tokenWith({
        groups: ["Devices Write"],
        on: [`com.cloudflare.api.account.device.${other.id}`],
      });
      for (const [token, status] of [
        [await enrolment(), 409],
        [other.api_key, 403],
        [reader, 403],
        [elsewhere, 403],
      ] as const)
        assert.equal((await register("taken", token, { model: "B" })).status, status);
      assert.equal((await state(made.id)).model, "A");
      const changed = await register("taken", writer, { model: "C" });
      assert.deepEqual([changed.status, changed.body.model], [200, "C"]);
      assert.ok(!("api_key" in changed.body));
      assert.equal((await ask("GET", `/api/v1/devices/${made.id}`, { token: made.api_key })).status, 200);
    });

    it("tells a device nothing of others: one that is there and one that is not look alike", async () => {
      const { api_key } = (await register("curious", await enrolment())).body;
      await register("known", await enrolment());
      const [known, unknown] = [await register("known", api_key), await register("unknown", api_key)];
      const { request_id: _, ...same } = known.body;
      const { request_id: __, ...other } = unknown.body;
      assert.deepEqual([known.status, same], [403, other]);
    });

    it("leaves an audit entry that names who enrolled, and none for what repeats", async () => {
      const token = await enrolment();
      const { id, api_key } = (await register("audited", token)).body;
      await register("audited", api_key, { model: "B" });
      await register("audited", await enrolment());
      const entries = await running.store.read((db) =>
        db.selectFrom("audit_entry").selectAll().orderBy("sequence").execute(),
      );
      const own = entries.map(({ text }) => text).filter((text) => text.includes("audited"));
      assert.deepEqual(
        own.map((text) => {
          const { actor, operation, result } = JSON.parse(text);
          return [actor.type, operation, result];
        }),
        [
          ["enrolment", "device.register", "success"],
          ["enrolment", "device.register", "failure"],
        ],
      );
      assert.ok(own[0]?.includes(id) && !JSON.stringify(entries).includes(api_key));
    });

    it("reads what the user of a device is from people, and never from itself", async () => {
      const user = { email: "one@example.com" };
      assert.equal((await register("named", undefined, { user })).body.user.email, "one@example.com");
      const { body: own } = await register("unnamed", await enrolment(), { user });
      assert.equal(own.user, null);
      await register("unnamed", own.api_key, { user });
      assert.equal((await state(own.id)).user, null);
    });
  });

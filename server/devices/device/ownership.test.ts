import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { engines } from "../../../test/engines.ts";
import { first, type Running, startServer, steppingClock } from "../../../test/server.ts";

for (const engine of engines)
  describe(`whose word counts on ${engine.name}`, () => {
    let running: Running;
    let ask: Running["ask"];
    const clock = steppingClock();
    before(async () => {
      running = await startServer(await engine.open(), { clock });
      ask = running.ask;
    });
    after(() => running.stop());

    const enrolled = async (device_identifier: string, fixed: object, body: object = {}) => {
      const wanted = { org_id: first.orgId, name: "Tills", fixed };
      const { token } = (await ask("POST", "/api/v1/enrolment-tokens", { body: wanted })).body;
      const said = { device_identifier, ...body };
      return (await ask("POST", "/api/v1/devices/register", { token, body: said })).body;
    };
    const get = async (id: string) => (await ask("GET", `/api/v1/devices/${id}`)).body;
    const edit = (id: string, body: object) => ask("PATCH", `/api/v1/devices/${id}`, { body });
    const beat = (token: string, body: object) => ask("POST", "/api/v1/devices/heartbeat", { token, body });

    it("an operator's over the device's, until it is taken back", async () => {
      const { id, api_key } = await enrolled("operated", {}, { model: "Own", labels: { site: "own" } });
      const said = { model: "Said", labels: { site: "said" }, network: "said", region: "eu" };
      assert.equal((await edit(id, said)).status, 200);
      const own = { model: "Own", labels: { site: "own" }, network: "own", region: "us", locale: "de" };
      await beat(api_key, own);
      const held = await get(id);
      assert.deepEqual(
        [held.model, held.labels, held.network, held.region, held.locale],
        ["Said", { site: "said" }, "said", "eu", "de"],
      );
      const back = await edit(id, { model: null, labels: { site: null }, network: null });
      assert.deepEqual([back.body.model, back.body.labels, back.body.network], [null, {}, null]);
      await beat(api_key, own);
      const free = await get(id);
      assert.deepEqual(
        [free.model, free.labels, free.network, free.region],
        ["Own", { site: "own" }, "own", "eu"],
      );
    });

    it("an operator's over what enrolment fixed, and that over the device's", async () => {
      const { id, api_key } = await enrolled("fixed", { region: "eu", labels: { site: "fixed" } });
      await beat(api_key, { region: "us", labels: { site: "own" } });
      assert.deepEqual([(await get(id)).region, (await get(id)).labels], ["eu", { site: "fixed" }]);
      await edit(id, { region: "asia" });
      await beat(api_key, { region: "us" });
      assert.equal((await get(id)).region, "asia");
      await edit(id, { region: null, labels: { site: null } });
      await beat(api_key, { region: "us", labels: { site: "own" } });
      assert.deepEqual([(await get(id)).region, (await get(id)).labels], ["us", { site: "own" }]);
    });

    it("a device's own change is its own word, and takes nothing back from others", async () => {
      const { id, api_key } = await enrolled("itself", { model: "Fixed" }, { locale: "de" });
      await edit(id, { region: "eu" });
      const body = { region: null, model: null, locale: null, labels: { own: "yes" } };
      const told = await ask("PATCH", `/api/v1/devices/${id}`, { token: api_key, body });
      assert.equal(told.status, 200);
      const { region, model, locale, labels } = told.body;
      assert.deepEqual([region, model, locale, labels], ["eu", "Fixed", null, { own: "yes" }]);
    });

    it("of who uses a device only an operator's or its enrolment's", async () => {
      const { id, api_key } = await enrolled("used", { user: { email: "fixed@example.com" } });
      assert.equal((await get(id)).user.email, "fixed@example.com");
      await beat(api_key, { user: { email: "own@example.com" } });
      assert.equal((await get(id)).user.email, "fixed@example.com");
      await edit(id, { user: { id: "u1", groups: [{ name: "Finance" }] } });
      const { user } = await get(id);
      assert.deepEqual([user.id, user.email, user.groups[0].name], ["u1", null, "Finance"]);
      await edit(id, { user: null });
      await beat(api_key, { user: { email: "own@example.com" } });
      assert.equal((await get(id)).user, null);
    });

    it("the same word again changes nothing", async () => {
      const { id } = await enrolled("same", {}, { model: "M" });
      const { updated_at } = (await edit(id, { model: "M" })).body;
      clock.advance(2_000_000);
      assert.equal((await edit(id, { model: "M" })).body.updated_at, updated_at);
    });
  });

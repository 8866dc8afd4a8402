import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { engines } from "../../../test/engines.ts";
import { first, type Running, startServer, steppingClock } from "../../../test/server.ts";
import { parseInstant, printInstant } from "../../operation/instant.ts";

const tokens = "/api/v1/enrolment-tokens";

for (const engine of engines)
  describe(`enrolment tokens on ${engine.name}`, () => {
    let running: Running;
    let ask: Running["ask"];
    const clock = steppingClock();
    before(async () => {
      running = await startServer(await engine.open(), { clock });
      ask = running.ask;
    });
    after(() => running.stop());

    const create = (body: object = {}, token?: string) =>
      ask("POST", tokens, {
        ...(token && { token }),
        body: { org_id: first.orgId, name: "Kiosks", ...body },
      });
    const made = async (body: object = {}) => (await create(body)).body;
    const get = async (id: string) => (await ask("GET", `${tokens}/${id}`)).body;
    const edit = (id: string, body: object, token?: string) =>
      ask("PATCH", `${tokens}/${id}`, { ...(token && { token }), body });
    let count = 0;
    const register = (token: string, body: object = {}) =>
      ask("POST", "/api/v1/devices/register", {
        token,
        body: { device_identifier: `enrolled ${++count}`, ...body },
      });

    it("is made with a secret that is shown once, found, changed and deleted", async () => {
      const told = await create({ name: " Kiosks ", fixed: { platform: "linux" } });
      const { token, ...shown } = told.body;
      assert.equal(told.status, 201);
      assert.equal(told.headers.get("location"), `${tokens}/${shown.id}`);
      assert.match(token, /^fle_[0-9A-Za-z]{46}$/);
      assert.match(shown.id, /^[0-9a-f]{32}$/);
      assert.deepEqual(await get(shown.id), shown);
      assert.deepEqual(
        [shown.name, shown.status, shown.org_id, shown.fixed, shown.expires_at, shown.last_used_at],
        ["Kiosks", "active", first.orgId, { platform: "linux" }, null, null],
      );
      assert.equal((await register(token)).status, 201);
      const changed = (await edit(shown.id, { name: "Tills", fixed: {} })).body;
      assert.deepEqual([changed.name, changed.fixed], ["Tills", {}]);
      clock.advance(2_000_000);
      const again = (await edit(shown.id, { name: "Tills" })).body;
      assert.equal(again.updated_at, changed.updated_at);
      assert.equal((await ask("DELETE", `${tokens}/${shown.id}`)).status, 204);
      assert.deepEqual([(await get(shown.id)).error, (await register(token)).status], ["not_found", 401]);
    });

    it("is listed by pages, and never with its secret", async () => {
      const secrets: string[] = [];
      for (const name of ["one", "two", "three"]) secrets.push((await made({ name })).token);
      const list = async (query: string) =>
        (await ask("GET", `${tokens}?org_id=${first.orgId}&${query}`)).body;
      const { total, enrolment_tokens: all } = await list("");
      assert.equal(all.length, total);
      assert.deepEqual(
        all.slice(-3).map(({ name }: { name: string }) => name),
        ["one", "two", "three"],
      );
      assert.ok(!secrets.some((secret) => JSON.stringify(all).includes(secret)));
      const page = await list(`limit=2&offset=${total - 3}`);
      assert.deepEqual([page.enrolment_tokens[0].name, page.has_more], ["one", true]);
      const rest = await list(`limit=2&cursor=${page.next_cursor}`);
      assert.deepEqual([rest.enrolment_tokens[0].name, rest.has_more], ["three", false]);
    });

    it("is taken until it expires or is disabled, to the microsecond", async () => {
      const end = clock.now() + 60_000_000;
      const { id, token } = await made({ expires_at: printInstant(end, "micro") });
      assert.equal((await register(token)).status, 201);
      // The next look at the clock is a microsecond later: that of the request is the first that is too late.
      clock.advance(end - clock.now() - 1);
      const late = await register(token);
      assert.deepEqual([late.status, late.body.code], [401, "token_expired"]);
      assert.equal((await get(id)).status, "expired");
      assert.equal((await edit(id, { expires_at: null })).body.status, "active");
      assert.equal((await register(token)).status, 201);
      assert.equal((await edit(id, { disabled: true })).body.status, "disabled");
      assert.equal((await register(token)).status, 401);
      await edit(id, { disabled: false });
      assert.equal((await register(token)).status, 201);
      assert.equal((await register(token.replace(/.$/, "!"))).status, 401);
      assert.equal((await register("fle_".padEnd(50, "0"))).status, 401);
    });

    it("notes its last use, once a minute at most", async () => {
      const { id, token } = await made();
      const lastUse = async () => {
        await running.server.settled();
        return (await get(id)).last_used_at;
      };
      assert.equal(await lastUse(), null);
      await register(token);
      const noted = await lastUse();
      clock.advance(50_000_000);
      await register(token);
      assert.equal(await lastUse(), noted);
      clock.advance(10_000_000);
      await register(token);
      assert.ok(parseInstant(await lastUse()) >= parseInstant(noted) + 60_000_000);
    });

    it("registers devices and does nothing else", async () => {
      const { id, token } = await made();
      const { body: device } = await register(token);
      for (const [method, path, body] of [
        ["GET", `/api/v1/devices?org_id=${first.orgId}`],
        ["GET", `/api/v1/devices/${device.id}`],
        ["PATCH", `/api/v1/devices/${device.id}`, { labels: { a: "b" } }],
        ["POST", `/api/v1/devices/${device.id}/heartbeat`, {}],
        ["POST", "/api/v1/devices/heartbeat", { device_identifier: device.device_identifier }],
        ["GET", `${tokens}/${id}`],
        ["GET", `${tokens}?org_id=${first.orgId}`],
        ["DELETE", `${tokens}/${id}`],
        ["POST", tokens, { org_id: first.orgId, name: "Another" }],
        ["GET", `/client/v4/accounts/${first.accountId}/tokens`],
      ] as const)
        assert.equal((await ask(method, path, { token, body })).status, 403, `${method} ${path}`);
    });

    it("fixes what its devices are, over their own words", async () => {
      const user = { id: "u1", email: "one@example.com", groups: [{ name: "Finance" }], saml_attributes: [] };
      const fixed = {
        ...{ platform: "linux", region: "eu", network: "office", user, battery_pct: 5 },
        ...{ labels: { site: "berlin" }, metadata: { shelf: null }, capabilities: { nfc: true } },
      };
      const { id, token, fixed: shown } = await made({ fixed });
      assert.deepEqual(shown, fixed);
      const own = {
        ...{ platform: "ios", region: "us", network: "home", battery_pct: 90, model: "M" },
        ...{ labels: { site: "paris", ring: "one" }, metadata: { shelf: 1, box: 2 }, capabilities: {} },
      };
      const { body: device } = await register(token, { ...own, user: { email: "two@example.com" } });
      const path = `/api/v1/devices/${device.id}`;
      const wanted = {
        ...{ platform: "linux", region: "eu", network: "office", battery_pct: 5, model: "M" },
        ...{ labels: { site: "berlin", ring: "one" }, metadata: { shelf: null, box: 2 } },
        capabilities: { nfc: true },
      };
      const check = async (label: string) => {
        const { body } = await ask("GET", path);
        for (const [name, value] of Object.entries(wanted))
          assert.deepEqual(body[name], value, `${label}: ${name}`);
        assert.deepEqual([body.user.email, body.user.groups[0].name], ["one@example.com", "Finance"], label);
      };
      await check("registered");
      const { api_key } = device;
      await ask("POST", `${path}/heartbeat`, { token: api_key, body: own });
      await check("after a heartbeat");
      await ask("PATCH", path, { token: api_key, body: { ...own, labels: { site: null, ring: "one" } } });
      await check("after its own change");
      await ask("POST", "/api/v1/devices/register", {
        token: api_key,
        body: { ...own, device_identifier: device.device_identifier },
      });
      await check("registered again");
      // What a token fixes later holds for those who enrol later.
      await edit(id, { fixed: { region: "asia" } });
      await check("after the token changed");
      assert.equal((await register(token)).body.region, "asia");
    });

    it("refuses to fix more than one device can have", async () => {
      const many = Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`label ${index}`, "x"]));
      for (const [fixed, pointer] of [
        [{ metadata: { a: "x".repeat(17_000) } }, "/fixed/metadata"],
        [{ labels: many }, "/fixed/labels"],
        [{ platform: "No Slug" }, "/fixed/platform"],
      ] as const) {
        const refused = await create({ fixed });
        assert.deepEqual([refused.status, refused.body.details.pointer], [400, pointer]);
      }
      const version = await made({ fixed: { client_version: "1" } });
      assert.deepEqual(version.fixed, {});
      assert.equal((await register(version.token)).body.client_version, null);
    });

    it("is given only by whoever may register devices, or may give any rights", async () => {
      const narrow = await running.tokenWith({
        groups: ["Devices Write"],
        on: ["com.cloudflare.api.account.enrolment-token.*"],
      });
      const beyond = await create({}, narrow);
      assert.equal(beyond.status, 403);
      assert.deepEqual(beyond.body.details.decided_by, "grant-rule");
      const { id } = await made();
      assert.equal((await edit(id, { name: "Renamed" }, narrow)).status, 200);
      assert.equal((await edit(id, { disabled: true }, narrow)).status, 200);
      assert.equal((await edit(id, { disabled: false }, narrow)).status, 403);
      const writer = await running.tokenWith({ groups: ["Devices Write"] });
      assert.equal((await create({}, writer)).status, 201);
    });

    it("leaves an audit entry for every change, without its secret", async () => {
      const { id, token } = await made({ name: "Audited" });
      await edit(id, { name: "Audited anew" });
      await ask("DELETE", `${tokens}/${id}`);
      const entries = await running.store.read((db) =>
        db.selectFrom("audit_entry").selectAll().orderBy("sequence").execute(),
      );
      const texts = entries.map((entry) => JSON.stringify(entry)).filter((text) => text.includes(id));
      assert.deepEqual(
        texts.map((text) => /enrolment-token\.\w+/.exec(text)?.[0]),
        ["enrolment-token.create", "enrolment-token.update", "enrolment-token.delete"],
      );
      assert.ok(!JSON.stringify(entries).includes(token));
    });
  });

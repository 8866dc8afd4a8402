import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { engines } from "../../../test/engines.ts";
import { first, type Running, startServer, steppingClock } from "../../../test/server.ts";
import { parseInstant, printInstant } from "../../operation/instant.ts";
import { addressAllowed } from "./address.ts";

const tokens = `/client/v4/accounts/${first.accountId}/tokens`;
const account = `com.cloudflare.api.account.${first.accountId}`;
const devicesRead = "68bb091808b85a39a9322c9458dc5b56";
const tokensWrite = "9e4b0ad92f9f5f2228350595ad3ed060";
const superAdministrator = "3f267360400b650078a01363304f1cdc";

const allow = (...ids: string[]) => ({
  effect: "allow",
  permission_groups: ids.map((id) => ({ id })),
  resources: { [account]: "*" },
});

for (const engine of engines)
  describe(`API tokens on ${engine.name}`, () => {
    let running: Running;
    let ask: Running["ask"];
    const clock = steppingClock();
    before(async () => {
      running = await startServer(await engine.open(), { clock });
      ask = running.ask;
    });
    after(() => running.stop());

    const create = async (more: object = {}, token?: string) =>
      ask("POST", tokens, {
        ...(token && { token }),
        body: { name: "t", policies: [allow(devicesRead)], ...more },
      });
    const made = async (more: object = {}) => (await create(more)).body.result;
    const use = async (token: string) =>
      (await ask("GET", `/api/v1/devices?org_id=${first.orgId}`, { token })).status;
    const standing = async (token: string) =>
      (await ask("GET", `${tokens}/verify`, { token })).body.result?.status;
    const update = (id: string, body: object) =>
      ask("PUT", `${tokens}/${id}`, { body: { name: "t", policies: [allow(devicesRead)], ...body } });

    it("works from the answer that shows its secret to the answer that ends it", async () => {
      const { id, value } = await made();
      assert.match(value, /^flat_[0-9A-Za-z]{46}$/);
      assert.equal(await use(value), 200);
      assert.ok(!JSON.stringify((await ask("GET", `${tokens}/${id}`)).body).includes(value));
      const { body: rolled } = await ask("PUT", `${tokens}/${id}/value`);
      assert.deepEqual([await use(value), await use(rolled.result)], [401, 200]);
      assert.equal((await update(id, { status: "disabled" })).body.result.status, "disabled");
      assert.deepEqual([await use(rolled.result), await standing(rolled.result)], [401, "disabled"]);
      await update(id, { status: "active" });
      assert.equal(await use(rolled.result), 200);
      assert.deepEqual((await ask("DELETE", `${tokens}/${id}`)).body.result, { id });
      assert.deepEqual([await use(rolled.result), await standing(rolled.result)], [401, undefined]);
    });

    it("is taken from not_before on and until expires_on, to the microsecond", async () => {
      const at = (us: number) => printInstant(us, "micro");
      const begin = clock.now() + 60_000_000;
      const end = begin + 60_000_000;
      const { id, value } = await made({ not_before: at(begin), expires_on: at(end) });
      assert.deepEqual([await use(value), await standing(value)], [401, "active"]);
      clock.advance(begin - clock.now());
      assert.deepEqual([await use(value), await standing(value)], [200, "active"]);
      clock.advance(end - clock.now());
      assert.deepEqual([await use(value), await standing(value)], [401, "expired"]);
      const ids = async (query: string) =>
        (await ask("GET", `${tokens}?per_page=50${query}`)).body.result.map((each: any) => each.id);
      assert.ok(!(await ids("")).includes(id));
      assert.ok((await ids("&include_expired=true")).includes(id));
      const longer = await update(id, { expires_on: null, not_before: null, status: "expired" });
      assert.ok(!("expires_on" in longer.body.result) && longer.body.result.status === "active");
      assert.equal(await use(value), 200);
      const turned = await update(id, { not_before: at(end), expires_on: at(begin) });
      assert.deepEqual([turned.status, turned.body.errors[0].source.pointer], [400, "/expires_on"]);
    });

    it("shows a given instant as the same instant, and its own times in microseconds", async () => {
      const result = await made({ expires_on: "2030-01-01T01:00:00+01:00" });
      assert.equal(result.expires_on, "2030-01-01T00:00:00Z");
      assert.match(result.issued_on, /\.\d{6}Z$/);
    });

    it("is refused from an address that its condition leaves out", async () => {
      const { id, value } = await made({ condition: { request_ip: { not_in: ["127.0.0.0/8"] } } });
      assert.equal(await use(value), 401);
      const inside = { condition: { request_ip: { in: ["127.0.0.1"], not_in: ["10.0.0.0/8"] } } };
      assert.deepEqual((await update(id, inside)).body.result.condition, inside.condition);
      assert.equal(await use(value), 200);
      assert.deepEqual((await update(id, {})).body.result.condition, inside.condition);
      assert.ok(!("condition" in (await update(id, { condition: null })).body.result));
      const wrong = await create({ condition: { request_ip: { in: ["10.0.0.0/8", "10.0.0.0/33"] } } });
      assert.equal(wrong.body.errors[0].source.pointer, "/condition/request_ip/in/1");
    });

    it("notes its last use, once a minute at most", async () => {
      const { id, value } = await made();
      const lastUse = async () => {
        await running.server.settled();
        return (await ask("GET", `${tokens}/${id}`)).body.result.last_used_on;
      };
      assert.equal(await lastUse(), undefined);
      await use(value);
      const noted = await lastUse();
      await use(value);
      assert.equal(await lastUse(), noted);
      clock.advance(60_000_000);
      await use(value);
      assert.ok(parseInstant(await lastUse()) >= parseInstant(noted) + 60_000_000);
    });

    it("keeps the ids of policies that stay as they are", async () => {
      const policies = [allow(devicesRead), allow(tokensWrite)];
      const before = await made({ policies });
      const same = (await update(before.id, { policies })).body.result;
      assert.deepEqual([same.policies, same.modified_on], [before.policies, before.modified_on]);
      const [, second] = before.policies;
      const turned = (await update(before.id, { policies: [policies[1], allow(superAdministrator)] })).body
        .result;
      assert.equal(turned.policies[0].id, second.id);
      assert.ok(!before.policies.some(({ id }: any) => id === turned.policies[1].id));
    });

    it("can't be given rights that its giver does not have", async () => {
      const giver = await running.tokenWith({ groups: ["Account API Tokens Write", "Devices Read"] });
      const administrator = await running.tokenWith({ groups: ["Administrator"] });
      assert.equal((await create({}, giver)).status, 200);
      const beyond = await create({ policies: [allow("9f582aedb69f8578676a74f65988c677")] }, giver);
      assert.equal(beyond.status, 403);
      assert.match(beyond.body.errors[0].message, /grant rule.*device\.write.*Devices Write/);
      assert.equal(
        (await create({ policies: [allow("9f582aedb69f8578676a74f65988c677")] }, administrator)).status,
        200,
      );
      assert.equal((await create({ policies: [allow(superAdministrator)] }, administrator)).status, 403);
      const { id } = await made({ policies: [allow(superAdministrator)] });
      assert.equal((await ask("PUT", `${tokens}/${id}/value`, { token: administrator })).status, 403);
      const renamed = { name: "renamed", policies: [allow(superAdministrator)] };
      assert.equal((await ask("PUT", `${tokens}/${id}`, { token: giver, body: renamed })).status, 200);
      const limited = { ...renamed, expires_on: "2040-01-01T00:00:00Z" };
      assert.equal((await ask("PUT", `${tokens}/${id}`, { token: giver, body: limited })).status, 200);
      const extended = { ...renamed, expires_on: "2041-01-01T00:00:00Z" };
      assert.equal((await ask("PUT", `${tokens}/${id}`, { token: giver, body: extended })).status, 403);
    });

    it("names the permission group that there is not", async () => {
      const unknown = await create({ policies: [allow(devicesRead), allow(devicesRead, "no such")] });
      assert.equal(unknown.body.errors[0].source.pointer, "/policies/1/permission_groups/1/id");
    });
  });

describe("an address condition", () => {
  const allowed = (address: string, within: string[], without: string[] = []) =>
    addressAllowed({ request_ip: { in: within, not_in: without } }, address);

  it("takes what is in one block of `in` and in none of `not_in`", () => {
    assert.ok(allowed("192.0.2.7", ["198.51.100.0/24", "192.0.2.0/24"]));
    assert.ok(!allowed("192.0.3.7", ["192.0.2.0/24"]));
    assert.ok(!allowed("192.0.2.7", ["192.0.2.0/24"], ["192.0.2.7/32"]));
    assert.ok(allowed("192.0.2.8", [], ["192.0.2.7"]));
    assert.ok(addressAllowed(null, "anything") && addressAllowed({}, "anything"));
  });

  it("takes IPv4 within IPv6 for IPv4, and nothing that is no address", () => {
    assert.ok(allowed("::ffff:192.0.2.7", ["192.0.2.0/24"]));
    assert.ok(!allowed("::ffff:192.0.2.7", [], ["192.0.2.0/24"]));
    assert.ok(allowed("192.0.2.7", ["::ffff:192.0.2.0/120"]));
    assert.ok(allowed("2001:db8::1", ["2001:db8::/32"]));
    assert.ok(!allowed("2001:db8::1", ["0.0.0.0/0"]));
    assert.ok(!allowed("", ["0.0.0.0/0"]) && !allowed("nonsense", [], ["10.0.0.0/8"]));
  });
});

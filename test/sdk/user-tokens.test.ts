import assert from "node:assert/strict";
import { it } from "node:test";
import type { TokenCreateParams } from "cloudflare/resources/user/tokens/tokens";
import { first } from "../server.ts";
import { allow, allowPeople, group, wholeAccount } from "./grants.ts";
import { person } from "./people.ts";
import { last, type Recorded, raw, type Setting, withClient } from "./recorded.ts";

const account_id = first.accountId;
const minimal: TokenCreateParams = { name: "my token", policies: [allow(group.devicesRead)] };

/** Somebody new with some rights on the first account, who sends a key. */
async function somebody(at: Setting, email: string, ...groups: string[]): Promise<Recorded> {
  const policies = groups.length > 0 ? [allowPeople(...groups)] : [];
  const { apiEmail, apiKey } = await person(at.running, email, policies);
  return at.with({ apiEmail, apiKey });
}

withClient("user tokens through the official client", (at) => {
  making(at);
  updating(at);
  rolling(at);
  rights(at);
  paging(at);
  permissionGroups(at);
});

function making(at: Setting): void {
  it("are created, got and listed with the same bytes, but for the value", async () => {
    const { client, wire } = await somebody(at, "makes@x.test");
    const { tokens } = client.user;
    const { value, ...made } = await tokens.create(minimal);
    assert.match(value ?? "", /^[0-9A-Za-z\-_]{40,80}$/);
    assert.match(made.id ?? "", /^[0-9a-f]{32}$/);
    assert.match(made.issued_on ?? "", /^2026-11-21T09:\d\d:\d\d\.\d{6}Z$/);
    assert.deepEqual([made.name, made.status, made.modified_on], ["my token", "active", made.issued_on]);
    for (const member of ["expires_on", "not_before", "condition"]) assert.equal(member in raw(wire), false);
    await tokens.get(made.id ?? "");
    const got = JSON.stringify(raw(wire));
    assert.deepEqual(JSON.parse(got), JSON.parse(JSON.stringify(made)));
    await tokens.list();
    assert.ok(last(wire).text.includes(got));
    assert.ok(!last(wire).text.includes(value ?? ""));
  });

  it("show dates, a condition and the order of policies as they were given", async () => {
    const { client } = await somebody(at, "gives@x.test");
    const given = {
      expires_on: "2030-01-01T00:00:00Z",
      not_before: "2018-07-01T05:20:00.123456Z",
      condition: { request_ip: { in: ["123.123.123.0/24"], not_in: ["123.123.123.100/32"] } },
    };
    const policies = [
      { ...allow(group.zoneRead, group.devicesRead), effect: "deny" as const },
      {
        ...allow(group.devicesRead),
        resources: { [`${wholeAccount}`]: { "com.cloudflare.api.account.zone.a": "*" } },
      },
    ];
    const { id = "" } = await client.user.tokens.create({ name: "dated", policies, ...given });
    const shown = await client.user.tokens.get(id);
    for (const [member, value] of Object.entries(given))
      assert.deepEqual(shown[member as "condition"], value);
    assert.deepEqual(
      shown.policies?.map(({ effect, permission_groups, resources }) => ({
        effect,
        permission_groups: permission_groups.map(({ id }) => ({ id })),
        resources,
      })),
      policies,
    );
  });

  it("are deleted once, without a body, and answered with the id", async () => {
    const { client, wire } = await somebody(at, "deletes@x.test");
    const { id = "", value = "" } = await client.user.tokens.create(minimal);
    assert.deepEqual({ ...(await client.user.tokens.delete(id)) }, { id });
    assert.deepEqual([last(wire).body, last(wire).sent.has("content-type")], [undefined, false]);
    await assert.rejects(client.user.tokens.get(id), { status: 404 });
    await assert.rejects(at.with({ apiToken: value }).client.user.tokens.verify(), { status: 401 });
  });
}

function updating(at: Setting): void {
  it("are renamed, disabled and made active again, and keep what an update leaves out", async () => {
    const { client, wire } = await somebody(at, "updates@x.test");
    const { tokens } = client.user;
    const condition = { request_ip: { in: ["127.0.0.0/8"] } };
    const { value = "", ...made } = await tokens.create({ ...minimal, condition });
    const id = made.id ?? "";
    at.clock.advance(60_000_000);
    const renamed = await tokens.update(id, { ...minimal, name: "renamed" });
    assert.deepEqual({ ...renamed }, { ...made, name: "renamed", modified_on: renamed.modified_on });
    const { text } = last(wire);
    await tokens.get(id);
    assert.equal(last(wire).text, text);
    await tokens.update(id, { ...minimal, name: "renamed" });
    assert.equal(last(wire).text, text);
    const verify = () => at.with({ apiToken: value }).client.user.tokens.verify();
    for (const status of ["disabled", "active"] as const) {
      assert.equal((await tokens.update(id, { ...minimal, status })).status, status);
      assert.deepEqual({ ...(await verify()) }, { id, status });
    }
    await tokens.update(id, { ...minimal, condition: null } as never);
    assert.equal("condition" in raw(wire), false);
  });
}

function rolling(at: Setting): void {
  it("are rolled without any body, and with an empty one; the old value ends", async () => {
    const { client, wire } = await somebody(at, "rolls@x.test");
    const { tokens } = client.user;
    const { id = "", value = "" } = await tokens.create(minimal);
    const second = await tokens.value.update(id);
    assert.deepEqual([last(wire).body, last(wire).sent.has("content-type")], [undefined, false]);
    assert.match(second, /^[0-9A-Za-z\-_]{40,80}$/);
    const third = await tokens.value.update(id, { body: {} });
    const verify = (apiToken: string) => at.with({ apiToken }).client.user.tokens.verify();
    for (const ended of [value, second]) await assert.rejects(verify(ended), { status: 401 });
    const standing = at.with({ apiToken: third });
    assert.deepEqual({ ...(await standing.client.user.tokens.verify()) }, { id, status: "active" });
    const [message] = JSON.parse(last(standing.wire).text).messages;
    assert.deepEqual([message.code, message.message], [10000, "This API Token is valid and active"]);
  });
}

function rights(at: Setting): void {
  it("can do what they say as far as their person can, from the next request on", async () => {
    const who = await person(at.running, "cut@x.test", [allowPeople(group.settingsRead)]);
    const { client } = at.with({ apiEmail: who.apiEmail, apiKey: who.apiKey });
    const policies = [allow(group.settingsRead, group.zeroTrustWrite)];
    const { value = "" } = await client.user.tokens.create({ name: "wide", policies });
    const { client: own } = at.with({ apiToken: value });
    const rings = () => own.zeroTrust.devices.deploymentGroups.list({ account_id });
    assert.equal((await own.accounts.get({ account_id })).id, account_id);
    await assert.rejects(rings(), { status: 403 });
    const { members } = at.client.accounts;
    await members.update(who.id, { account_id, policies: [allowPeople(group.zeroTrustRead)] });
    assert.deepEqual((await rings()).result, []);
    await assert.rejects(own.accounts.get({ account_id }), { status: 403 });
    await members.delete(who.id, { account_id });
    await assert.rejects(rings(), { status: 403 });
    await assert.rejects(own.user.tokens.verify(), { status: 401 });
  });
}

function paging(at: Setting): void {
  it("are paged through to the end, oldest first or newest first, and are nobody else's", async () => {
    const { client, wire } = await somebody(at, "pages@x.test");
    await (await somebody(at, "others@x.test")).client.user.tokens.create(minimal);
    const made: unknown[] = [];
    for (let i = 0; i < 7; i += 1) made.push((await client.user.tokens.create(minimal)).id);
    for (const [direction, expected] of [
      ["asc", made],
      ["desc", made.toReversed()],
    ] as const) {
      const before = wire.length;
      const listed: unknown[] = [];
      for await (const { id } of client.user.tokens.list({ per_page: 5, direction })) listed.push(id);
      assert.deepEqual(listed, expected);
      assert.equal(wire.length, before + 3);
    }
    const dated = { ...minimal, expires_on: "2026-12-01T00:00:00Z" };
    const { id } = await client.user.tokens.create(dated);
    at.clock.advance(Date.UTC(2026, 11, 1) * 1000 - at.clock.now());
    assert.equal((await client.user.tokens.list()).result.length, 7);
    const { result } = await client.user.tokens.list({ include_expired: true, direction: "desc" });
    assert.deepEqual([result[0]?.id, result[0]?.status], [id, "expired"]);
  });
}

function permissionGroups(at: Setting): void {
  it("can name the permission groups that account tokens can", async () => {
    const { client } = await somebody(at, "names@x.test");
    const listed = [];
    for await (const each of client.user.tokens.permissionGroups.list()) listed.push(each);
    assert.deepEqual(listed, await at.client.accounts.tokens.permissionGroups.get({ account_id }));
  });

  const names = async ({ client }: Recorded, filter: { name?: string; scope?: string }) =>
    (await client.user.tokens.permissionGroups.list(filter)).result.map(({ name }) => name);
  const name = "Account Settings Write";
  const scope = "com.cloudflare.api.account";

  it("find permission groups by name and scope", async () => {
    const own = await somebody(at, "finds@x.test");
    assert.deepEqual(await names(own, { name }), [name]);
    assert.deepEqual(await names(own, { name: "no such group" }), []);
    assert.deepEqual(await names(own, { name, scope }), [name]);
    assert.deepEqual(await names(own, { name, scope: `${scope}.zone` }), []);
  });

  it("find permission groups by what is encoded twice, as account tokens do", async () => {
    const own = await somebody(at, "finds-encoded@x.test");
    for (const encoded of [encodeURIComponent(name), "Account+Settings+Write"])
      assert.deepEqual(await names(own, { name: encoded }), [name]);
    assert.deepEqual(await names(own, { name, scope: scope.replaceAll(".", "%2E") }), [name]);
  });
}

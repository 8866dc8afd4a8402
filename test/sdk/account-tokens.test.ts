import assert from "node:assert/strict";
import { it } from "node:test";
import type { TokenCreateParams } from "cloudflare/resources/accounts/tokens/tokens";
import { first } from "../server.ts";
import { allow, group, wholeAccount } from "./grants.ts";
import { last, raw, type Setting, withClient } from "./recorded.ts";

const account_id = first.accountId;
const minimal: TokenCreateParams = {
  account_id,
  name: "readonly token",
  policies: [allow(group.devicesRead)],
};
const tokensOf = (at: Setting) => at.client.accounts.tokens;

withClient("account tokens through the official client", (at) => {
  making(at);
  ordering(at);
  updating(at);
  rolling(at);
  paging(at);
  permissionGroups(at);
});

function making(at: Setting): void {
  it("are created, got and listed with the same bytes, but for the value", async () => {
    const { value, ...made } = await tokensOf(at).create(minimal);
    assert.match(value ?? "", /^[0-9A-Za-z\-_]{40,80}$/);
    assert.match(made.id ?? "", /^[0-9a-f]{32}$/);
    assert.match(made.issued_on ?? "", /^2026-11-21T09:\d\d:\d\d\.\d{6}Z$/);
    assert.deepEqual([made.status, made.modified_on], ["active", made.issued_on]);
    await tokensOf(at).get(made.id as string, { account_id });
    const got = JSON.stringify(raw(at.wire));
    assert.deepEqual(JSON.parse(got), JSON.parse(JSON.stringify(made)));
    await tokensOf(at).list({ account_id, per_page: 50 });
    assert.ok(last(at.wire).text.includes(got));
    assert.ok(!last(at.wire).text.includes('"value":"flat_'));
  });

  it("leave out what was never set, and what was set to null", async () => {
    const unset = { expires_on: null, not_before: null, condition: null };
    for (const more of [{}, unset, { condition: {} }, { condition: { request_ip: null } }]) {
      const { id } = await tokensOf(at).create({ ...minimal, ...more } as TokenCreateParams);
      const optional = ["expires_on", "not_before", "condition", "last_used_on"];
      for (const member of optional) assert.equal(member in raw(at.wire), false);
      await tokensOf(at).get(id as string, { account_id });
      for (const member of [...optional, "value"]) assert.equal(member in raw(at.wire), false);
    }
  });

  it("show dates and a condition as they were given", async () => {
    const given = {
      expires_on: "2030-01-01T00:00:00Z",
      not_before: "2018-07-01T05:20:00.123456Z",
      condition: {
        request_ip: { in: ["123.123.123.0/24", "2606:4700::/32"], not_in: ["123.123.123.100/24"] },
      },
    };
    const { id } = await tokensOf(at).create({ ...minimal, ...given });
    const shown = await tokensOf(at).get(id as string, { account_id });
    for (const [member, value] of Object.entries(given))
      assert.deepEqual(shown[member as "condition"], value);
    const offset = await tokensOf(at).create({ ...minimal, expires_on: "2030-01-01T01:00:00.5+01:00" });
    assert.equal(offset.expires_on, "2030-01-01T00:00:00.500000Z");
  });

  it("say when they were last used, and are not modified by that", async () => {
    const made = await tokensOf(at).create(minimal);
    await at.with({ apiToken: made.value ?? "" }).client.accounts.tokens.verify({ account_id });
    await at.running.server.settled();
    const used = await tokensOf(at).get(made.id as string, { account_id });
    assert.ok((used.last_used_on ?? "") > (made.issued_on ?? ""));
    assert.equal(used.modified_on, made.modified_on);
  });

  it("are deleted once, and answered with the id", async () => {
    const { id = "" } = await tokensOf(at).create(minimal);
    assert.deepEqual({ ...(await tokensOf(at).delete(id, { account_id })) }, { id });
    assert.equal(last(at.wire).body, undefined);
    assert.equal(last(at.wire).sent.has("content-type"), false);
  });
}

function ordering(at: Setting): void {
  it("keep the order of policies and permission groups, with the names of these", async () => {
    const policies = [
      { ...allow(group.devicesWrite, group.zoneRead, group.devicesRead), effect: "deny" as const },
      allow(group.magicNetworkMonitoring),
      allow(group.devicesRead, group.devicesWrite),
    ];
    const made = await tokensOf(at).create({ ...minimal, policies });
    const shown = (token: typeof made) =>
      token.policies?.map(({ effect, permission_groups, resources }) => ({
        effect,
        permission_groups: permission_groups.map(({ id }) => ({ id })),
        resources,
      }));
    assert.deepEqual(shown(made), policies);
    assert.deepEqual(shown(await tokensOf(at).get(made.id as string, { account_id })), policies);
    assert.equal(made.policies?.[0]?.permission_groups[1]?.name, "Zone Read");
    assert.equal(new Set(made.policies?.map(({ id }) => id)).size, 3);
  });

  it("write resources compactly and with sorted keys, as Terraform compares them", async () => {
    const zone = "com.cloudflare.api.account.zone";
    const flat = { [`${zone}.b`]: "*", [wholeAccount]: "*", [`${zone}.a`]: "*" };
    const nested = { [wholeAccount]: { [`${zone}.b`]: "*", [`${zone}.*`]: "*", [`${zone}.a`]: "*" } };
    const policies = [flat, nested].map((resources) => ({ ...allow(group.zoneRead), resources }));
    const { id = "" } = await tokensOf(at).create({ ...minimal, policies });
    const written = [
      `"resources":{"${wholeAccount}":"*","${zone}.a":"*","${zone}.b":"*"}`,
      `"resources":{"${wholeAccount}":{"${zone}.*":"*","${zone}.a":"*","${zone}.b":"*"}}`,
    ];
    for (const text of written) assert.ok(last(at.wire).text.includes(text), last(at.wire).text);
    await tokensOf(at).get(id, { account_id });
    for (const text of written) assert.ok(last(at.wire).text.includes(text), last(at.wire).text);
  });
}

function updating(at: Setting): void {
  it("are renamed, and keep everything that the update leaves out", async () => {
    const condition = { request_ip: { in: ["127.0.0.0/8"] } };
    const { value, ...made } = await tokensOf(at).create({
      ...minimal,
      ...{ condition, expires_on: "2030-01-01T00:00:00Z" },
    });
    at.clock.advance(60_000_000);
    const id = made.id as string;
    const renamed = await tokensOf(at).update(id, { ...minimal, name: "renamed" });
    const updated = last(at.wire).text;
    assert.deepEqual({ ...renamed }, { ...made, name: "renamed", modified_on: renamed.modified_on });
    assert.ok((renamed.modified_on ?? "") > (made.modified_on ?? ""));
    await tokensOf(at).get(id, { account_id });
    assert.equal(last(at.wire).text, updated);
    await tokensOf(at).update(id, { ...minimal, ...renamed } as TokenCreateParams);
    assert.equal(last(at.wire).text, updated);
  });

  it("lose what is set to null, and nothing for the nulls within", async () => {
    const condition = { request_ip: { in: ["127.0.0.0/8"], not_in: ["127.0.0.9"] } };
    const { id = "" } = await tokensOf(at).create({
      ...minimal,
      condition,
      expires_on: "2030-01-01T00:00:00Z",
    });
    const update = async (more: object) => {
      await tokensOf(at).update(id, { ...minimal, ...more } as TokenCreateParams);
      return raw(at.wire);
    };
    assert.deepEqual((await update({ status: null })).condition, condition);
    const within = { request_ip: { in: ["127.0.0.0/8"], not_in: null } };
    assert.deepEqual((await update({ condition: within })).condition, {
      request_ip: { in: ["127.0.0.0/8"] },
    });
    const policies = [{ ...minimal.policies[0], id: null }];
    assert.equal((await update({ policies })).expires_on, "2030-01-01T00:00:00Z");
    const cleared = await update({ condition: null, expires_on: null });
    assert.deepEqual(["condition" in cleared, "expires_on" in cleared], [false, false]);
  });

  it("are disabled and made active again, and expire by themselves", async () => {
    const { id = "", value = "" } = await tokensOf(at).create(minimal);
    const own = at.with({ apiToken: value }).client.accounts.tokens;
    const statuses = async () => [
      (await tokensOf(at).get(id, { account_id })).status,
      (await own.verify({ account_id })).status,
    ];
    await tokensOf(at).update(id, { ...minimal, status: "disabled" });
    assert.deepEqual(await statuses(), ["disabled", "disabled"]);
    await tokensOf(at).update(id, { ...minimal, status: "active", expires_on: "2026-12-24T00:00:00Z" });
    assert.deepEqual(await statuses(), ["active", "active"]);
    at.clock.advance(Date.UTC(2026, 11, 24) * 1000 - at.clock.now());
    assert.deepEqual(await statuses(), ["expired", "expired"]);
    const { result } = await tokensOf(at).list({ account_id, direction: "desc" });
    assert.ok(!result.some((token) => token.id === id));
    const all = await tokensOf(at).list({ account_id, direction: "desc", include_expired: true });
    assert.equal(all.result[0]?.id, id);
  });
}

function rolling(at: Setting): void {
  it("are rolled without any body, and with an empty one; the old value ends", async () => {
    const { id = "", value = "" } = await tokensOf(at).create(minimal);
    const ids = async (apiToken: string) => {
      const { client } = at.with({ apiToken });
      const standings = [
        await client.accounts.tokens.verify({ account_id }),
        await client.user.tokens.verify(),
      ];
      return standings.map((standing) => standing.id);
    };
    assert.deepEqual(await ids(value), [id, id]);
    const second = await tokensOf(at).value.update(id, { account_id });
    assert.deepEqual([last(at.wire).body, last(at.wire).sent.has("content-type")], [undefined, false]);
    assert.match(second, /^[0-9A-Za-z\-_]{40,80}$/);
    const third = await tokensOf(at).value.update(id, { account_id }, { body: {} });
    assert.equal(last(at.wire).body, "{}");
    assert.equal(new Set([value, second, third]).size, 3);
    for (const ended of [value, second]) await assert.rejects(ids(ended), { status: 401 });
    assert.deepEqual(await ids(third), [id, id]);
  });

  it("are verified with the message that people look for", async () => {
    const { id = "", value = "" } = await tokensOf(at).create({
      ...minimal,
      ...{ expires_on: "2030-01-01T00:00:00Z", not_before: "2020-01-01T00:00:00Z" },
    });
    const { client, wire } = at.with({ apiToken: value });
    assert.deepEqual(
      { ...(await client.user.tokens.verify()) },
      { id, status: "active", expires_on: "2030-01-01T00:00:00Z", not_before: "2020-01-01T00:00:00Z" },
    );
    const [message] = JSON.parse(last(wire).text).messages;
    assert.equal(message.code, 10000);
    assert.equal(message.message, "This API Token is valid and active");
  });
}

function paging(at: Setting): void {
  it("are paged through to the end, oldest first or newest first", async () => {
    const { client, wire } = at.with({ apiEmail: first.email, apiKey: first.apiKey });
    const { id: account_id } = await client.accounts.create({ name: "seven tokens" });
    const { tokens } = client.accounts;
    const resources = { [`com.cloudflare.api.account.${account_id}`]: "*" };
    const policies = [{ ...allow(group.devicesRead), resources }];
    const made: string[] = [];
    for (const name of "gabfced")
      made.push((await tokens.create({ account_id, name, policies })).id as string);
    for (const [direction, expected] of [
      ["asc", made],
      ["desc", made.toReversed()],
    ] as const) {
      const before = wire.length;
      const listed: unknown[] = [];
      for await (const { id } of tokens.list({ account_id, per_page: 5, direction })) listed.push(id);
      assert.deepEqual(listed, expected);
      const infos = wire.slice(before).map(({ text }) => JSON.parse(text).result_info);
      const size = { per_page: 5, total_count: 7, total_pages: 2 };
      assert.deepEqual(infos, [
        { ...size, page: 1, count: 5 },
        { ...size, page: 2, count: 2 },
        { ...size, page: 3, count: 0 },
      ]);
    }
    await tokens.list({ account_id });
    assert.equal(JSON.parse(last(wire).text).result_info.per_page, 20);
    assert.deepEqual((await tokens.list({ account_id, page: 99, per_page: 1000 })).result, []);
    assert.equal(JSON.parse(last(wire).text).result_info.per_page, 50);
  });
}

function permissionGroups(at: Setting): void {
  it("name permission groups that are got and listed alike, in one page", async () => {
    const got = await tokensOf(at).permissionGroups.get({ account_id });
    assert.ok(got.length > 10);
    const requests = at.wire.length;
    const listed = [];
    for await (const each of tokensOf(at).permissionGroups.list({ account_id })) listed.push(each);
    assert.deepEqual(listed, got);
    assert.equal(at.wire.length, requests + 1);
    assert.deepEqual(
      listed.find(({ id }) => id === group.devicesRead),
      {
        id: group.devicesRead,
        name: "Devices Read",
        scopes: ["com.cloudflare.api.account"],
        category: "cloudflare_one_and_zero_trust",
      },
    );
  });

  it("find permission groups by name and scope, encoded once or twice", async () => {
    const names = async (filter: { name?: string; scope?: string }) =>
      (await tokensOf(at).permissionGroups.get({ account_id, ...filter })).map(({ name }) => name);
    const name = "Account Settings Write";
    assert.deepEqual(await names({ name }), [name]);
    assert.match(last(at.wire).url.search, /name=Account%20Settings%20Write$/);
    for (const encoded of [encodeURIComponent(name), "Account+Settings+Write"])
      assert.deepEqual(await names({ name: encoded }), [name]);
    assert.deepEqual(await names({ name: "no such group" }), []);
    assert.deepEqual(await names({ name: "100%" }), []);
    const scope = "com.cloudflare.api.account";
    const all = await names({});
    for (const encoded of [scope, scope.replaceAll(".", "%2E"), scope.replaceAll(".", "%2e")])
      assert.deepEqual(await names({ scope: encoded }), all);
    assert.deepEqual(await names({ scope: `${scope}.zone` }), []);
    assert.deepEqual(await names({ scope, name: encodeURIComponent(name) }), [name]);
  });
}

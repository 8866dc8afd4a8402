import assert from "node:assert/strict";
import { it } from "node:test";
import {
  APIError,
  AuthenticationError,
  BadRequestError,
  NotFoundError,
  PermissionDeniedError,
} from "cloudflare";
import type { TokenCreateParams } from "cloudflare/resources/accounts/tokens/tokens";
import { first } from "../server.ts";
import { allow, group, wholeAccount } from "./grants.ts";
import { fails, last, type Setting, withClient } from "./recorded.ts";

const account_id = first.accountId;
const policy = allow(group.devicesRead);
const minimal: TokenCreateParams = { account_id, name: "token", policies: [policy] };
const tokensOf = (at: Setting) => at.client.accounts.tokens;
const invalid = { is: BadRequestError, status: 400, code: 1001 };
const refused = { is: PermissionDeniedError, status: 403, code: 9109 };

withClient("account tokens refused to the official client", (at) => {
  wrongInput(at);
  missing(at);
  rights(at);
  standing(at);
});

function wrongInput(at: Setting): void {
  const within = (more: object) => ({ policies: [policy, { ...policy, ...more }] });
  const condition = (request_ip: unknown) => ({ condition: { request_ip } });
  const wrong: [body: object, pointer: string][] = [
    [{ name: "" }, "/name"],
    [{ name: "x".repeat(121) }, "/name"],
    [{ name: null }, "/name"],
    [{ policies: [] }, "/policies"],
    [{ policies: null }, "/policies"],
    [within({ effect: "maybe" }), "/policies/1/effect"],
    [within({ permission_groups: [] }), "/policies/1/permission_groups"],
    [within({ permission_groups: [{}] }), "/policies/1/permission_groups/0/id"],
    [within(allow(group.zoneRead, "0".repeat(32))), "/policies/1/permission_groups/1/id"],
    [within({ resources: {} }), "/policies/1/resources"],
    [within({ resources: { a: "some" } }), "/policies/1/resources/a"],
    [within({ resources: { a: { b: "some" } } }), "/policies/1/resources/a/b"],
    [within({ resources: { a: "*", b: { c: "*" } } }), "/policies/1/resources"],
    [{ expires_on: "tomorrow" }, "/expires_on"],
    [{ expires_on: "2027-02-30T00:00:00Z" }, "/expires_on"],
    [{ not_before: 1_700_000_000 }, "/not_before"],
    [{ not_before: "2028-01-01T00:00:00Z", expires_on: "2027-01-01T00:00:00Z" }, "/expires_on"],
    [{ condition: [] }, "/condition"],
    [condition("10.0.0.0/8"), "/condition/request_ip"],
    [condition({ in: "10.0.0.0/8" }), "/condition/request_ip/in"],
    [condition({ in: ["10.0.0.0/8", "10.0.0.0/33"] }), "/condition/request_ip/in/1"],
    [condition({ not_in: ["everywhere"] }), "/condition/request_ip/not_in/0"],
  ];

  it("say which member is wrong, on creating and on updating", async () => {
    const { id = "" } = await tokensOf(at).create(minimal);
    await tokensOf(at).get(id, { account_id });
    const made = last(at.wire).text;
    for (const [body, pointer] of [...wrong, [{ status: "gone" }, "/status"] as const]) {
      const sent = { ...minimal, ...body } as TokenCreateParams;
      if (!("status" in body)) await fails(tokensOf(at).create(sent), { ...invalid, pointer });
      await fails(tokensOf(at).update(id, sent), { ...invalid, pointer });
    }
    for (const [sent, pointer] of [
      [{ account_id }, "/name"],
      [{ account_id, name: "x" }, "/policies"],
    ] as const) {
      await fails(tokensOf(at).create(sent as never), { ...invalid, pointer });
      await fails(tokensOf(at).update(id, sent as never), { ...invalid, pointer });
    }
    await tokensOf(at).get(id, { account_id });
    assert.equal(last(at.wire).text, made);
  });

  it("want a direction and pages that there are", async () => {
    for (const [query, pointer] of [
      [{ page: 0 }, "/page"],
      [{ per_page: -5 }, "/per_page"],
      [{ direction: "sideways" }, "/direction"],
      [{ include_expired: "maybe" }, "/include_expired"],
    ] as [object, string][])
      await fails(tokensOf(at).list({ account_id, ...query }), { ...invalid, pointer });
  });
}

function missing(at: Setting): void {
  it("are not found by an id that none has", async () => {
    const absent = { is: NotFoundError, status: 404, code: 1404 };
    const { id = "" } = await tokensOf(at).create(minimal);
    await tokensOf(at).delete(id, { account_id });
    for (const each of [id, "0".repeat(32), "token_id"]) {
      await fails(tokensOf(at).get(each, { account_id }), absent);
      await fails(tokensOf(at).update(each, minimal), absent);
      await fails(tokensOf(at).delete(each, { account_id }), absent);
      await fails(tokensOf(at).value.update(each, { account_id }), absent);
    }
    await fails(at.client.post(`/accounts/${account_id}/tokens/${id}`), {
      is: APIError,
      status: 405,
      code: 1405,
    });
  });
}

function rights(at: Setting): void {
  it("may be read with Account API Tokens Read, and changed with Write alone", async () => {
    const { id = "" } = await tokensOf(at).create(minimal);
    const reader = at.with({ apiToken: await at.running.tokenWith({ groups: ["Account API Tokens Read"] }) });
    const { tokens } = reader.client.accounts;
    assert.equal((await tokens.get(id, { account_id })).id, id);
    assert.ok((await tokens.list({ account_id })).result.length > 0);
    assert.ok((await tokens.permissionGroups.get({ account_id })).length > 0);
    const says = /^Unauthorized to access requested resource: api-token\.write.*Account API Tokens Write/;
    await fails(tokens.create(minimal), { ...refused, says });
    await fails(tokens.update(id, minimal), { ...refused, says });
    await fails(tokens.value.update(id, { account_id }), { ...refused, says });
    await fails(tokens.delete(id, { account_id }), { ...refused, says });
    assert.equal(reader.wire.length, 7);
  });

  it("are closed to those who may read none of them, permission groups included", async () => {
    const { id = "" } = await tokensOf(at).create(minimal);
    const { client } = at.with({ apiToken: await at.running.tokenWith({ groups: ["Zero Trust Write"] }) });
    const { tokens } = client.accounts;
    const hidden = await fails(tokens.get(id, { account_id }), refused);
    const absent = await fails(tokens.get("0".repeat(32), { account_id }), refused);
    assert.equal(hidden.message, absent.message);
    await fails(tokens.list({ account_id }), refused);
    await fails(tokens.permissionGroups.get({ account_id }), refused);
    await fails(tokensOf(at).list({ account_id: "0".repeat(32) }), refused);
  });

  it("can't be given rights that their giver does not have", async () => {
    const giver = allow(group.tokensWrite, group.devicesRead);
    const { value = "" } = await tokensOf(at).create({ ...minimal, policies: [giver] });
    const { tokens } = at.with({ apiToken: value }).client.accounts;
    assert.equal((await tokens.create(minimal)).status, "active");
    const says = /the grant rule.*device\.write.*Devices Write/;
    const beyond = { ...minimal, policies: [allow(group.devicesWrite)] };
    await fails(tokens.create(beyond), { ...refused, says });
    const { id = "" } = await tokens.create(minimal);
    await fails(tokens.update(id, beyond), { ...refused, says });
    const narrower = {
      ...policy,
      resources: { [wholeAccount]: { "com.cloudflare.api.account.zone.*": "*" } },
    };
    assert.equal((await tokens.create({ ...minimal, policies: [narrower] })).status, "active");
  });
}

function standing(at: Setting): void {
  const unknown = { is: AuthenticationError, status: 401, code: 1000, says: /^Invalid API Token$/ };

  it("that nobody knows are told so by verify, with a status of its own", async () => {
    const { client } = at.with({ apiToken: "0".repeat(40) });
    await fails(client.accounts.tokens.verify({ account_id }), unknown);
    await fails(client.user.tokens.verify(), unknown);
    await fails(client.accounts.get({ account_id }), { ...refused, says: /^Invalid access token$/ });
    await fails(tokensOf(at).verify({ account_id: "0".repeat(32) }), unknown);
  });

  it("can't be verified by an e-mail and a key", async () => {
    const { client } = at.with({ apiEmail: first.email, apiKey: first.apiKey });
    const says = /Missing "Authorization" header/;
    await fails(client.accounts.tokens.verify({ account_id }), { ...invalid, says });
    await fails(client.user.tokens.verify(), { ...invalid, says });
  });

  it("are not taken while disabled, not yet valid, expired or elsewhere", async () => {
    for (const [more, says] of [
      [{ status: "disabled" }, /^Invalid access token$/],
      [{ not_before: "2029-01-01T00:00:00Z" }, /^Invalid access token$/],
      [{ expires_on: "2020-01-01T00:00:00Z" }, /^Invalid access token$/],
      [{ condition: { request_ip: { not_in: ["127.0.0.0/8", "::1/128"] } } }, /from.*127\.0\.0\.1/],
    ] as [object, RegExp][]) {
      const { id = "", value = "" } = await tokensOf(at).create({
        ...minimal,
        policies: [allow(group.tokensWrite)],
      });
      await tokensOf(at).update(id, { ...minimal, policies: [allow(group.tokensWrite)], ...more });
      const { client } = at.with({ apiToken: value });
      await fails(client.accounts.tokens.list({ account_id }), { ...refused, says });
      const groups = client.zeroTrust.devices.deploymentGroups;
      const is = { is: PermissionDeniedError, status: 403 };
      await fails(groups.list({ account_id }), { ...is, code: "condition" in more ? 9109 : 10000 });
    }
  });
}

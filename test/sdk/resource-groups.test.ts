import assert from "node:assert/strict";
import { it } from "node:test";
import { BadRequestError, ConflictError, NotFoundError, PermissionDeniedError } from "cloudflare";
import { first } from "../server.ts";
import { allowPeople, group, wholeAccount } from "./grants.ts";
import { person } from "./people.ts";
import { fails, last, raw, type Setting, withClient } from "./recorded.ts";

const account_id = first.accountId;
const nobodysId = "0".repeat(32);
const zone = "com.cloudflare.api.account.zone";
const scope = { key: wholeAccount, objects: [{ key: `${zone}.b` }, { key: `${zone}.a` }] };
const groupsOf = (at: Setting) => at.client.iam.resourceGroups;

withClient("resource groups through the official client", (at) => {
  making(at);
  listing(at);
  updating(at);
  wrongInput(at);
  refusing(at);
  inUse(at);
});

function making(at: Setting): void {
  it("are created, got and listed with the same bytes, the scope as a list of one", async () => {
    const made = await groupsOf(at).create({ account_id, name: "zones", scope });
    assert.match(made.id, /^[0-9a-f]{32}$/);
    assert.deepEqual({ ...made }, { id: made.id, name: "zones", scope: [scope], meta: { editable: "true" } });
    const created = last(at.wire).text;
    await groupsOf(at).get(made.id, { account_id });
    assert.equal(last(at.wire).text, created);
    await groupsOf(at).list({ account_id, id: made.id });
    assert.ok(last(at.wire).text.includes(JSON.stringify(made)));
  });

  it("take a scope as it is answered, and one of another account", async () => {
    const listed = await groupsOf(at).create({ account_id, name: "listed", scope: [scope] as never });
    assert.deepEqual(listed.scope, [scope]);
    const elsewhere = { key: `com.cloudflare.api.account.${nobodysId}`, objects: [{ key: "*" }] };
    const other = await groupsOf(at).create({ account_id, name: "elsewhere", scope: elsewhere });
    assert.deepEqual(other.scope, [elsewhere]);
  });

  it("are deleted once, without a body, and answered with the id", async () => {
    const { id } = await groupsOf(at).create({ account_id, name: "short-lived", scope });
    assert.deepEqual({ ...(await groupsOf(at).delete(id, { account_id })) }, { id });
    assert.equal(last(at.wire).body, undefined);
    assert.equal(last(at.wire).sent.has("content-type"), false);
  });
}

function listing(at: Setting): void {
  it("have the account itself among them, by the name that Terraform looks for", async () => {
    const { result } = await groupsOf(at).list({ account_id, name: wholeAccount });
    assert.deepEqual(JSON.parse(JSON.stringify(result)), [
      {
        id: first.resourceGroupId,
        name: wholeAccount,
        scope: [{ key: wholeAccount, objects: [{ key: "*" }] }],
        meta: { editable: "false" },
      },
    ]);
    const byId = await groupsOf(at).list({ account_id, id: first.resourceGroupId });
    assert.deepEqual(byId.result, result);
    assert.deepEqual((await groupsOf(at).get(first.resourceGroupId, { account_id })).name, wholeAccount);
  });

  it("come in one page, oldest first, and none on a second", async () => {
    const made: string[] = [];
    for (let i = 0; i < 25; i += 1)
      made.push((await groupsOf(at).create({ account_id, name: `many ${i}`, scope })).id);
    const requests = at.wire.length;
    const listed: string[] = [];
    for await (const { id } of groupsOf(at).list({ account_id })) listed.push(id);
    assert.deepEqual([listed[0], at.wire.length], [first.resourceGroupId, requests + 1]);
    assert.deepEqual(listed.slice(-25), made);
    await at.client.get(`/accounts/${account_id}/iam/resource_groups`, { query: { page: 2 } });
    assert.deepEqual(raw(at.wire), []);
    assert.deepEqual((await groupsOf(at).list({ account_id, name: "many" })).result, []);
  });

  it("leave out those that were given inline with a policy", async () => {
    const before = (await groupsOf(at).list({ account_id })).result.length;
    const inline = { key: wholeAccount, objects: [{ key: `${zone}.inline` }] };
    const policies = [{ ...allowPeople(group.zoneRead), resource_groups: [{ scope: inline }] }] as never;
    const made = await at.client.iam.userGroups.create({ account_id, name: "inline", policies });
    const { id = "" } = made.policies?.[0]?.resource_groups?.[0] ?? {};
    assert.equal((await groupsOf(at).list({ account_id })).result.length, before);
    assert.deepEqual((await groupsOf(at).get(id, { account_id })).scope, [inline]);
    await at.client.iam.userGroups.delete(made.id, { account_id });
    await fails(groupsOf(at).get(id, { account_id }), { is: NotFoundError, status: 404, code: 1404 });
  });
}

function updating(at: Setting): void {
  it("are changed by what is sent, and keep what is not", async () => {
    const { id } = await groupsOf(at).create({ account_id, name: "before", scope });
    const update = async (body: object) => {
      await groupsOf(at).update(id, { account_id, ...body });
      return raw(at.wire);
    };
    const after = { id, name: "after", scope: [scope], meta: { editable: "true" } };
    assert.deepEqual(await update({ name: "after" }), after);
    for (const body of [{}, { name: null, scope: null }, after]) assert.deepEqual(await update(body), after);
    const other = { key: wholeAccount, objects: [{ key: "*" }] };
    assert.deepEqual(await update({ scope: other }), { ...after, scope: [other] });
    await groupsOf(at).get(id, { account_id });
    assert.deepEqual(raw(at.wire), { ...after, scope: [other] });
  });

  it("change the policies that name them, from the next request on", async () => {
    const elsewhere = { key: `com.cloudflare.api.account.${nobodysId}`, objects: [{ key: "*" }] };
    const { id } = await groupsOf(at).create({ account_id, name: "moving", scope: elsewhere });
    const policies = [{ ...allowPeople(group.settingsRead), resource_groups: [{ id }] }];
    const { apiEmail, apiKey } = await person(at.running, "moved@x.test", policies);
    const { client } = at.with({ apiEmail, apiKey });
    const refused = { is: PermissionDeniedError, status: 403, code: 9109 };
    await fails(client.accounts.get({ account_id }), refused);
    const whole = { key: wholeAccount, objects: [{ key: "*" }] };
    await groupsOf(at).update(id, { account_id, scope: whole });
    assert.equal((await client.accounts.get({ account_id })).id, account_id);
    await groupsOf(at).update(id, { account_id, scope: elsewhere });
    await fails(client.accounts.get({ account_id }), refused);
  });
}

function wrongInput(at: Setting): void {
  it("say which member is wrong, on creating and on updating", async () => {
    const { id } = await groupsOf(at).create({ account_id, name: "right", scope });
    const made = last(at.wire).text;
    for (const [body, pointer] of [
      [{ name: "" }, "/name"],
      [{ name: "x".repeat(256) }, "/name"],
      [{ scope: { ...scope, key: "" } }, "/scope/key"],
      [{ scope: { key: wholeAccount } }, "/scope/objects"],
      [{ scope: { ...scope, objects: [] } }, "/scope/objects"],
      [{ scope: { ...scope, objects: [{ key: "*" }, {}] } }, "/scope/objects/1/key"],
      [{ scope: [] }, "/scope"],
      [{ scope: [scope, scope] }, "/scope"],
    ] as [object, string][]) {
      const wrong = { is: BadRequestError, status: 400, code: 1001, pointer };
      await fails(groupsOf(at).create({ account_id, name: "wrong", scope, ...body }), wrong);
      await fails(groupsOf(at).update(id, { account_id, ...body }), wrong);
    }
    for (const [sent, pointer] of [
      [{ scope }, "/name"],
      [{ name: "x" }, "/scope"],
      [{ name: "x", scope: null }, "/scope"],
    ] as const)
      await fails(groupsOf(at).create({ account_id, ...sent } as never), {
        ...{ is: BadRequestError, status: 400, code: 1001 },
        pointer,
      });
    await groupsOf(at).get(id, { account_id });
    assert.equal(last(at.wire).text, made);
  });
}

function refusing(at: Setting): void {
  it("are not found by an id that none has", async () => {
    const { id } = await groupsOf(at).create({ account_id, name: "gone", scope });
    await groupsOf(at).delete(id, { account_id });
    const absent = { is: NotFoundError, status: 404, code: 1404 };
    for (const each of [id, nobodysId, "resource_group_id"]) {
      await fails(groupsOf(at).get(each, { account_id }), absent);
      await fails(groupsOf(at).update(each, { account_id, name: "x" }), absent);
      await fails(groupsOf(at).delete(each, { account_id }), absent);
      assert.deepEqual((await groupsOf(at).list({ account_id, id: each })).result, []);
    }
  });

  it("may be read with Account Settings Read, and changed with Write alone", async () => {
    const { id } = await groupsOf(at).create({ account_id, name: "guarded", scope });
    const reader = at.with({ apiToken: await at.running.tokenWith({ groups: ["Account Settings Read"] }) });
    const { resourceGroups } = reader.client.iam;
    assert.equal((await resourceGroups.get(id, { account_id })).id, id);
    assert.ok((await resourceGroups.list({ account_id })).result.length > 0);
    const says = /^Unauthorized to access requested resource: resource-group\.write/;
    const refused = { is: PermissionDeniedError, status: 403, code: 9109 };
    await fails(resourceGroups.create({ account_id, name: "no", scope }), { ...refused, says });
    await fails(resourceGroups.update(id, { account_id, name: "no" }), { ...refused, says });
    await fails(resourceGroups.delete(id, { account_id }), { ...refused, says });
    const { client } = at.with({ apiToken: await at.running.tokenWith({ groups: ["Zero Trust Write"] }) });
    await fails(client.iam.resourceGroups.list({ account_id }), refused);
    await fails(client.iam.resourceGroups.get(id, { account_id }), refused);
  });
}

function inUse(at: Setting): void {
  it("stay while a policy names them, and the built-in one for ever: 409 in exactly one request", async () => {
    const { id } = await groupsOf(at).create({ account_id, name: "named", scope });
    const policies = [{ ...allowPeople(group.zoneRead), resource_groups: [{ id }] }];
    const user = await at.client.iam.userGroups.create({ account_id, name: "names it", policies });
    const conflict = { is: ConflictError, status: 409, code: 1409 };
    for (const [call, says] of [
      [() => groupsOf(at).delete(id, { account_id }), new RegExp(user.id)],
      [() => groupsOf(at).delete(first.resourceGroupId, { account_id }), /built in/],
      [() => groupsOf(at).update(first.resourceGroupId, { account_id, name: "mine" }), /built in/],
    ] as const) {
      const requests = at.wire.length;
      await fails(call(), { ...conflict, says });
      assert.equal(at.wire.length, requests + 1);
      assert.equal(last(at.wire).headers.get("x-should-retry"), "false");
    }
    await at.client.iam.userGroups.delete(user.id, { account_id });
    assert.deepEqual({ ...(await groupsOf(at).delete(id, { account_id })) }, { id });
  });
}

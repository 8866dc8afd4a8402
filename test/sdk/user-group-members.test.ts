import assert from "node:assert/strict";
import { it } from "node:test";
import { first } from "../server.ts";
import { allowPeople, group } from "./grants.ts";
import { invited, person } from "./people.ts";
import { last, raw, type Setting, withClient } from "./recorded.ts";

const account_id = first.accountId;
const membersOf = (at: Setting) => at.client.iam.userGroups.members;
const named = (ids: readonly string[]) => ids.map((id) => ({ id }));

/** Makes a user group without members. */
const aGroup = async (at: Setting) =>
  (await at.client.iam.userGroups.create({ account_id, name: "Group" })).id;

const idsIn = async (at: Setting, groupId: string) =>
  (await membersOf(at).list(groupId, { account_id })).result.map(({ id }) => id);

withClient("members of user groups through the official client", (at) => {
  adding(at);
  replacing(at);
  leaving(at);
  listing(at);
  deciding(at);
});

function adding(at: Setting): void {
  it("are added, and answered exactly as they were named", async () => {
    const [a = "", b = "", c = ""] = await invited(at.client, "add-a@x.test", "add-b@x.test", "add-c@x.test");
    const id = await aGroup(at);
    const requests = at.wire.length;
    const page = await membersOf(at).create(id, { account_id, members: named([b, a]) });
    assert.equal(last(at.wire).body, JSON.stringify(named([b, a])));
    assert.deepEqual(page.result, [
      { id: b, email: "add-b@x.test", status: "pending" },
      { id: a, email: "add-a@x.test", status: "pending" },
    ]);
    const listed: unknown[] = [];
    for await (const member of page) listed.push(member);
    assert.deepEqual([listed, at.wire.length], [page.result, requests + 1]);
    const more = await membersOf(at).create(id, { account_id, members: named([c, b]) });
    assert.deepEqual(
      more.result.map((member) => member.id),
      [c, b],
    );
    assert.deepEqual(await idsIn(at, id), [b, a, c]);
    const none = await membersOf(at).create(id, { account_id, members: [] });
    assert.deepEqual(none.result, []);
  });

  it("are got with the time they came and their user", async () => {
    const somebody = await person(at.running, "somebody@x.test");
    const [waiting = ""] = await invited(at.client, "waiting@x.test");
    const id = await aGroup(at);
    await membersOf(at).create(id, { account_id, members: named([somebody.id, waiting]) });
    const got = await membersOf(at).get(somebody.id, { account_id, user_group_id: id });
    assert.deepEqual([got.id, got.email, got.status], [somebody.id, "somebody@x.test", "accepted"]);
    assert.match(got.created_at ?? "", /^2026-11-21T09:\d\d:\d\d\.\d{6}Z$/);
    assert.match(got.user?.id ?? "", /^[0-9a-f]{32}$/);
    assert.notEqual(got.user?.id, somebody.id);
    assert.equal(got.user?.email, "somebody@x.test");
    const pending = await membersOf(at).get(waiting, { account_id, user_group_id: id });
    assert.deepEqual([pending.status, pending.user], ["pending", { email: "waiting@x.test" }]);
  });
}

function replacing(at: Setting): void {
  it("are replaced in the order sent, and by an empty list emptied", async () => {
    const [a = "", b = "", c = ""] = await invited(at.client, "put-a@x.test", "put-b@x.test", "put-c@x.test");
    const id = await aGroup(at);
    for (const ids of [[c, a], [c, a], [a, c], [b], [], [b, c, a], []]) {
      const page = await membersOf(at).update(id, { account_id, members: named(ids) });
      assert.equal(last(at.wire).body, JSON.stringify(named(ids)));
      assert.deepEqual(
        page.result.map((member) => member.id),
        ids,
      );
      assert.deepEqual(await idsIn(at, id), ids);
    }
    assert.equal((await at.client.iam.userGroups.get(id, { account_id })).name, "Group");
  });

  it("who stay keep the time they came", async () => {
    const [a = "", b = ""] = await invited(at.client, "stay-a@x.test", "stay-b@x.test");
    const id = await aGroup(at);
    await membersOf(at).update(id, { account_id, members: named([a]) });
    const cameAt = async () => (await membersOf(at).get(a, { account_id, user_group_id: id })).created_at;
    const came = await cameAt();
    at.clock.advance(60_000_000);
    await membersOf(at).update(id, { account_id, members: named([b, a]) });
    assert.equal(await cameAt(), came);
    await membersOf(at).create(id, { account_id, members: named([a]) });
    assert.equal(await cameAt(), came);
  });
}

function leaving(at: Setting): void {
  it("are removed once, and answered as they were", async () => {
    const [a = "", b = ""] = await invited(at.client, "left-a@x.test", "left-b@x.test");
    const id = await aGroup(at);
    await membersOf(at).update(id, { account_id, members: named([a, b]) });
    const removed = await membersOf(at).delete(a, { account_id, user_group_id: id });
    assert.deepEqual({ ...removed }, { id: a, email: "left-a@x.test", status: "pending" });
    assert.equal(last(at.wire).body, undefined);
    assert.deepEqual(await idsIn(at, id), [b]);
    await at.client.accounts.members.delete(b, { account_id });
    assert.deepEqual(await idsIn(at, id), []);
  });

  it("stay members of the account when their group is deleted", async () => {
    const [a = ""] = await invited(at.client, "outlives@x.test");
    const id = await aGroup(at);
    await membersOf(at).create(id, { account_id, members: named([a]) });
    await at.client.iam.userGroups.delete(id, { account_id });
    assert.equal((await at.client.accounts.members.get(a, { account_id })).email, "outlives@x.test");
  });
}

function listing(at: Setting): void {
  it("are paged through in the order they came, or by address where that is asked for", async () => {
    const addresses = ["d@page.test", "B@page.test", "a@page.test", "c@other.test", "e@page.test"];
    const ids = await invited(at.client, ...addresses);
    const id = await aGroup(at);
    await membersOf(at).update(id, { account_id, members: named(ids) });
    const sorted = ["a@page.test", "B@page.test", "c@other.test", "d@page.test", "e@page.test"];
    for (const [query, expected] of [
      [{}, addresses],
      [{ direction: "asc" }, sorted],
      [{ direction: "desc" }, sorted.toReversed()],
      [{ fuzzyEmail: "@PAGE." }, sorted.filter((email) => email.endsWith("@page.test"))],
      [{ fuzzyEmail: "@p_ge" }, []],
    ] as [object, string[]][]) {
      const before = at.wire.length;
      const listed: unknown[] = [];
      for await (const { email } of membersOf(at).list(id, { account_id, per_page: 2, ...query }))
        listed.push(email);
      assert.deepEqual(listed, expected);
      const pages = Math.ceil(expected.length / 2);
      const { result_info } = JSON.parse(last(at.wire).text);
      assert.equal(at.wire.length - before, pages + 1);
      assert.deepEqual(result_info, {
        page: pages + 1,
        per_page: 2,
        count: 0,
        total_count: expected.length,
        total_pages: pages,
      });
    }
  });

  it("come 100 on a page, and 500 at most", async () => {
    const id = await aGroup(at);
    assert.deepEqual((await membersOf(at).list(id, { account_id })).result, []);
    assert.equal(JSON.parse(last(at.wire).text).result_info.per_page, 100);
    await membersOf(at).list(id, { account_id, per_page: 5000 });
    assert.equal(JSON.parse(last(at.wire).text).result_info.per_page, 500);
  });
}

function deciding(at: Setting): void {
  it("hold the policies of their groups from the next request on, and no others", async () => {
    const who = await person(at.running, "reader@x.test");
    const own = at.with({ apiEmail: who.apiEmail, apiKey: who.apiKey });
    const headers = { "X-Auth-Email": who.apiEmail, "X-Auth-Key": who.apiKey };
    const devices = async () =>
      (await at.running.ask("GET", `/api/v1/devices?org_id=${first.orgId}`, { token: null, headers })).status;
    const rings = async () =>
      (await own.client.zeroTrust.devices.deploymentGroups.list({ account_id }).asResponse()).status;
    const refused = { status: 403 };
    assert.equal(await devices(), 403);
    const { id } = await at.client.iam.userGroups.create({
      account_id,
      name: "Readers of devices",
      policies: [allowPeople(group.devicesRead)],
    });
    assert.equal(await devices(), 403);
    await membersOf(at).create(id, { account_id, members: [{ id: who.id }] });
    assert.equal(await devices(), 200);
    await assert.rejects(rings(), refused);
    const policies = [allowPeople(group.zeroTrustRead)] as never;
    await at.client.iam.userGroups.update(id, { account_id, policies });
    assert.deepEqual([await devices(), await rings()], [200, 200]);
    await membersOf(at).update(id, { account_id, members: [] });
    assert.equal(await devices(), 403);
    await assert.rejects(rings(), refused);
    assert.deepEqual((await at.client.accounts.members.get(who.id, { account_id })).policies, []);
    assert.deepEqual(raw(at.wire).roles, []);
  });

  it("lose what another of their groups denies", async () => {
    const who = await person(at.running, "denied@x.test", [allowPeople(group.devicesRead)]);
    const headers = { "X-Auth-Email": who.apiEmail, "X-Auth-Key": who.apiKey };
    const devices = async () =>
      (await at.running.ask("GET", `/api/v1/devices?org_id=${first.orgId}`, { token: null, headers })).status;
    assert.equal(await devices(), 200);
    const { id } = await at.client.iam.userGroups.create({
      account_id,
      name: "Without devices",
      policies: [{ ...allowPeople(group.devicesRead), access: "deny" }],
    });
    await membersOf(at).create(id, { account_id, members: [{ id: who.id }] });
    assert.equal(await devices(), 403);
    await membersOf(at).delete(who.id, { account_id, user_group_id: id });
    assert.equal(await devices(), 200);
  });
}

import assert from "node:assert/strict";
import { it } from "node:test";
import { BadRequestError, ConflictError, NotFoundError, PermissionDeniedError } from "cloudflare";
import { first } from "../server.ts";
import { allowPeople, group } from "./grants.ts";
import { invited, person } from "./people.ts";
import { fails, last, type Setting, withClient } from "./recorded.ts";

const account_id = first.accountId;
const nobodysId = "0".repeat(32);
const policy = allowPeople(group.devicesRead);
const invalid = { is: BadRequestError, status: 400, code: 1001 };
const absent = { is: NotFoundError, status: 404, code: 1404 };
const refused = { is: PermissionDeniedError, status: 403, code: 9109 };
const groupsOf = (at: Setting) => at.client.iam.userGroups;

withClient("user groups refused to the official client", (at) => {
  wrongInput(at);
  wrongMembers(at);
  missing(at);
  conflicts(at);
  rights(at);
  grantRule(at);
});

function wrongInput(at: Setting): void {
  const within = (more: object) => ({ policies: [policy, { ...policy, ...more }] });
  const scoped = (scope: unknown) => within({ resource_groups: [{ scope }] });
  const at1 = "/policies/1";
  const wrong: [body: object, pointer: string][] = [
    [{ name: "" }, "/name"],
    [{ name: "x".repeat(256) }, "/name"],
    [{ name: "two\nlines" }, "/name"],
    [{ name: 7 }, "/name"],
    [{ policies: {} }, "/policies"],
    [within({ access: "maybe" }), `${at1}/access`],
    [{ policies: [{ ...policy, access: undefined }] }, "/policies/0/access"],
    [within({ permission_groups: [] }), `${at1}/permission_groups`],
    [within({ permission_groups: undefined }), `${at1}/permission_groups`],
    [within({ permission_groups: [{}] }), `${at1}/permission_groups/0/id`],
    [within(allowPeople(group.zoneRead, nobodysId)), `${at1}/permission_groups/1/id`],
    [within({ resource_groups: [] }), `${at1}/resource_groups`],
    [within({ resource_groups: undefined }), `${at1}/resource_groups`],
    [within({ resource_groups: [{ id: nobodysId }] }), `${at1}/resource_groups/0/id`],
    [within({ resource_groups: [{}] }), `${at1}/resource_groups/0/id`],
    [scoped({ key: "k", objects: [] }), `${at1}/resource_groups/0/scope/objects`],
    [scoped({ objects: [{ key: "*" }] }), `${at1}/resource_groups/0/scope/key`],
  ];

  it("say which member is wrong, on creating and on updating", async () => {
    const { id } = await groupsOf(at).create({ account_id, name: "Right", policies: [policy] });
    const made = last(at.wire).text;
    for (const [body, pointer] of wrong) {
      await fails(groupsOf(at).create({ account_id, name: "Wrong", ...body }), { ...invalid, pointer });
      await fails(groupsOf(at).update(id, { account_id, ...body }), { ...invalid, pointer });
    }
    for (const body of [{}, { name: null }])
      await fails(groupsOf(at).create({ account_id, ...body } as never), { ...invalid, pointer: "/name" });
    await groupsOf(at).get(id, { account_id });
    assert.equal(last(at.wire).text, made);
    assert.deepEqual((await groupsOf(at).list({ account_id, name: "Wrong" })).result, []);
  });

  it("want a direction and pages that there are", async () => {
    const { id } = await groupsOf(at).create({ account_id, name: "Paged" });
    for (const [query, pointer] of [
      [{ page: 0 }, "/page"],
      [{ per_page: -5 }, "/per_page"],
      [{ direction: "sideways" }, "/direction"],
    ] as [object, string][]) {
      await fails(groupsOf(at).list({ account_id, ...query }), { ...invalid, pointer });
      await fails(groupsOf(at).members.list(id, { account_id, ...query }), { ...invalid, pointer });
    }
  });
}

function wrongMembers(at: Setting): void {
  it("say which member of a list can't be one of theirs, and change nothing", async () => {
    const [a = "", b = ""] = await invited(at.client, "wrong-a@x.test", "wrong-b@x.test");
    const { id } = await groupsOf(at).create({ account_id, name: "Members" });
    await groupsOf(at).members.update(id, { account_id, members: [{ id: a }] });
    for (const [members, pointer] of [
      [[{ id: b }, { id: nobodysId }], "/1/id"],
      [[{ id: b }, { id: a }, { id: b }], "/2/id"],
      [[{ id: b }, {}], "/1/id"],
      [[{ id: 7 }], "/0/id"],
      [[b], "/0"],
      [{ id: b }, ""],
    ] as [never, string][]) {
      await fails(groupsOf(at).members.create(id, { account_id, members }), { ...invalid, pointer });
      await fails(groupsOf(at).members.update(id, { account_id, members }), { ...invalid, pointer });
    }
    const { result } = await groupsOf(at).members.list(id, { account_id });
    assert.deepEqual(
      result.map((member) => member.id),
      [a],
    );
  });
}

function missing(at: Setting): void {
  it("are not found by an id that none has, nor are members who are not in them", async () => {
    const [a = ""] = await invited(at.client, "outside@x.test");
    const { id } = await groupsOf(at).create({ account_id, name: "Gone" });
    const { id: kept } = await groupsOf(at).create({ account_id, name: "Kept" });
    await groupsOf(at).delete(id, { account_id });
    for (const each of [id, nobodysId, "user_group_id"]) {
      await fails(groupsOf(at).get(each, { account_id }), absent);
      await fails(groupsOf(at).update(each, { account_id, name: "x" }), absent);
      await fails(groupsOf(at).delete(each, { account_id }), absent);
      const { members } = groupsOf(at);
      await fails(members.list(each, { account_id }), absent);
      await fails(members.create(each, { account_id, members: [{ id: a }] }), absent);
      await fails(members.update(each, { account_id, members: [] }), absent);
      await fails(members.get(a, { account_id, user_group_id: each }), absent);
      await fails(members.delete(a, { account_id, user_group_id: each }), absent);
    }
    for (const each of [a, nobodysId]) {
      await fails(groupsOf(at).members.get(each, { account_id, user_group_id: kept }), absent);
      await fails(groupsOf(at).members.delete(each, { account_id, user_group_id: kept }), absent);
    }
  });
}

function conflicts(at: Setting): void {
  it("keep the account a super administrator: 409 in exactly one request", async () => {
    const { client } = at.with({ apiEmail: first.email, apiKey: first.apiKey });
    const { id: other } = await client.accounts.create({ name: "led through a group" });
    const { result: all } = await client.iam.resourceGroups.list({ account_id: other });
    const { result: people } = await client.accounts.members.list({ account_id: other });
    const { id: founder = "" } = people[0] ?? {};
    const resource_groups = [{ id: all[0]?.id ?? "" }];
    const leads = { ...allowPeople(group.superAdministrator), resource_groups };
    const made = await client.iam.userGroups.create({ account_id: other, name: "Leads", policies: [leads] });
    const { members } = client.iam.userGroups;
    await members.create(made.id, { account_id: other, members: [{ id: founder }] });
    await client.accounts.members.update(founder, { account_id: other, policies: [] });
    const alone = { is: ConflictError, status: 409, code: 1409, says: /without a super administrator/ };
    const { client: lead, wire } = at.with({ apiEmail: first.email, apiKey: first.apiKey });
    const { userGroups } = lead.iam;
    const denied = [{ ...leads, access: "deny" }] as never;
    for (const call of [
      () => userGroups.members.delete(founder, { account_id: other, user_group_id: made.id }),
      () => userGroups.members.update(made.id, { account_id: other, members: [] }),
      () => userGroups.update(made.id, { account_id: other, policies: [] }),
      () => userGroups.update(made.id, { account_id: other, policies: denied }),
      () => userGroups.delete(made.id, { account_id: other }),
    ]) {
      const requests = wire.length;
      await fails(call(), alone);
      assert.equal(wire.length, requests + 1);
      assert.equal(last(wire).headers.get("x-should-retry"), "false");
    }
    const { result } = await userGroups.members.list(made.id, { account_id: other });
    assert.equal(result.length, 1);
  });
}

function rights(at: Setting): void {
  it("may be read with Account Settings Read, and changed with Write or SCIM alone", async () => {
    const [a = ""] = await invited(at.client, "rights@x.test");
    const { id } = await groupsOf(at).create({ account_id, name: "Guarded" });
    const members = [{ id: a }];
    const user_group_id = id;
    const who = await person(at.running, "settings-reader@x.test", [allowPeople(group.settingsRead)]);
    const { client, wire } = at.with({ apiEmail: who.apiEmail, apiKey: who.apiKey });
    const { userGroups } = client.iam;
    assert.equal((await userGroups.get(id, { account_id })).id, id);
    assert.ok((await userGroups.list({ account_id })).result.length > 0);
    assert.deepEqual((await userGroups.members.list(id, { account_id })).result, []);
    const says = /^Unauthorized to access requested resource: user-group\.\S+.*Account Settings Write/;
    await fails(userGroups.create({ account_id, name: "no" }), { ...refused, says });
    await fails(userGroups.update(id, { account_id, name: "no" }), { ...refused, says });
    await fails(userGroups.delete(id, { account_id }), { ...refused, says });
    await fails(userGroups.members.create(id, { account_id, members }), { ...refused, says });
    await fails(userGroups.members.update(id, { account_id, members }), { ...refused, says });
    await fails(userGroups.members.delete(a, { account_id, user_group_id }), { ...refused, says });
    assert.equal(wire.length, 9);
    for (const groups of [["Account Settings Write"], ["SCIM Provisioning"]]) {
      const { client } = at.with({ apiToken: await at.running.tokenWith({ groups }) });
      const { userGroups } = client.iam;
      const made = await userGroups.create({ account_id, name: groups[0] ?? "" });
      await userGroups.update(made.id, { account_id, name: "Renamed" });
      await userGroups.members.create(made.id, { account_id, members });
      assert.equal((await userGroups.members.get(a, { account_id, user_group_id: made.id })).id, a);
      await userGroups.members.delete(a, { account_id, user_group_id: made.id });
      await userGroups.delete(made.id, { account_id });
    }
  });

  it("are closed to those who may read none of them, and in accounts that are not theirs", async () => {
    const { id } = await groupsOf(at).create({ account_id, name: "Hidden" });
    const { client } = at.with({ apiToken: await at.running.tokenWith({ groups: ["Zero Trust Write"] }) });
    const hidden = await fails(client.iam.userGroups.get(id, { account_id }), refused);
    const gone = await fails(client.iam.userGroups.get(nobodysId, { account_id }), refused);
    assert.equal(hidden.message, gone.message);
    await fails(client.iam.userGroups.list({ account_id }), refused);
    await fails(client.iam.userGroups.members.list(id, { account_id }), refused);
    await fails(groupsOf(at).list({ account_id: nobodysId }), refused);
  });
}

function grantRule(at: Setting): void {
  it("can't be given rights that their giver does not have, nor can who joins them", async () => {
    const [a = ""] = await invited(at.client, "joins@x.test");
    const groups = ["SCIM Provisioning", "Devices Read"];
    const { userGroups } = at.with({ apiToken: await at.running.tokenWith({ groups }) }).client.iam;
    const says = /the grant rule.*device\.write.*Devices Write/;
    const beyond = allowPeople(group.devicesWrite);
    const { id } = await userGroups.create({ account_id, name: "Within", policies: [policy] });
    await userGroups.members.create(id, { account_id, members: [{ id: a }] });
    await fails(userGroups.create({ account_id, name: "Beyond", policies: [beyond] }), { ...refused, says });
    const policies = [beyond] as never;
    await fails(userGroups.update(id, { account_id, policies }), { ...refused, says });
    const writers = await groupsOf(at).create({ account_id, name: "Writers", policies: [beyond] });
    const members = [{ id: a }];
    await fails(userGroups.members.create(writers.id, { account_id, members }), { ...refused, says });
    await fails(userGroups.members.update(writers.id, { account_id, members }), { ...refused, says });
    assert.equal((await userGroups.update(writers.id, { account_id, name: "Still" })).name, "Still");
  });
}

import assert from "node:assert/strict";
import { it } from "node:test";
import { BadRequestError, ConflictError, NotFoundError, PermissionDeniedError } from "cloudflare";
import type { MemberCreateParams, MemberUpdateParams } from "cloudflare/resources/accounts/members";
import { first } from "../server.ts";
import { allowPeople, group } from "./grants.ts";
import { person } from "./people.ts";
import { fails, last, type Setting, withClient } from "./recorded.ts";

const account_id = first.accountId;
const nobodysId = "0".repeat(32);
const policy = allowPeople(group.devicesRead);
const invalid = { is: BadRequestError, status: 400, code: 1001 };
const absent = { is: NotFoundError, status: 404, code: 1404 };
const refused = { is: PermissionDeniedError, status: 403, code: 9109 };
const conflict = { is: ConflictError, status: 409, code: 1409 };
const membersOf = (at: Setting) => at.client.accounts.members;

withClient("members refused to the official client", (at) => {
  wrongInput(at);
  conflicts(at);
  missing(at);
  rights(at);
  grantRule(at);
});

function wrongInput(at: Setting): void {
  const within = (more: object) => ({ policies: [policy, { ...policy, ...more }] });
  const wrong: [body: object, pointer: string][] = [
    [{ policies: {} }, "/policies"],
    [within({ access: "maybe" }), "/policies/1/access"],
    [within({ permission_groups: [] }), "/policies/1/permission_groups"],
    [within(allowPeople(group.zoneRead, nobodysId)), "/policies/1/permission_groups/1/id"],
    [within({ resource_groups: [{ id: nobodysId }] }), "/policies/1/resource_groups/0/id"],
    [{ roles: [group.administrator, nobodysId] }, "/roles/1"],
    [{ roles: [{ id: nobodysId }] }, "/roles/0/id"],
    [{ roles: "admin" }, "/roles"],
  ];
  const wrongCreation: [body: object, pointer: string][] = [
    ...wrong,
    [{ email: "nobody" }, "/email"],
    [{ email: "two words@x.test" }, "/email"],
    [{ email: `${"x".repeat(85)}@x.test` }, "/email"],
    [{ email: null }, "/email"],
    [{ email: undefined }, "/email"],
    [{ status: "rejected" }, "/status"],
  ];

  it("say which member is wrong, on creating and on updating", async () => {
    const { id = "" } = await membersOf(at).create({ account_id, email: "right@x.test", policies: [policy] });
    await membersOf(at).get(id, { account_id });
    const { text } = last(at.wire);
    for (const [body, pointer] of wrongCreation) {
      const sent = { account_id, email: "wrong@x.test", ...body } as MemberCreateParams;
      await fails(membersOf(at).create(sent), { ...invalid, pointer });
    }
    for (const [body, pointer] of wrong)
      await fails(membersOf(at).update(id, { account_id, ...body } as MemberUpdateParams), {
        ...invalid,
        pointer,
      });
    await membersOf(at).get(id, { account_id });
    assert.equal(last(at.wire).text, text);
    const { result } = await membersOf(at).list({ account_id, per_page: 50 });
    assert.ok(!result.some(({ email }) => email === "wrong@x.test"));
  });

  it("want an order, a status and pages that there are", async () => {
    for (const [query, pointer] of [
      [{ page: 0 }, "/page"],
      [{ per_page: -5 }, "/per_page"],
      [{ direction: "sideways" }, "/direction"],
      [{ order: "user.phone" }, "/order"],
      [{ status: "gone" }, "/status"],
    ] as [object, string][])
      await fails(membersOf(at).list({ account_id, ...query }), { ...invalid, pointer });
  });
}

function conflicts(at: Setting): void {
  it("are there once, by their address in any case: 409 in exactly one request", async () => {
    const made = await membersOf(at).create({ account_id, email: "Once@x.test", policies: [policy] });
    for (const email of ["Once@x.test", "once@X.TEST"]) {
      const requests = at.wire.length;
      const again = membersOf(at).create({ account_id, email, policies: [] });
      await fails(again, { ...conflict, pointer: "/email", says: /a member already/ });
      assert.equal(at.wire.length, requests + 1);
      assert.equal(last(at.wire).headers.get("x-should-retry"), "false");
    }
    assert.equal((await membersOf(at).get(made.id ?? "", { account_id })).policies?.length, 1);
  });

  it("keep a super administrator: 409 in exactly one request", async () => {
    const { client, wire } = at.with({ apiEmail: first.email, apiKey: first.apiKey });
    const { id: account_id } = await client.accounts.create({ name: "of one" });
    const { members } = client.accounts;
    const { result } = await members.list({ account_id });
    const { id = "" } = result[0] ?? {};
    for (const call of [
      () => members.update(id, { account_id, policies: [] }),
      () => members.update(id, { account_id, roles: [{ id: group.administrator }] } as MemberUpdateParams),
      () => members.delete(id, { account_id }),
    ]) {
      const requests = wire.length;
      await fails(call(), { ...conflict, says: /without a super administrator/ });
      assert.equal(wire.length, requests + 1);
      assert.equal(last(wire).headers.get("x-should-retry"), "false");
    }
    assert.deepEqual(await members.get(id, { account_id }), result[0]);
  });
}

function missing(at: Setting): void {
  it("are not found by an id that none has", async () => {
    const { id = "" } = await membersOf(at).create({ account_id, email: "gone@x.test", policies: [] });
    await membersOf(at).delete(id, { account_id });
    for (const each of [id, nobodysId, "member_id"]) {
      await fails(membersOf(at).get(each, { account_id }), absent);
      await fails(membersOf(at).update(each, { account_id, policies: [] }), absent);
      await fails(membersOf(at).delete(each, { account_id }), absent);
    }
  });
}

function rights(at: Setting): void {
  it("may be read with Account Settings Read, and changed with Write or SCIM alone", async () => {
    const { id = "" } = await membersOf(at).create({ account_id, email: "guarded@x.test", policies: [] });
    const who = await person(at.running, "reads-members@x.test", [allowPeople(group.settingsRead)]);
    const reader = at.with({ apiEmail: who.apiEmail, apiKey: who.apiKey });
    const { members } = reader.client.accounts;
    assert.equal((await members.get(id, { account_id })).id, id);
    assert.ok((await members.list({ account_id })).result.length > 1);
    const says = /^Unauthorized to access requested resource: member\.write.*Account Settings Write/;
    const email = "no@x.test";
    await fails(members.create({ account_id, email, policies: [] }), { ...refused, says });
    await fails(members.update(id, { account_id, policies: [] }), { ...refused, says });
    await fails(members.delete(id, { account_id }), { ...refused, says });
    assert.equal(reader.wire.length, 5);
    for (const [index, groups] of [["Account Settings Write"], ["SCIM Provisioning"]].entries()) {
      const { client } = at.with({ apiToken: await at.running.tokenWith({ groups }) });
      const own = client.accounts.members;
      const made = await own.create({ account_id, email: `by-${index}@x.test`, policies: [] });
      await own.update(made.id ?? "", { account_id, policies: [] });
      await own.delete(made.id ?? "", { account_id });
    }
  });

  it("are closed to those who may read none of them, and in accounts that are not theirs", async () => {
    const { id = "" } = await membersOf(at).create({ account_id, email: "hidden@x.test", policies: [] });
    const { client } = at.with({ apiToken: await at.running.tokenWith({ groups: ["Zero Trust Write"] }) });
    const { members } = client.accounts;
    const hidden = await fails(members.get(id, { account_id }), refused);
    const gone = await fails(members.get(nobodysId, { account_id }), refused);
    assert.equal(hidden.message, gone.message);
    await fails(members.list({ account_id }), refused);
    await fails(membersOf(at).list({ account_id: nobodysId }), refused);
  });
}

function grantRule(at: Setting): void {
  it("can't be given rights that their giver does not have, nor become super administrators", async () => {
    const groups = ["SCIM Provisioning", "Devices Read"];
    const { client } = at.with({ apiToken: await at.running.tokenWith({ groups }) });
    const { members } = client.accounts;
    const within = await members.create({ account_id, email: "within@x.test", policies: [policy] });
    const id = within.id ?? "";
    const says = /the grant rule.*device\.write.*Devices Write/;
    const policies = [allowPeople(group.devicesWrite)];
    await fails(members.create({ account_id, email: "b@x.test", policies }), { ...refused, says });
    await fails(members.update(id, { account_id, policies }), { ...refused, says });
    const admin = await person(at.running, "admin@x.test", [allowPeople(group.administrator)]);
    const { client: own } = at.with({ apiEmail: admin.apiEmail, apiKey: admin.apiKey });
    const roles = [group.superAdministrator];
    await fails(own.accounts.members.create({ account_id, email: "s@x.test", roles }), refused);
    await fails(
      own.accounts.members.create({ account_id, email: "at-once@x.test", policies: [], status: "accepted" }),
      refused,
    );
    assert.equal((await own.accounts.members.update(id, { account_id, policies })).policies?.length, 1);
  });
}

import assert from "node:assert/strict";
import { it } from "node:test";
import type { MemberUpdateParams } from "cloudflare/resources/accounts/members";
import { first } from "../server.ts";
import { allowPeople, group, wholeAccount } from "./grants.ts";
import { person } from "./people.ts";
import { last, raw, type Setting, withClient } from "./recorded.ts";

const account_id = first.accountId;
const membersOf = (at: Setting) => at.client.accounts.members;
const policy = allowPeople(group.administratorReadOnly);

const update = async (at: Setting, id: string, body: object) => {
  await membersOf(at).update(id, { account_id, ...body } as MemberUpdateParams);
  return raw(at.wire);
};
const namesOf = (named: readonly { name?: string }[] | undefined) => named?.map(({ name }) => name);

withClient("members through the official client", (at) => {
  making(at);
  bothViews(at);
  updating(at);
  leaving(at);
  listing(at);
});

function making(at: Setting): void {
  it("are invited with policies, and got and listed with the same bytes, but for the invitation", async () => {
    const policies = [allowPeople(group.zoneRead, group.devicesRead), policy];
    const made = await membersOf(at).create({ account_id, email: "new@x.test", policies });
    assert.match(made.id ?? "", /^[0-9a-f]{32}$/);
    assert.deepEqual([made.email, made.status], ["new@x.test", "pending"]);
    assert.deepEqual([made.user?.id, made.user?.email], [undefined, "new@x.test"]);
    assert.equal(made.user?.two_factor_authentication_enabled, false);
    assert.deepEqual(
      made.policies?.map(({ permission_groups }) => namesOf(permission_groups)),
      [["Zone Read", "Devices Read"], ["Administrator Read Only"]],
    );
    const [resources] = made.policies?.[0]?.resource_groups ?? [];
    assert.deepEqual(
      [resources?.id, resources?.name, resources?.scope],
      [first.resourceGroupId, wholeAccount, [{ key: wholeAccount, objects: [{ key: "*" }] }]],
    );
    const { invitation_token, ...rest } = raw(at.wire);
    assert.match(invitation_token, /^fli_/);
    await membersOf(at).get(made.id ?? "", { account_id });
    assert.equal(JSON.stringify(raw(at.wire)), JSON.stringify(rest));
    await membersOf(at).list({ account_id, per_page: 50 });
    assert.ok(last(at.wire).text.includes(JSON.stringify(rest)));
    assert.ok(!last(at.wire).text.includes("fli_"));
  });

  it("are accepted at once where that is asked for, and then have a user", async () => {
    const status = "accepted" as const;
    const made = await membersOf(at).create({ account_id, email: "at-once@x.test", policies: [], status });
    assert.equal(made.status, "accepted");
    assert.match(made.user?.id ?? "", /^[0-9a-f]{32}$/);
    assert.notEqual(made.user?.id, made.id);
    assert.equal("invitation_token" in raw(at.wire), false);
  });

  it("have a place in no user group, and nothing but their own policies", async () => {
    const { id = "" } = await membersOf(at).create({ account_id, email: "own@x.test", policies: [policy] });
    const { id: groupId } = await at.client.iam.userGroups.create({
      account_id,
      name: "Others' policies",
      policies: [allowPeople(group.administrator)],
    });
    await at.client.iam.userGroups.members.create(groupId, { account_id, members: [{ id }] });
    const got = await membersOf(at).get(id, { account_id });
    assert.deepEqual(namesOf(got.roles), ["Administrator Read Only"]);
    assert.equal(got.policies?.length, 1);
  });
}

function bothViews(at: Setting): void {
  it("made with roles have policies that say the same, and the other way round", async () => {
    for (const [id, name] of [
      [group.administrator, "Administrator"],
      [group.administratorReadOnly, "Administrator Read Only"],
      [group.superAdministrator, "Super Administrator - All Privileges"],
    ] as const) {
      const byRole = await membersOf(at).create({ account_id, email: `role-${id}@x.test`, roles: [id] });
      const policies = [allowPeople(id)];
      const byPolicy = await membersOf(at).create({ account_id, email: `policy-${id}@x.test`, policies });
      for (const { roles, policies } of [byRole, byPolicy]) {
        assert.deepEqual(
          roles?.map((role) => [role.id, role.name]),
          [[id, name]],
        );
        assert.equal(typeof roles?.[0]?.description, "string");
        assert.equal(roles?.[0]?.permissions.organization?.read, true);
        const [only, ...more] = policies ?? [];
        assert.deepEqual([only?.access, more], ["allow", []]);
        assert.deepEqual(namesOf(only?.permission_groups), [name]);
        assert.deepEqual(namesOf(only?.resource_groups), [wholeAccount]);
      }
    }
  });

  it("have no role for what is denied, or allowed on a part of the account", async () => {
    const { id: zones } = await at.client.iam.resourceGroups.create({
      account_id,
      name: "zones",
      scope: { key: wholeAccount, objects: [{ key: "com.cloudflare.api.account.zone.a" }] },
    });
    const policies = [
      { ...allowPeople(group.administrator), access: "deny" as const },
      { ...allowPeople(group.administrator), resource_groups: [{ id: zones }] },
    ];
    const { roles } = await membersOf(at).create({ account_id, email: "no-role@x.test", policies });
    assert.deepEqual(roles, []);
  });
}

function updating(at: Setting): void {
  it("are given other policies or other roles, as the client sends them", async () => {
    const made = await membersOf(at).create({ account_id, email: "put@x.test", policies: [policy] });
    const id = made.id ?? "";
    const changed = await update(at, id, { policies: [policy, allowPeople(group.devicesRead)] });
    assert.deepEqual(changed.policies[0], made.policies?.[0]);
    assert.equal(changed.policies.length, 2);
    const text = last(at.wire).text;
    await membersOf(at).get(id, { account_id });
    assert.equal(last(at.wire).text, text);
    const byRole = await update(at, id, { roles: [{ id: group.administrator }] });
    assert.deepEqual(namesOf(byRole.roles), ["Administrator"]);
    assert.equal(byRole.policies.length, 1);
    assert.deepEqual((await update(at, id, { policies: [] })).policies, []);
    assert.deepEqual(raw(at.wire).roles, []);
  });

  it("stay the same for an empty update, for null, and for what was read", async () => {
    const { id = "" } = await membersOf(at).create({ account_id, email: "same@x.test", policies: [policy] });
    await membersOf(at).get(id, { account_id });
    const { text } = last(at.wire);
    const read = raw(at.wire);
    for (const body of [{}, { policies: null }, { roles: null }, read, { policies: [policy] }]) {
      await update(at, id, body);
      assert.equal(last(at.wire).text, text);
    }
  });

  it("are told by a role that was read which policies to have", async () => {
    const { id = "" } = await membersOf(at).create({
      account_id,
      email: "reader@x.test",
      policies: [policy],
    });
    const { roles } = await membersOf(at).get(id, { account_id });
    const other = await membersOf(at).create({ account_id, email: "other@x.test", policies: [] });
    assert.deepEqual((await update(at, other.id ?? "", { roles })).roles, roles);
  });
}

function leaving(at: Setting): void {
  it("are deleted once, answered with the id, and may be invited again", async () => {
    const email = "leaving@x.test";
    const { id = "" } = await membersOf(at).create({ account_id, email, policies: [] });
    assert.deepEqual({ ...(await membersOf(at).delete(id, { account_id })) }, { id });
    assert.equal(last(at.wire).body, undefined);
    const again = await membersOf(at).create({ account_id, email, policies: [] });
    assert.notEqual(again.id, id);
  });

  it("can do nothing any more with the key they had", async () => {
    const who = await person(at.running, "dismissed@x.test", [allowPeople(group.settingsRead)]);
    const { client } = at.with({ apiEmail: who.apiEmail, apiKey: who.apiKey });
    assert.equal((await client.accounts.members.get(who.id, { account_id })).id, who.id);
    await membersOf(at).delete(who.id, { account_id });
    await assert.rejects(client.accounts.get({ account_id }), { status: 403 });
  });
}

function listing(at: Setting): void {
  it("are paged through to the end, oldest first, by address or by status", async () => {
    const { client, wire } = at.with({ apiEmail: first.email, apiKey: first.apiKey });
    const { id: account_id } = await client.accounts.create({ name: "six members" });
    const { members } = client.accounts;
    const added = ["C@six.test", "a@six.test", "e@six.test", "b@six.test", "d@six.test"];
    for (const email of added) await members.create({ account_id, email, policies: [] });
    const all = [first.email, ...added];
    const sorted = all.toSorted((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
    for (const [query, expected] of [
      [{}, all],
      [{ order: "user.email" }, sorted],
      [{ order: "user.email", direction: "desc" }, sorted.toReversed()],
      [{ direction: "desc" }, all.toReversed()],
      [{ status: "pending" }, added],
      [{ status: "accepted" }, [first.email]],
      [{ status: "rejected" }, []],
    ] as [object, string[]][]) {
      const before = wire.length;
      const listed: unknown[] = [];
      for await (const { email } of members.list({ account_id, per_page: 5, ...query })) listed.push(email);
      assert.deepEqual(listed, expected, JSON.stringify(query));
      assert.equal(wire.length - before, Math.ceil(expected.length / 5) + 1);
      assert.equal(JSON.parse(last(wire).text).result_info.total_count, expected.length);
    }
    const byStatus = await members.list({ account_id, order: "status", direction: "desc" });
    assert.equal(byStatus.result.at(-1)?.email, first.email);
  });

  it("come 20 on a page, and 50 at most", async () => {
    await membersOf(at).list({ account_id });
    assert.equal(JSON.parse(last(at.wire).text).result_info.per_page, 20);
    assert.deepEqual((await membersOf(at).list({ account_id, page: 99, per_page: 100 })).result, []);
    assert.equal(JSON.parse(last(at.wire).text).result_info.per_page, 50);
  });
}

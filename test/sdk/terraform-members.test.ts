import assert from "node:assert/strict";
import { it } from "node:test";
import { first } from "../server.ts";
import { allowPeople, group, wholeAccount } from "./grants.ts";
import { account, destroyed, pagedThrough, planned, type Send, withTerraform } from "./terraform.ts";

const members = `${account}/members`;

withTerraform("account members", (send) => {
  withPolicies(send);
  withRoles(send);
});
withTerraform("data sources", (send) => {
  permissionGroups(send);
  resourceGroups(send);
  listed(send);
});

/** What a plan compares of a member that is configured with policies: they, and what is in them, are sets. */
function policiesIn(member: any): object {
  return member.policies.map(({ access, permission_groups, resource_groups }: any) => ({
    access,
    permission_groups: permission_groups.map(({ id }: { id: string }) => ({ id })),
    resource_groups: resource_groups.map(({ id }: { id: string }) => ({ id })),
  }));
}

const roleIds = (member: any) => member.roles.map(({ id }: { id: string }) => id);

/** Creates and reads at once, as the provider does: the answers differ in nothing but the invitation. */
async function created(send: Send, body: object) {
  const { status, result } = await send("POST", members, body);
  assert.equal(status, 200);
  const path = `${members}/${result.id}`;
  const read = await planned(send, path);
  const { invitation_token: _shownOnce, ...rest } = result;
  assert.equal(JSON.stringify(read.result), JSON.stringify(rest));
  return { path, read: read.result };
}

/** Changes a member: the provider sends the account's id along. What is answered is what is then read. */
async function updated(send: Send, path: string, body: object) {
  const { status, text } = await send("PUT", path, { account_id: first.accountId, ...body });
  assert.equal(status, 200);
  const read = await planned(send, path);
  assert.equal(read.text, text);
  return read;
}

function withPolicies(send: Send): void {
  it("create, change and destroy a member with policies without drift", async () => {
    const policies = [allowPeople(group.administrator)];
    const { path, read } = await created(send, { email: "policies@tf.test", policies });
    assert.deepEqual([read.email, read.status], ["policies@tf.test", "pending"]);
    assert.deepEqual(policiesIn(read), policies);
    assert.deepEqual(roleIds(read), [group.administrator]);
    const same = await updated(send, path, { policies });
    assert.deepEqual(same.result, read);
    const more = [...policies, { ...allowPeople(group.zoneRead, group.devicesRead), access: "deny" }];
    const changed = await updated(send, path, { policies: more });
    assert.deepEqual(policiesIn(changed.result), more);
    assert.deepEqual(changed.result.policies[0], read.policies[0]);
    assert.equal((await updated(send, path, { policies: more })).text, changed.text);
    assert.equal((await updated(send, path, {})).text, changed.text);
    assert.deepEqual((await updated(send, path, { policies })).result, read);
    await destroyed(send, path);
  });
}

function withRoles(send: Send): void {
  it("create, change and destroy a member with roles without drift", async () => {
    const roles = [group.administratorReadOnly, group.administrator];
    const { path, read } = await created(send, { email: "roles@tf.test", roles, status: "pending" });
    assert.deepEqual(roleIds(read), roles);
    assert.deepEqual(
      policiesIn(read),
      roles.map((id) => allowPeople(id)),
    );
    const sent = roles.map((id) => ({ id }));
    assert.deepEqual((await updated(send, path, { roles: sent })).result, read);
    const turned = await updated(send, path, { roles: sent.toReversed() });
    assert.deepEqual(roleIds(turned.result), roles.toReversed());
    const one = await updated(send, path, { roles: sent.slice(1) });
    assert.deepEqual(roleIds(one.result), roles.slice(1));
    assert.equal((await updated(send, path, { roles: sent.slice(1) })).text, one.text);
    await destroyed(send, path);
  });
}

function permissionGroups(send: Send): void {
  const groups = `${account}/iam/permission_groups`;

  it("read permission groups alike from the list and alone", async () => {
    const all = await pagedThrough(send, `${groups}?per_page=5`);
    assert.deepEqual(await pagedThrough(send, groups), all);
    for (const each of all) {
      const { result } = await planned(send, `${groups}/${each.id}`);
      assert.equal(JSON.stringify(result), JSON.stringify(each));
      assert.equal(result.meta.key, "label");
    }
  });

  it("find the permission groups that configurations look up", async () => {
    for (const [query, id] of [
      ["label=admin", group.administrator],
      ["label=admin_readonly", group.administratorReadOnly],
      ["label=all_privileges", group.superAdministrator],
      ["name=Administrator", group.administrator],
      ["name=Administrator%20Read+Only", group.administratorReadOnly],
    ]) {
      const found = await pagedThrough(send, `${groups}?${query}&per_page=100`);
      assert.deepEqual(
        found.map((one) => one.id),
        [id],
      );
    }
    assert.equal((await send("GET", `${groups}/${"0".repeat(32)}`)).status, 404);
  });
}

function resourceGroups(send: Send): void {
  const groups = `${account}/iam/resource_groups`;

  it("find the resource group that is the account, by its name", async () => {
    const { result } = await planned(send, `${groups}?name=${wholeAccount}`);
    assert.equal(result.length, 1);
    assert.equal(result[0].id, first.resourceGroupId);
    assert.deepEqual(result[0].scope, [{ key: wholeAccount, objects: [{ key: "*" }] }]);
    const alone = await planned(send, `${groups}/${result[0].id}`);
    assert.equal(JSON.stringify(alone.result), JSON.stringify(result[0]));
    assert.equal((await send("GET", `${groups}/${"0".repeat(32)}`)).status, 404);
  });

  it("end with older clients, which page through resource groups", async () => {
    const scope = { key: wholeAccount, objects: [{ key: "*" }] };
    const { result } = await send("POST", groups, { name: "paged", scope });
    const all = await pagedThrough(send, groups);
    assert.deepEqual(
      all.map(({ id }) => id),
      [first.resourceGroupId, result.id],
    );
  });
}

function listed(send: Send): void {
  it("page through members with the size that the provider asks for", async () => {
    for (let at = 0; at < 52; at += 1)
      await send("POST", members, { email: `${at}@list.test`, policies: [] });
    const all = await pagedThrough(send, `${members}?per_page=100`);
    assert.equal(new Set(all.map(({ id }) => id)).size, 53);
    const [member] = await pagedThrough(send, `${members}?status=accepted`);
    const { result } = await planned(send, `${members}/${member.id}`);
    assert.equal(JSON.stringify(result), JSON.stringify(member));
  });
}

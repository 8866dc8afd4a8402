import assert from "node:assert/strict";
import { it } from "node:test";
import { allowPeople, group } from "./grants.ts";
import { type Answer, account, destroyed, planned, type Send, withTerraform } from "./terraform.ts";

const groups = `${account}/iam/user_groups`;
const policies = [
  allowPeople(group.zoneRead, group.devicesRead, group.administratorReadOnly),
  { ...allowPeople(group.magicNetworkMonitoring), access: "deny" },
];

withTerraform("user groups", (send) => {
  userGroups(send);
  withoutPolicies(send);
  dataSources(send);
});
withTerraform("members of user groups", (send) => {
  members(send);
  ends(send);
});

const ids = (named: { id: string }[]) => named.map(({ id }) => ({ id }));

/** What the provider keeps in its state of a user group, and compares: in this order, ids and times included. */
function stateOf({ result: { id, name, created_on, modified_on, policies } }: Answer): string {
  const kept = policies?.map((policy: any) => ({
    id: policy.id,
    access: policy.access,
    permission_groups: ids(policy.permission_groups),
    resource_groups: ids(policy.resource_groups),
  }));
  return JSON.stringify({ id, name, created_on, modified_on, policies: kept ?? null });
}

/** What a configuration says of a user group, as far as a plan compares it with what was read. */
function configIn({ result: { name, policies } }: Answer): object {
  const kept = policies?.map(({ access, permission_groups, resource_groups }: any) => ({
    access,
    permission_groups: ids(permission_groups),
    resource_groups: ids(resource_groups),
  }));
  return { name, ...(kept && { policies: kept }) };
}

/** Puts a configuration, after which the plan is empty: read, twice, is what was answered, and what was wanted. */
async function applied(send: Send, path: string, config: object, expected = config): Promise<Answer> {
  const updated = await send("PUT", path, config);
  assert.equal(updated.status, 200);
  const read = await planned(send, path);
  assert.equal(read.text, updated.text);
  assert.equal(stateOf(read), stateOf(updated));
  assert.deepEqual(configIn(read), expected);
  return read;
}

function userGroups(send: Send): void {
  it("create, rename and rename back, and destroy a user group without drift", async () => {
    const created = await send("POST", groups, { name: "tf", policies });
    assert.equal(created.status, 200);
    const path = `${groups}/${created.result.id}`;
    const read = await planned(send, path);
    assert.equal(read.text, created.text);
    assert.deepEqual(configIn(read), { name: "tf", policies });
    const again = await applied(send, path, { name: "tf", policies });
    assert.equal(again.text, created.text);
    const renamed = await applied(send, path, { name: "tf renamed", policies });
    assert.deepEqual(renamed.result.policies, read.result.policies);
    assert.equal(renamed.result.created_on, read.result.created_on);
    const back = await applied(send, path, { name: "tf", policies });
    assert.deepEqual(back.result, { ...read.result, modified_on: back.result.modified_on });
    await destroyed(send, path);
  });

  it("keep the order of a user group's policies and of what is in them", async () => {
    const { result } = await send("POST", groups, { name: "tf", policies });
    const path = `${groups}/${result.id}`;
    const turned = policies
      .map((policy) => ({ ...policy, permission_groups: policy.permission_groups.toReversed() }))
      .reverse();
    await applied(send, path, { name: "tf", policies: turned });
    const [one, other] = policies;
    await applied(send, path, { name: "tf", policies: [other, one, other] });
    await applied(send, path, { name: "tf", policies: [one] });
    await destroyed(send, path);
  });
}

function withoutPolicies(send: Send): void {
  it("create a user group without policies, give it some, and take them away each way", async () => {
    const created = await send("POST", groups, { name: "tf" });
    const path = `${groups}/${created.result.id}`;
    const read = await planned(send, path);
    assert.equal(read.text, created.text);
    assert.deepEqual(configIn(read), { name: "tf" });
    for (const taken of [null, []]) {
      await applied(send, path, { name: "tf", policies });
      const expected = { name: "tf", ...(taken && { policies: taken }) };
      const gone = await applied(send, path, { name: "tf", policies: taken }, expected);
      assert.equal((await applied(send, path, { name: "tf", policies: taken }, expected)).text, gone.text);
      assert.equal((await applied(send, path, { name: "tf" }, expected)).text, gone.text);
    }
    await applied(send, path, { name: "tf", policies });
    await applied(send, path, { name: "tf" }, { name: "tf", policies });
    await destroyed(send, path);
  });

  it("create a user group with policies that are null or an empty list", async () => {
    for (const taken of [null, []]) {
      const created = await send("POST", groups, { name: "tf", policies: taken });
      const path = `${groups}/${created.result.id}`;
      const read = await planned(send, path);
      assert.equal(read.text, created.text);
      assert.deepEqual(configIn(read), { name: "tf", ...(taken && { policies: taken }) });
      await destroyed(send, path);
    }
  });
}

function dataSources(send: Send): void {
  it("find the one user group that a filter is about", async () => {
    const { result } = await send("POST", groups, { name: "Data source", policies });
    await send("POST", groups, { name: "Another one" });
    const path = `${groups}/${result.id}`;
    const { text } = await planned(send, path);
    for (const query of [
      `id=${result.id}`,
      "name=Data+source",
      "fuzzyName=ta%20SOU",
      "direction=desc&name=Data%20source",
    ]) {
      const found = await send("GET", `${groups}?${query}`);
      assert.equal(found.result.length, 1, query);
      assert.equal(JSON.stringify(found.result[0]), JSON.stringify(JSON.parse(text).result));
    }
    await destroyed(send, path);
  });
}

/** Invites people, and answers the ids of these members in the order of the addresses. */
async function people(send: Send, ...emails: string[]): Promise<string[]> {
  const made: string[] = [];
  for (const email of emails)
    made.push((await send("POST", `${account}/members`, { email, policies: [] })).result.id);
  return made;
}

/** Applies members: the answer has those who were sent, in their order, and so does the first page of the list. */
async function joined(send: Send, method: string, path: string, wanted: string[], all = wanted) {
  const answer = await send(method, path, named(wanted));
  assert.equal(answer.status, 200);
  assert.deepEqual(ids(answer.result), named(wanted));
  const read = await planned(send, path);
  assert.deepEqual(ids(read.result), named(all));
  const listed = read.result.filter(({ id }: { id: string }) => wanted.includes(id));
  if (wanted.length === all.length) assert.equal(JSON.stringify(listed), JSON.stringify(answer.result));
}

const named = (wanted: string[]) => wanted.map((id) => ({ id }));

function members(send: Send): void {
  it("add, order, replace and take out a user group's members without drift", async () => {
    const [z = "", a = "", m = ""] = await people(send, "z@tf.test", "a@tf.test", "m@tf.test");
    const { result } = await send("POST", groups, { name: "tf members" });
    const path = `${groups}/${result.id}/members`;
    await joined(send, "POST", path, [z]);
    await joined(send, "PUT", path, [z]);
    await joined(send, "PUT", path, [z, a, m]);
    await joined(send, "PUT", path, [m, z, a]);
    await joined(send, "PUT", path, [a]);
    await joined(send, "POST", path, [z, m], [a, z, m]);
    assert.equal((await planned(send, `${groups}/${result.id}`)).result.name, "tf members");
    await joined(send, "PUT", path, []);
    await joined(send, "PUT", path, []);
    await destroyed(send, `${groups}/${result.id}`);
    assert.equal((await send("GET", path)).status, 404);
    assert.equal((await send("PUT", path, [])).status, 404);
  });

  it("read a hundred members on the one page that is asked for", async () => {
    const emails = Array.from({ length: 100 }, (_, at) => `${(at * 37) % 100}@many.test`);
    const hundred = await people(send, ...emails);
    const { result } = await send("POST", groups, { name: "tf many" });
    await joined(send, "POST", `${groups}/${result.id}/members`, hundred);
    await joined(send, "PUT", `${groups}/${result.id}/members`, hundred.toReversed());
  });
}

function ends(send: Send): void {
  it("destroy a user group with members in it, who stay in the account", async () => {
    const [one = ""] = await people(send, "stays@tf.test");
    const { result } = await send("POST", groups, { name: "tf full" });
    await joined(send, "POST", `${groups}/${result.id}/members`, [one]);
    await destroyed(send, `${groups}/${result.id}`);
    assert.equal((await planned(send, `${account}/members/${one}`)).result.id, one);
  });

  it("refuse the same member twice, which no state could hold", async () => {
    const [one = ""] = await people(send, "twice@tf.test");
    const { result } = await send("POST", groups, { name: "tf twice" });
    const path = `${groups}/${result.id}/members`;
    for (const method of ["POST", "PUT"])
      assert.equal((await send(method, path, named([one, one]))).status, 400);
    assert.deepEqual((await planned(send, path)).result, []);
  });
}

import assert from "node:assert/strict";
import { it } from "node:test";
import { allow, group, wholeAccount } from "./grants.ts";
import { account, destroyed, planned, type Send, withTerraform } from "./terraform.ts";

const mergePatch = "application/merge-patch+json";

withTerraform("deployment groups and tokens", (send) => {
  deploymentGroups(send);
  tokensAt(send, `${account}/tokens`, "an account token");
});
withTerraform("user tokens", (send) => tokensAt(send, "/client/v4/user/tokens", "a user token"), "key");

function deploymentGroups(send: Send): void {
  const groups = `${account}/devices/deployment-groups`;
  const windows = { target_environment: "windows", version: "2026.6.836.0" };
  const macos = { target_environment: "macos", version: "2026.7.1377.0" };
  const applied = async (path: string, patch: object) => {
    const updated = await send("PATCH", path, patch, mergePatch);
    assert.equal(updated.status, 200);
    const read = await planned(send, path);
    assert.equal(read.text, updated.text);
    return read.result;
  };

  it("create, change and destroy a deployment group without drift", async () => {
    const config = { name: "Ring 0", version_config: [windows, macos], policy_ids: ["tf-b", "tf-a"] };
    const { status, text, result } = await send("POST", groups, config);
    assert.equal(status, 200);
    const path = `${groups}/${result.id}`;
    assert.equal((await planned(send, path)).text, text);
    const { id, created_at, updated_at, ...rest } = result;
    assert.deepEqual(rest, config);

    assert.equal((await applied(path, {})).updated_at, updated_at);
    const version_config = [macos, windows];
    const changed = await applied(path, { version_config, policy_ids: ["tf-a", "tf-b"] });
    assert.deepEqual(changed, {
      ...{ ...config, id, created_at, version_config },
      policy_ids: ["tf-a", "tf-b"],
      updated_at: changed.updated_at,
    });
    const removed = await applied(path, { policy_ids: null });
    assert.equal("policy_ids" in removed, false);
    assert.equal((await applied(path, { policy_ids: null })).updated_at, removed.updated_at);
    assert.deepEqual((await applied(path, { policy_ids: [] })).policy_ids, []);
    assert.deepEqual((await applied(path, { name: "Ring 1" })).policy_ids, []);
    await destroyed(send, path);
  });

  it("create a deployment group without policies, and give it one later", async () => {
    const created = await send("POST", groups, { name: "Bare", version_config: [windows] });
    const path = `${groups}/${created.result.id}`;
    const read = await planned(send, path);
    assert.equal(read.text, created.text);
    assert.equal("policy_ids" in read.result, false);
    const version_config = [{ target_environment: null, version: "2026.8.2028.1" }];
    assert.deepEqual((await applied(path, { version_config })).version_config, version_config);
    assert.deepEqual((await applied(path, { policy_ids: ["tf-late"] })).policy_ids, ["tf-late"]);
    await destroyed(send, path);
  });

  it("list deployment groups until an empty page", async () => {
    const paths = [];
    for (const name of ["one", "two", "three"])
      paths.push(`${groups}/${(await send("POST", groups, { name, version_config: [windows] })).result.id}`);
    const names: string[] = [];
    for (let page = 1, size = 1; size > 0; page += 1) {
      const { result } = await send("GET", `${groups}?per_page=2&page=${page}`);
      size = result.length;
      names.push(...result.map(({ name }: { name: string }) => name));
    }
    assert.deepEqual(names, ["one", "two", "three"]);
    for (const path of paths) await destroyed(send, path);
  });
}

function tokensAt(send: Send, tokens: string, what: string): void {
  const zone = "com.cloudflare.api.account.zone";
  const resources = { [wholeAccount]: "*", [`${zone}.a`]: "*", [`${zone}.b`]: "*" };
  const policies = [
    { ...allow(group.zoneRead, group.devicesRead), resources },
    { ...allow(group.magicNetworkMonitoring), effect: "deny" },
  ];
  const updated = async (path: string, body: object) => {
    const { status, text } = await send("PUT", path, body);
    assert.equal(status, 200);
    const read = await planned(send, path);
    assert.equal(read.text, text);
    return read;
  };

  it(`create, rename and destroy ${what} without drift`, async () => {
    const created = await send("POST", tokens, { name: "tf", policies });
    assert.match(created.result.value, /^[0-9A-Za-z\-_]{40,80}$/);
    const path = `${tokens}/${created.result.id}`;
    const read = await planned(send, path);
    const { value: _shownOnce, ...rest } = created.result;
    assert.deepEqual(read.result, rest);
    for (const member of ["value", "condition", "expires_on", "not_before"])
      assert.equal(member in read.result, false);
    assert.ok(read.text.includes(`"resources":${JSON.stringify(resources)}`));

    const renamed = await updated(path, { name: "tf renamed", policies });
    assert.equal(renamed.result.name, "tf renamed");
    assert.deepEqual(renamed.result.policies, read.result.policies);
    assert.equal((await updated(path, { name: "tf renamed", policies })).text, renamed.text);
    await destroyed(send, path);
  });

  it(`give ${what} dates and a condition, and take them away by null`, async () => {
    const given = {
      condition: { request_ip: { in: ["192.0.2.0/24"], not_in: ["192.0.2.7/32"] } },
      expires_on: "2030-01-01T00:00:00Z",
      not_before: "2020-01-01T00:00:00Z",
    };
    const { result } = await send("POST", tokens, { name: "tf", policies, ...given });
    const path = `${tokens}/${result.id}`;
    const read = (await planned(send, path)).result;
    for (const [member, value] of Object.entries(given)) assert.deepEqual(read[member], value);
    const config = { name: "tf", policies, ...given };
    const narrowed = { ...config, condition: { request_ip: { in: ["192.0.2.0/24"], not_in: null } } };
    assert.deepEqual((await updated(path, narrowed)).result.condition, {
      request_ip: { in: ["192.0.2.0/24"] },
    });
    const nothing = { condition: null, expires_on: null, not_before: null };
    const bare = (await updated(path, { ...config, ...nothing })).result;
    for (const member of Object.keys(given)) assert.equal(member in bare, false);
    await destroyed(send, path);
  });

  it(`keep the order of policies of ${what} and what is in them`, async () => {
    const created = await send("POST", tokens, { name: "tf", policies });
    const path = `${tokens}/${created.result.id}`;
    const turned = policies
      .map((policy) => ({ ...policy, permission_groups: policy.permission_groups.toReversed() }))
      .reverse();
    const read = (await updated(path, { name: "tf", policies: turned })).result;
    assert.deepEqual(
      read.policies.map((policy: any) => policy.permission_groups.map(({ id }: { id: string }) => id)),
      turned.map((policy) => policy.permission_groups.map(({ id }) => id)),
    );
    await destroyed(send, path);
  });
}

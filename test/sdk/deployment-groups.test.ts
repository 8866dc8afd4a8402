import assert from "node:assert/strict";
import { it } from "node:test";
import type { DeploymentGroupCreateParams } from "cloudflare/resources/zero-trust/devices/deployment-groups";
import { first } from "../server.ts";
import { last, raw, type Setting, withClient } from "./recorded.ts";

const account_id = first.accountId;
const version_config = [{ target_environment: "windows", version: "2026.6.234.0" }];
const minimal = { account_id, name: "Engineering Ring 0", version_config };
const groupsOf = (at: Setting) => at.client.zeroTrust.devices.deploymentGroups;

withClient("deployment groups through the official client", (at) => {
  making(at);
  keeping(at);
  policyIds(at);
  editing(at);
  paging(at);
  transport(at);
});

function making(at: Setting): void {
  it("are created, got and listed with the same bytes", async () => {
    const made = await groupsOf(at).create({ ...minimal, policy_ids: ["same-1", "same-2"] });
    const created = JSON.stringify(raw(at.wire));
    assert.match(made.id, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    assert.match(made.created_at, /^2026-11-21T09:00:00\.\d{6}Z$/);
    assert.equal(made.updated_at, made.created_at);
    assert.deepEqual(
      { ...made },
      {
        id: made.id,
        name: minimal.name,
        version_config,
        policy_ids: ["same-1", "same-2"],
        created_at: made.created_at,
        updated_at: made.created_at,
      },
    );
    await groupsOf(at).get(made.id, { account_id });
    assert.equal(JSON.stringify(raw(at.wire)), created);
    await groupsOf(at).list({ account_id, per_page: 100 });
    assert.ok(last(at.wire).text.includes(created));
  });

  it("may have the same name, which is kept byte for byte", async () => {
    const name = "  Ring\u00a00 – 端末 🚀 e\u0301 ";
    const [one, two] = [
      await groupsOf(at).create({ ...minimal, name }),
      await groupsOf(at).create({ ...minimal, name }),
    ];
    assert.deepEqual([one.name, two.name], [name, name]);
    assert.notEqual(one.id, two.id);
    const longest = "🚀".repeat(255);
    assert.equal((await groupsOf(at).create({ ...minimal, name: longest })).name, longest);
  });
}

function keeping(at: Setting): void {
  it("keep the order of their versions, and an environment that is null", async () => {
    const ordered = [
      { target_environment: "macos", version: "2026.7.1377.0" },
      { target_environment: null, version: "1" },
      { target_environment: "windows", version: "2026.8.2028.1" },
      { target_environment: "Linux", version: "beta build" },
    ];
    const made = await groupsOf(at).create({ ...minimal, version_config: ordered });
    assert.deepEqual(made.version_config, ordered);
    const turned = ordered.toReversed();
    const { version_config: edited } = await groupsOf(at).edit(made.id, {
      account_id,
      version_config: turned,
    });
    assert.deepEqual(edited, turned);
    assert.deepEqual((await groupsOf(at).get(made.id, { account_id })).version_config, turned);
  });

  it("ignore members that only answers have, and those that nobody knows", async () => {
    const sent = { ...minimal, id: "mine", created_at: "2001-01-01T00:00:00Z", frobnicate: { deep: [1] } };
    const made = await groupsOf(at).create(sent);
    assert.notEqual(made.id, "mine");
    assert.match(made.created_at, /^2026-/);
    assert.equal("frobnicate" in made, false);
  });

  it("are deleted once, and answered with the id", async () => {
    const { id } = await groupsOf(at).create({ ...minimal, policy_ids: ["freed"] });
    assert.deepEqual({ ...(await groupsOf(at).delete(id, { account_id })) }, { id });
    assert.deepEqual([last(at.wire).status, last(at.wire).body], [200, undefined]);
    assert.deepEqual((await groupsOf(at).create({ ...minimal, policy_ids: ["freed"] })).policy_ids, [
      "freed",
    ]);
  });
}

function policyIds(at: Setting): void {
  const create = (policy_ids: string[] | null | undefined) =>
    groupsOf(at).create({
      ...minimal,
      ...(policy_ids !== undefined && { policy_ids }),
    } as DeploymentGroupCreateParams);

  it("leave policy_ids out where they were never set, and answer [] where they are none", async () => {
    for (const [sent, answered] of [
      [undefined, undefined],
      [null, undefined],
      [[], []],
    ] as const) {
      const { id } = await create(sent as string[] | null | undefined);
      assert.deepEqual(raw(at.wire).policy_ids, answered);
      assert.equal("policy_ids" in raw(at.wire), answered !== undefined);
      await groupsOf(at).get(id, { account_id });
      assert.equal("policy_ids" in raw(at.wire), answered !== undefined);
    }
  });

  it("turn from one into the other by PATCH, and stay where they are left out", async () => {
    const { id } = await create(["turn-b", "turn-a", "turn-c"]);
    const edit = async (more: object) => {
      await groupsOf(at).edit(id, { account_id, ...more });
      const { policy_ids } = raw(at.wire);
      await groupsOf(at).get(id, { account_id });
      assert.deepEqual(raw(at.wire).policy_ids, policy_ids);
      return policy_ids;
    };
    assert.deepEqual(await edit({ name: "other" }), ["turn-b", "turn-a", "turn-c"]);
    assert.deepEqual(await edit({ policy_ids: ["turn-d", "turn-c", "turn-b"] }), [
      "turn-d",
      "turn-c",
      "turn-b",
    ]);
    assert.deepEqual(await edit({ policy_ids: [] }), []);
    assert.deepEqual(await edit({ name: "yet another" }), []);
    assert.equal(await edit({ policy_ids: null }), undefined);
    assert.deepEqual(await edit({ policy_ids: [] }), []);
    assert.deepEqual(await edit({ policy_ids: ["turn-a"] }), ["turn-a"]);
    assert.equal(await edit({ policy_ids: null }), undefined);
    assert.deepEqual((await create(["turn-a"])).policy_ids, ["turn-a"]);
  });
}

function editing(at: Setting): void {
  it("change nothing on an empty edit or on equal values, updated_at included", async () => {
    const { id, ...made } = await groupsOf(at).create({ ...minimal, policy_ids: ["still"] });
    const created = last(at.wire).text;
    at.clock.advance(5_000_000);
    for (const edit of [{}, { name: made.name }, { ...made }, { policy_ids: ["still"], version_config }]) {
      await groupsOf(at).edit(id, { account_id, ...edit } as { account_id: string });
      assert.equal(last(at.wire).text, created);
    }
    await groupsOf(at).edit(id, { account_id });
    assert.equal(last(at.wire).body, "{}");
    assert.equal(last(at.wire).text, created);
  });

  it("move updated_at by a change, to the same bytes everywhere, and never created_at", async () => {
    const made = await groupsOf(at).create(minimal);
    at.clock.advance(3_600_000_000);
    const edited = await groupsOf(at).edit(made.id, { account_id, name: "Ring 1" });
    const changed = JSON.stringify(raw(at.wire));
    assert.equal(edited.created_at, made.created_at);
    assert.ok(edited.updated_at > made.updated_at);
    assert.deepEqual({ ...edited, name: made.name, updated_at: made.updated_at }, { ...made });
    await groupsOf(at).get(made.id, { account_id });
    assert.equal(JSON.stringify(raw(at.wire)), changed);
    await groupsOf(at).list({ account_id, per_page: 100 });
    assert.ok(last(at.wire).text.includes(changed));
  });
}

function paging(at: Setting): void {
  it("are paged through to the end, oldest first", async () => {
    const { client, wire } = at.with({ apiEmail: first.email, apiKey: first.apiKey });
    const { id: account_id } = await client.accounts.create({ name: "five groups" });
    const groups = client.zeroTrust.devices.deploymentGroups;
    assert.deepEqual((await groups.list({ account_id })).result, []);
    const made: string[] = [];
    for (const name of ["e", "a", "d", "b", "c"])
      made.push((await groups.create({ ...minimal, account_id, name })).id);
    const before = wire.length;
    const listed: string[] = [];
    for await (const { id } of groups.list({ account_id, per_page: 2 })) listed.push(id);
    assert.deepEqual(listed, made);
    const infos = wire.slice(before).map(({ text }) => JSON.parse(text).result_info);
    const size = { per_page: 2, total_count: 5, total_pages: 3 };
    assert.deepEqual(infos, [
      { ...size, page: 1, count: 2 },
      { ...size, page: 2, count: 2 },
      { ...size, page: 3, count: 1 },
      { ...size, page: 4, count: 0 },
    ]);
    const all = await groups.list({ account_id });
    assert.deepEqual(JSON.parse(last(wire).text).result_info, {
      page: 1,
      per_page: 50,
      count: 5,
      total_count: 5,
      total_pages: 1,
    });
    assert.equal((await all.getNextPage()).hasNextPage(), false);
  });

  it("clamp the size of a page, and answer a page far past the end with none", async () => {
    const page = await groupsOf(at).list({ account_id, page: 987_654_321, per_page: 5000 });
    assert.deepEqual(page.result, []);
    assert.equal(JSON.parse(last(at.wire).text).result_info.per_page, 100);
  });
}

function transport(at: Setting): void {
  it("are reached with a base URL that ends with a slash or does not", async () => {
    for (const end of ["", "/"]) {
      const { client, wire } = at.with({
        baseURL: `${at.running.url}/client/v4${end}`,
        apiToken: first.apiToken,
      });
      await client.zeroTrust.devices.deploymentGroups.list({ account_id });
      assert.equal(last(wire).url.pathname, `/client/v4/accounts/${account_id}/devices/deployment-groups`);
    }
  });

  it("take a token, a pair of e-mail and key, and the token where both are sent", async () => {
    const [apiToken, apiEmail, apiKey] = [first.apiToken, first.email.toUpperCase(), first.apiKey];
    for (const options of [
      { apiToken },
      { apiEmail, apiKey },
      { apiToken, apiEmail, apiKey },
      { apiToken, apiEmail: "nobody@example.com", apiKey: "0".repeat(37) },
      { apiToken, userServiceKey: "v1.0-anything" },
    ]) {
      const { client, wire } = at.with(options);
      await client.zeroTrust.devices.deploymentGroups.list({ account_id });
      assert.equal(last(wire).sent.has("authorization"), "apiToken" in options);
      assert.equal(last(wire).sent.has("x-auth-key"), "apiKey" in options);
    }
  });

  it("do not care which version of the API or which client it is that asks", async () => {
    const { client, wire } = at.with({ apiToken: first.apiToken, apiVersion: "2019-01-01" });
    const headers = { "X-Stainless-Lang": "Terraform", "X-Stainless-Retry-Count": "7", Accept: "*/*" };
    await client.zeroTrust.devices.deploymentGroups.list({ account_id }, { headers });
    assert.equal(last(wire).sent.get("api-version"), "2019-01-01");
    assert.equal(last(wire).sent.get("x-stainless-lang"), "Terraform");
  });
}

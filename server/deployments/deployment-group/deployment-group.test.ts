import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { engines } from "../../../test/engines.ts";
import { first, type Running, startServer } from "../../../test/server.ts";

const groups = `/client/v4/accounts/${first.accountId}/devices/deployment-groups`;
const config = [
  { target_environment: "windows", version: "2026.7.1377.0" },
  { target_environment: null, version: "2026.6.836.0" },
  { target_environment: "macos", version: "1" },
];

for (const engine of engines)
  describe(`deployment groups on ${engine.name}`, () => {
    let running: Running;
    let ask: Running["ask"];
    let number = 0;
    before(async () => {
      running = await startServer(await engine.open());
      ask = running.ask;
    });
    after(() => running.stop());

    const post = (more: object = {}) =>
      ask("POST", groups, { body: { name: "Ring", version_config: config, ...more } });
    const patch = (id: string, body: object) => ask("PATCH", `${groups}/${id}`, { body });
    const policy = () => `policy-${number++}`;

    it("comes back in the order it was sent, byte for byte in every answer", async () => {
      const policy_ids = [policy(), policy(), policy()].reverse();
      const { body } = await post({ name: " Ring\u00a01 é ", policy_ids });
      const { id, created_at, updated_at, ...rest } = body.result;
      assert.deepEqual(rest, { name: " Ring\u00a01 é ", version_config: config, policy_ids });
      assert.match(created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
      assert.equal(updated_at, created_at);
      assert.deepEqual((await ask("GET", `${groups}/${id}`)).body.result, body.result);
      const { body: listed } = await ask("GET", groups);
      assert.deepEqual(listed.result.at(-1), body.result);
      assert.deepEqual((await patch(id, {})).body.result, body.result);
      assert.deepEqual((await patch(id, { ...rest })).body.result, body.result);
    });

    it("tells null, none and absent policy ids apart", async () => {
      const absent = (await post()).body.result;
      assert.ok(!("policy_ids" in absent));
      const set = await patch(absent.id, { policy_ids: [] });
      assert.deepEqual(set.body.result.policy_ids, []);
      assert.notEqual(set.body.result.updated_at, absent.updated_at);
      assert.deepEqual((await patch(absent.id, { name: "Other" })).body.result.policy_ids, []);
      assert.ok(!("policy_ids" in (await patch(absent.id, { policy_ids: null })).body.result));
      assert.ok(!("policy_ids" in (await post({ policy_ids: null })).body.result));
    });

    it("refuses a policy that another group holds, and changes nothing then", async () => {
      const [one, two] = [policy(), policy()];
      const owner = (await post({ name: "Owner", policy_ids: [one] })).body.result;
      const refused = await post({ policy_ids: [two, one] });
      assert.equal(refused.status, 409);
      assert.equal(refused.headers.get("x-should-retry"), "false");
      const [error] = refused.body.errors;
      assert.equal(error.code, 1409);
      assert.match(error.message, new RegExp(`${one} in Owner \\(${owner.id}\\)`));
      const other = (await post({ policy_ids: [two] })).body.result;
      assert.equal((await patch(other.id, { name: "Changed", policy_ids: [one] })).status, 409);
      assert.deepEqual((await ask("GET", `${groups}/${other.id}`)).body.result, other);
      assert.equal((await patch(owner.id, { policy_ids: [one] })).status, 200);
      assert.equal((await patch(other.id, { policy_ids: [] })).status, 200);
      assert.deepEqual((await patch(owner.id, { policy_ids: [two, one] })).body.result.policy_ids, [
        two,
        one,
      ]);
      assert.deepEqual((await ask("DELETE", `${groups}/${owner.id}`)).body.result, { id: owner.id });
      assert.equal((await ask("DELETE", `${groups}/${owner.id}`)).status, 404);
      assert.equal((await patch(other.id, { policy_ids: [one, two] })).status, 200);
    });

    it("does not name a group that the caller may not see", async () => {
      const held = policy();
      const owner = (await post({ name: "Secret", policy_ids: [held] })).body.result;
      const kind = "com.cloudflare.api.account.deployment-group";
      const token = await running.tokenWith(
        { groups: ["Zero Trust Write"] },
        { effect: "deny", groups: ["Zero Trust Write"], on: [`${kind}.${owner.id}`] },
      );
      const body = { name: "x", version_config: config, policy_ids: [held] };
      const refused = await ask("POST", groups, { token, body });
      assert.equal(refused.status, 409);
      assert.doesNotMatch(JSON.stringify(refused.body), /Secret/);
      assert.ok(!JSON.stringify(refused.body).includes(owner.id));
    });

    it("refuses what makes no sense, and names the member", async () => {
      for (const [more, pointer] of [
        [{ version_config: [] }, "/version_config"],
        [
          { version_config: [config[0], { ...config[0], target_environment: "Windows" }] },
          "/version_config/1/target_environment",
        ],
        [
          {
            version_config: [
              { target_environment: "mac", version: "1" },
              { target_environment: "darwin", version: "1" },
            ],
          },
          "/version_config/1/target_environment",
        ],
        [{ version_config: [config[1], config[1]] }, "/version_config/1/target_environment"],
        [{ version_config: [{ version: "1" }] }, "/version_config/0/target_environment"],
        [{ version_config: [{ target_environment: "x", version: "" }] }, "/version_config/0/version"],
        [{ policy_ids: ["p", "q", "p"] }, "/policy_ids/2"],
        [{ name: "" }, "/name"],
        [{ name: "x".repeat(256) }, "/name"],
      ] as const) {
        const refused = await post(more);
        assert.deepEqual([refused.status, refused.body.errors[0].source.pointer], [400, pointer]);
      }
      const made = (await post()).body.result;
      assert.equal((await patch(made.id, { version_config: [] })).status, 400);
      assert.equal((await patch(made.id, { name: null })).status, 400);
    });

    it("is listed in pages: clamped, past the end, and refused below one", async () => {
      const { total_count } = (await ask("GET", groups)).body.result_info;
      const page = async (query: string) => (await ask("GET", `${groups}?${query}`)).body;
      const second = await page("page=2&per_page=2");
      assert.deepEqual(second.result_info, {
        page: 2,
        per_page: 2,
        count: 2,
        total_count,
        total_pages: Math.ceil(total_count / 2),
      });
      assert.equal((await page("per_page=1000000")).result_info.per_page, 100);
      const past = await page("page=99999999999999999999");
      assert.deepEqual([past.success, past.result], [true, []]);
      for (const query of ["page=0", "per_page=0", "page=-1", "page=1.0", "page=x", "page=", "page=1&page=2"])
        assert.equal(
          (await page(query)).errors[0].source.pointer,
          query.startsWith("per") ? "/per_page" : "/page",
        );
    });
  });

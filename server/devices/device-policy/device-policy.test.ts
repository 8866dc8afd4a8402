import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { engines } from "../../../test/engines.ts";
import { first, type Running, startServer } from "../../../test/server.ts";

const devices = `/client/v4/accounts/${first.accountId}/devices`;
const policy = `${devices}/policy`;

for (const engine of engines)
  describe(`device policies on ${engine.name}`, () => {
    let running: Running;
    let ask: Running["ask"];
    let precedence = 0;
    before(async () => {
      running = await startServer(await engine.open(), { config: { unknownPolicyIds: "refuse" } });
      ask = running.ask;
    });
    after(() => running.stop());

    const wanted = (more: object = {}) => ({
      name: "Engineers",
      match: 'identity.email == "test@cloudflare.com"',
      precedence: precedence++,
      ...more,
    });
    const create = async (more: object = {}) => {
      const told = await ask("POST", policy, { body: wanted(more) });
      assert.equal(told.status, 200, JSON.stringify(told.body));
      return told.body.result;
    };
    const refused = async (method: string, path: string, body: object, pointer: string) => {
      const told = await ask(method, path, { body });
      assert.equal(told.status, 400, JSON.stringify(told.body));
      assert.equal(told.body.errors[0].source.pointer, pointer, told.body.errors[0].message);
      return told.body.errors[0].message as string;
    };

    it("are answered with everything that is documented, and the same when they are read", async () => {
      const made = await create({ description: "All of them" });
      assert.match(made.policy_id, /^[0-9a-f-]{36}$/);
      const { name, enabled, exclude, fallback_domains } = made;
      assert.deepEqual([name, enabled, made.default], ["Engineers", true, false]);
      assert.equal(exclude.length, 16);
      assert.equal(fallback_domains[0].suffix, "intranet");
      assert.deepEqual([made.captive_portal, made.allowed_to_leave, made.support_url], [180, true, ""]);
      assert.ok(!("lan_allow_minutes" in made));
      assert.deepEqual((await ask("GET", `${policy}/${made.policy_id}`)).body.result, made);
    });

    it("have a default one that is neither listed, nor made, nor deleted", async () => {
      const standard = (await ask("GET", policy)).body.result;
      assert.equal(standard.default, true);
      assert.ok(!("match" in standard) && !("precedence" in standard));
      const edited = await ask("PATCH", policy, { body: { captive_portal: 90, name: "no" } });
      assert.deepEqual([edited.body.result.captive_portal, edited.body.result.name], [90, "Default"]);
      await ask("PATCH", policy, { body: { captive_portal: null } });
      assert.deepEqual((await ask("GET", policy)).body.result, standard);
      assert.equal((await ask("DELETE", `${policy}/${standard.policy_id}`)).status, 409);
      const listed = (await ask("GET", `${devices}/policies`)).body.result;
      assert.ok(listed.every((each: { default: boolean }) => !each.default));
      assert.deepEqual((await ask("GET", `${devices}/policies?page=2`)).body.result, []);
      assert.equal((await ask("PATCH", policy, {})).status, 400);
    });

    it("are tried by precedence, each of which is taken once", async () => {
      const [late, early] = [await create({ precedence: 9000 }), await create({ precedence: 8000 })];
      const ids = (await ask("GET", `${devices}/policies`)).body.result.map((each: any) => each.policy_id);
      assert.ok(ids.indexOf(early.policy_id) < ids.indexOf(late.policy_id));
      assert.match(await refused("POST", policy, wanted({ precedence: 9000 }), "/precedence"), /is taken/);
      await refused("PATCH", `${policy}/${early.policy_id}`, { precedence: 9000 }, "/precedence");
      const same = await ask("PATCH", `${policy}/${late.policy_id}`, { body: { precedence: 9000 } });
      assert.deepEqual(same.body.result, late);
    });

    it("keep the expression as it was written, and say where one is wrong", async () => {
      const match = 'identity.email == "a@b.c"\n  or any(device.groups[*] in {"Kiosks"})';
      assert.equal((await create({ match })).match, match);
      const user = wanted({ match: 'user.identity == "a"' });
      assert.match(
        await refused("POST", policy, user, "/match"),
        /character 1: there is no field user.identity/,
      );
      assert.match(
        await refused("POST", policy, wanted({ match: "network ==" }), "/match"),
        /character 11: expected a value/,
      );
      await refused("POST", policy, wanted({ match: "" }), "/match");
      await refused("POST", policy, { name: "x", precedence: 77_777 }, "/match");
    });

    it("keep settings that were set, forget those that are set to null, and drop what is not known", async () => {
      const exclude = [{ address: "10.0.0.0/8", description: "Office", since: 1 }, { host: "a.example" }];
      const made = await create({ exclude, lan_allow_minutes: 30, profile_type: "warp" });
      assert.deepEqual(made.exclude, [
        { address: "10.0.0.0/8", description: "Office" },
        { host: "a.example" },
      ]);
      assert.equal(made.lan_allow_minutes, 30);
      const body = { exclude: null, lan_allow_minutes: null };
      const cleared = (await ask("PATCH", `${policy}/${made.policy_id}`, { body })).body.result;
      assert.equal(cleared.exclude.length, 16);
      assert.ok(!("lan_allow_minutes" in cleared));
      assert.deepEqual(
        (await ask("PATCH", `${policy}/${made.policy_id}`, { body: {} })).body.result,
        cleared,
      );
      await refused("POST", policy, wanted({ exclude: [{ address: "a", host: "b" }] }), "/exclude/0");
      const both = { exclude: [{ host: "a" }], include: [{ host: "b" }] };
      await refused("POST", policy, wanted(both), "/include");
      const networks = {
        allowed: ["f174e90a-fafe-4643-bbbc-4a0ed4fc8415"],
        default: "f174e90a-fafe-4643-bbbc-4a0ed4fc8416",
      };
      await refused("POST", policy, wanted({ virtual_networks: networks }), "/virtual_networks/default");
    });

    it("are what deployment groups can hold, and leave them when they are deleted", async () => {
      const made = await create();
      const groups = `${devices}/deployment-groups`;
      const versions = [{ target_environment: "macos", version: "2026.7.1" }];
      const body = { name: "Ring", version_config: versions, policy_ids: [made.policy_id] };
      const unknown = { ...body, policy_ids: [made.policy_id, "no such"] };
      await refused("POST", groups, unknown, "/policy_ids/1");
      const group = (await ask("POST", groups, { body })).body.result;
      const standard = (await ask("GET", policy)).body.result.policy_id;
      const both = [made.policy_id, standard];
      assert.equal((await ask("PATCH", `${groups}/${group.id}`, { body: { policy_ids: both } })).status, 200);
      const left = (await ask("DELETE", `${policy}/${made.policy_id}`)).body.result;
      assert.ok(left.some((each: any) => each.default));
      assert.ok(!left.some((each: any) => each.policy_id === made.policy_id));
      const after = (await ask("GET", `${groups}/${group.id}`)).body.result;
      assert.deepEqual(after.policy_ids, [standard]);
      assert.ok(after.updated_at > group.updated_at);
      assert.equal((await ask("DELETE", `${policy}/${made.policy_id}`)).status, 404);
    });

    it("take what Zero Trust Write takes, and are hidden by a deny", async () => {
      const made = await create();
      const reader = await running.tokenWith({ groups: ["Zero Trust Read"] });
      const path = `${policy}/${made.policy_id}`;
      assert.equal((await ask("GET", path, { token: reader })).status, 200);
      assert.equal((await ask("PATCH", path, { token: reader, body: {} })).status, 403);
      const key = `com.cloudflare.api.account.device-policy.${made.policy_id}`;
      const blind = await running.tokenWith(
        { groups: ["Zero Trust Write"] },
        { effect: "deny", groups: ["Zero Trust Read"], on: [key] },
      );
      assert.equal((await ask("GET", path, { token: blind })).status, 404);
      const listed = (await ask("GET", `${devices}/policies`, { token: blind })).body.result;
      assert.ok(!listed.some((each: any) => each.policy_id === made.policy_id));
    });
  });

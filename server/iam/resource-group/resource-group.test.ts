import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { engines } from "../../../test/engines.ts";
import {
  account,
  allow,
  type People,
  peopleOf,
  permissionGroup,
  scopeOf,
  sentPolicy,
  wholeAccount,
} from "../../../test/people.ts";
import { first, type Running, startServer } from "../../../test/server.ts";
import { readLinks } from "../../audit/entry/store.ts";

const groups = `${account}/iam/resource_groups`;
const devices = "/api/v1/devices?org_id=org_test";
const key = (tail: string) => `com.cloudflare.api.account.${tail}`;
const builtIn = {
  id: first.resourceGroupId,
  name: wholeAccount,
  scope: [{ key: wholeAccount, objects: [{ key: "*" }] }],
  meta: { editable: "false" },
};

for (const engine of engines)
  describe(`resource groups on ${engine.name}`, () => {
    let running: Running;
    let people: People;
    let ask: Running["ask"];
    before(async () => {
      running = await startServer(await engine.open());
      people = peopleOf(running);
      ask = running.ask;
    });
    after(() => running.stop());

    const make = async (name: string, ...keys: string[]) =>
      (await ask("POST", groups, { body: { name, ...scopeOf(...keys) } })).body.result;
    const trail = async () =>
      (await running.store.read((db) => readLinks(db, first.accountId, 0, 10_000))).length;
    const refused = ({ status, headers }: { status: number; headers: Headers }) => [
      status,
      headers.get("x-should-retry"),
    ];

    it("begin with the one that is the account itself, which is found by its name", async () => {
      assert.deepEqual((await ask("GET", groups)).body.result, [builtIn]);
      assert.deepEqual((await ask("GET", `${groups}?name=${wholeAccount}`)).body.result, [builtIn]);
      assert.deepEqual((await ask("GET", `${groups}/${first.resourceGroupId}`)).body.result, builtIn);
      assert.deepEqual((await ask("GET", `${groups}?name=other`)).body.result, []);
    });

    it("of another account have that account's name and an id of their own", async () => {
      const owner = { headers: { "X-Auth-Email": first.email, "X-Auth-Key": first.apiKey } };
      const there = (await people.as(owner, "POST", "/client/v4/accounts", { name: "There" })).body.result;
      const path = `/client/v4/accounts/${there.id}/iam/resource_groups`;
      const [own] = (await people.as(owner, "GET", path)).body.result;
      assert.equal(own.name, key(there.id));
      assert.notEqual(own.id, first.resourceGroupId);
      assert.equal((await people.as(owner, "GET", `${path}/${first.resourceGroupId}`)).status, 404);
    });

    it("can't be changed or deleted where they are built in", async () => {
      const path = `${groups}/${first.resourceGroupId}`;
      const before = await trail();
      for (const body of [{ name: "Mine" }, scopeOf(key("device.*")), {}])
        assert.deepEqual(refused(await ask("PUT", path, { body })), [409, "false"]);
      assert.deepEqual(refused(await ask("DELETE", path)), [409, "false"]);
      assert.deepEqual((await ask("GET", path)).body.result, builtIn);
      assert.ok((await trail()) > before, "what is refused is kept in the trail");
    });

    it("are made, changed in part, found and deleted", async () => {
      const made = await make("Tills", key("device-group.a"), key("device-group.b"));
      assert.match(made.id, /^[0-9a-f]{32}$/);
      const scope = [
        { key: wholeAccount, objects: [{ key: key("device-group.a") }, { key: key("device-group.b") }] },
      ];
      assert.deepEqual(made, { id: made.id, name: "Tills", scope, meta: { editable: "true" } });
      const path = `${groups}/${made.id}`;
      assert.deepEqual((await ask("GET", path)).body.result, made);
      const before = await trail();
      for (const body of [{}, made, { name: null, scope: null }])
        assert.deepEqual((await ask("PUT", path, { body })).body.result, made);
      assert.equal(await trail(), before, "equal values written again leave no entry");
      const renamed = (await ask("PUT", path, { body: { name: "Kiosks" } })).body.result;
      assert.deepEqual(renamed, { ...made, name: "Kiosks" });
      const moved = (await ask("PUT", path, { body: scopeOf(key("device-group.*")) })).body.result;
      assert.deepEqual(moved.scope, [{ key: wholeAccount, objects: [{ key: key("device-group.*") }] }]);
      assert.equal(moved.name, "Kiosks");
      assert.deepEqual((await ask("GET", `${groups}?name=Kiosks`)).body.result, [moved]);
      assert.deepEqual((await ask("GET", `${groups}?name=Kiosks&id=${made.id}`)).body.result, [moved]);
      assert.deepEqual((await ask("GET", `${groups}?name=Tills&id=${made.id}`)).body.result, []);
      assert.deepEqual((await ask("DELETE", path)).body.result, { id: made.id });
      assert.equal((await ask("GET", path)).status, 404);
      assert.equal((await ask("DELETE", path)).status, 404);
      assert.equal((await ask("PUT", path, { body: {} })).status, 404);
    });

    it("take their scope as an object or as a list of one", async () => {
      const { scope } = scopeOf(key("device.*"));
      const made = [];
      for (const sent of [scope, [scope]])
        made.push((await ask("POST", groups, { body: { name: "Spelled", scope: sent } })).body.result.scope);
      assert.deepEqual(made, [[scope], [scope]]);
      const wrong = [[], [scope, scope], "*", { key: wholeAccount }, { key: wholeAccount, objects: [] }];
      for (const sent of [...wrong, { ...scope, key: "" }, { ...scope, objects: [{}] }, null, undefined]) {
        const told = await ask("POST", groups, { body: { name: "Wrong", scope: sent } });
        assert.equal(told.status, 400, JSON.stringify(sent));
        assert.match(told.body.errors[0].source.pointer, /^\/scope/);
      }
    });

    it("in use can't be deleted, and those who use them are named", async () => {
      const { id } = await make("Used", key("device.*"));
      const body = { policies: [sentPolicy("allow", [permissionGroup.devicesRead], { id })] };
      const who = (await ask("POST", `${account}/members`, { body: { email: people.email(), ...body } })).body
        .result;
      const made = await ask("POST", `${account}/iam/user_groups`, { body: { name: "Users", ...body } });
      const group = made.body.result;
      const told = await ask("DELETE", `${groups}/${id}`);
      assert.deepEqual(refused(told), [409, "false"]);
      const [{ message }] = told.body.errors;
      assert.match(message, new RegExp(`member ${who.id}`));
      assert.match(message, new RegExp(`user group ${group.id}`));
      await ask("PUT", `${account}/members/${who.id}`, { body: { policies: [] } });
      const less = (await ask("DELETE", `${groups}/${id}`)).body.errors[0].message;
      assert.ok(!less.includes(who.id) && less.includes(group.id));
      await ask("DELETE", `${account}/iam/user_groups/${group.id}`);
      assert.equal((await ask("DELETE", `${groups}/${id}`)).status, 200);
    });

    it("in use by who the caller can't see are in use, but nobody is named", async () => {
      const { id } = await make("Used", key("device.*"));
      const body = { policies: [sentPolicy("allow", [permissionGroup.devicesRead], { id })] };
      const who = (await ask("POST", `${account}/members`, { body: { email: people.email(), ...body } })).body
        .result;
      const hiding = sentPolicy("deny", [permissionGroup.settingsRead], scopeOf(key(`member.${who.id}`)));
      const blind = await people.person([allow(permissionGroup.settingsWrite), hiding]);
      const told = await people.as(blind, "DELETE", `${groups}/${id}`);
      assert.deepEqual(refused(told), [409, "false"]);
      assert.ok(!told.body.errors[0].message.includes(who.id));
      assert.match(told.body.errors[0].message, /used by others/);
    });

    it("decide by their new scope from the next request on", async () => {
      const { id } = await make("Moving", key("device-group.*"));
      const path = `${groups}/${id}`;
      const who = await people.person([sentPolicy("allow", [permissionGroup.devicesRead], { id })]);
      const opens = async () => (await people.as(who, "GET", devices)).status;
      const seen: number[] = [];
      for (const scope of ["deployment-group.*", "device.*", "zone.*", "device.d1", first.accountId]) {
        assert.equal((await ask("PUT", path, { body: scopeOf(key(scope)) })).status, 200);
        seen.push(await opens());
      }
      assert.deepEqual(seen, [403, 200, 403, 200, 200]);
    });

    it("of another account, or under its key, cover nothing here", async () => {
      const none = "f".repeat(32);
      const scopes = [
        { key: key(none), objects: [{ key: "*" }] },
        { key: key(none), objects: [{ key: key("device.*") }, { key: wholeAccount }] },
        { key: wholeAccount, objects: [{ key: key(none) }] },
        { key: "com.cloudflare.api.user.u1", objects: [{ key: "*" }] },
        { key: key("device-group.*"), objects: [{ key: key("deployment-group.*") }] },
      ];
      for (const scope of scopes) {
        const made = await ask("POST", groups, { body: { name: "Foreign", scope } });
        assert.deepEqual([made.status, made.body.result.scope], [200, [scope]]);
        const { id } = made.body.result;
        for (const named of [{ id }, { scope }]) {
          const who = await people.person([sentPolicy("allow", [permissionGroup.devicesRead], named)]);
          assert.equal((await people.as(who, "GET", devices)).status, 403, JSON.stringify(scope));
        }
      }
    });

    it("are listed as far as the caller may see them", async () => {
      const [one, two] = [await make("One", key("device.*")), await make("Two", key("device.*"))];
      const rights = [
        sentPolicy("allow", [permissionGroup.settingsRead], scopeOf(key(`resource-group.${one.id}`))),
      ];
      const who = await people.person(rights);
      const { result } = (await people.as(who, "GET", groups)).body;
      assert.deepEqual(result, [one]);
      assert.equal((await people.as(who, "GET", `${groups}/${two.id}`)).status, 404);
      assert.equal((await people.as(who, "DELETE", `${groups}/${one.id}`)).status, 403);
      assert.equal((await people.as(await people.person(), "GET", groups)).status, 403);
    });
  });

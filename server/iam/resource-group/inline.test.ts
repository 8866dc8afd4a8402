import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { engines } from "../../../test/engines.ts";
import {
  account,
  type People,
  peopleOf,
  permissionGroup,
  scopeOf,
  sentPolicy,
  wholeAccount,
} from "../../../test/people.ts";
import { first, type Running, startServer } from "../../../test/server.ts";

const groups = `${account}/iam/resource_groups`;
const userGroups = `${account}/iam/user_groups`;
const key = (tail: string) => `com.cloudflare.api.account.${tail}`;

for (const engine of engines)
  describe(`scopes given inline on ${engine.name}`, () => {
    let running: Running;
    let people: People;
    let ask: Running["ask"];
    before(async () => {
      running = await startServer(await engine.open());
      people = peopleOf(running);
      ask = running.ask;
    });
    after(() => running.stop());

    const policy = (where: object) => sentPolicy("allow", [permissionGroup.devicesRead], where as never);
    const holding = async (...policies: object[]) =>
      (await ask("POST", userGroups, { body: { name: "Holder", policies } })).body.result;
    const idsIn = ({ policies }: any) =>
      policies.flatMap(({ resource_groups }: any) => resource_groups.map(({ id }: any) => id));
    const kept = async () => {
      const rows = await running.store.read((db) =>
        db.selectFrom("resource_group").select("id").where("origin", "=", "inline").execute(),
      );
      return rows.map(({ id }) => id);
    };

    it("become resource groups without a name, that no list shows and nobody changes", async () => {
      const { policies } = await holding(policy(scopeOf(key("device.d1"))));
      const [{ resource_groups: shown }] = policies;
      const [{ id }] = shown;
      const { scope } = scopeOf(key("device.d1"));
      assert.deepEqual(shown, [{ id, scope: [scope], meta: { editable: "false" } }]);
      const listed = (await ask("GET", groups)).body.result.map((one: any) => one.id);
      assert.deepEqual(listed, [first.resourceGroupId]);
      assert.deepEqual((await ask("GET", `${groups}/${id}`)).body.result, shown[0]);
      for (const [method, ask_] of [
        ["PUT", { body: { name: "Mine" } }],
        ["DELETE", {}],
      ] as const) {
        const told = await ask(method, `${groups}/${id}`, ask_);
        assert.deepEqual([told.status, told.headers.get("x-should-retry")], [409, "false"]);
      }
    });

    it("are taken as an object or as a list of one", async () => {
      const { scope } = scopeOf(key("device.d2"));
      const one = await holding(policy({ scope }), policy({ scope: [scope] }));
      assert.equal(new Set(idsIn(one)).size, 1);
      const wrong = policy({ scope: [scope, scope] });
      const told = await ask("POST", userGroups, { body: { name: "Wrong", policies: [wrong] } });
      assert.equal(told.status, 400);
    });

    it("are one for equal scopes, whoever holds them and in whatever order their objects are", async () => {
      const [a, b] = [key("device-group.a"), key("device-group.b")];
      const before = (await kept()).length;
      const one = await holding(policy(scopeOf(a, b)), policy(scopeOf(b, a)));
      const body = { email: people.email(), policies: [policy(scopeOf(a, b, a))] };
      const other = (await ask("POST", `${account}/members`, { body })).body.result;
      assert.equal(new Set([...idsIn(one), ...idsIn(other)]).size, 1);
      const [apart] = idsIn(await holding(policy(scopeOf(a))));
      assert.ok(!idsIn(one).includes(apart));
      assert.equal((await kept()).length, before + 2);
    });

    it("keep policies as they are where the same is sent again, by scope or by id", async () => {
      const sent = { policies: [policy(scopeOf(key("device-group.same"), key("device-group.too")))] };
      const one = await holding(...sent.policies);
      const path = `${userGroups}/${one.id}`;
      assert.deepEqual((await ask("PUT", path, { body: sent })).body.result, one);
      assert.deepEqual((await ask("PUT", path, { body: one })).body.result, one);
      const byId = { policies: [policy({ id: idsIn(one)[0] })] };
      assert.deepEqual((await ask("PUT", path, { body: byId })).body.result, one);
    });

    it("are forgotten when nobody names them any more", async () => {
      const scope = scopeOf(key("device-group.passing"));
      const one = await holding(policy(scope));
      const [id] = idsIn(one);
      const two = await holding(policy(scope), policy({ id: first.resourceGroupId }));
      const who = await people.person([policy(scope)]);
      const ways: [method: string, path: string, body?: object][] = [
        ["PUT", `${userGroups}/${one.id}`, { policies: null }],
        ["DELETE", `${userGroups}/${two.id}`],
        ["DELETE", `${account}/members/${who.id}`],
      ];
      for (const [method, path, body] of ways) {
        assert.ok((await kept()).includes(id));
        assert.equal((await ask(method, path, { ...(body && { body }) })).status, 200);
      }
      assert.ok(!(await kept()).includes(id));
      assert.equal((await ask("GET", `${groups}/${id}`)).status, 404);
      assert.deepEqual(
        (await ask("GET", `${groups}/${first.resourceGroupId}`)).body.result.name,
        wholeAccount,
      );
      const anew = await holding(policy(scope));
      assert.notEqual(idsIn(anew)[0], id);
    });

    it("of a write that is refused or rehearsed are not kept", async () => {
      const before = await kept();
      const body = { name: "Never", policies: [policy(scopeOf(key("device-group.never")))] };
      assert.equal((await ask("POST", `${userGroups}?dry_run=true`, { body })).status, 200);
      const weak = await people.person([sentPolicy("allow", [permissionGroup.provisioning])]);
      assert.equal((await people.as(weak, "POST", userGroups, body)).status, 403);
      assert.deepEqual(await kept(), before);
    });

    it("with an id beside them are the group of that id", async () => {
      const one = await holding(policy({ ...scopeOf(key("device.d9")), id: first.resourceGroupId }));
      assert.deepEqual(idsIn(one), [first.resourceGroupId]);
    });
  });

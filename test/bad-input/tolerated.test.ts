/** What looks wrong and is none the less taken, because clients send it: it changes nothing that was not meant. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { buildSystem, type System } from "../attack/system.ts";
import { engines } from "../engines.ts";
import { startServer } from "../server.ts";
import { stateOf } from "../state.ts";
import { account, type People, peopleIn, policy, scope } from "./people.ts";

for (const engine of engines)
  describe(`odd input about people that is taken on ${engine.name}`, () => {
    let system: System;
    let people: People;
    before(async () => {
      system = await buildSystem(await startServer(await engine.open()));
      people = await peopleIn(system);
    });
    after(() => system.running.stop());

    const told = async (method: string, path: string, body?: unknown) => {
      const answer = await system.running.ask(method, account + path, body === undefined ? {} : { body });
      assert.equal(
        answer.status,
        200,
        `${method} ${path} ${JSON.stringify(body)}: ${JSON.stringify(answer.body)}`,
      );
      return answer.body;
    };
    const group = () => `/iam/user_groups/${people.userGroup}`;
    const member = () => `/members/${people.accepted}`;
    const resourceGroup = () => `/iam/resource_groups/${people.resourceGroup}`;
    const unchangedBy = async (path: string, body: object) => {
      const { result } = await told("GET", path);
      const untouched = await stateOf(system.running.store);
      assert.deepEqual((await told("PUT", path, body)).result, result);
      assert.deepEqual(await stateOf(system.running.store), untouched, `${path} ${JSON.stringify(body)}`);
    };

    it("nothing, null and unknown members in the body of a change", async () => {
      const unknown = { account_id: "another", created_on: 5, status: "V", user: null, unknown: [{}] };
      for (const path of [group(), resourceGroup()])
        for (const body of [{}, { name: null }, { ...unknown, id: "another" }]) await unchangedBy(path, body);
      await unchangedBy(resourceGroup(), { name: null, scope: null });
      for (const body of [{}, { roles: null }, { policies: null }, { roles: null, policies: null }, unknown])
        await unchangedBy(member(), body);
    });

    it("what was read, sent back whole", async () => {
      for (const path of [group(), resourceGroup(), member()])
        await unchangedBy(path, (await told("GET", path)).result);
    });

    it("both views of a member, of which its policies count", async () => {
      const { result } = await told("GET", member());
      const roles = [{ id: system.groupId("Administrator") }];
      await unchangedBy(member(), { roles, policies: result.policies });
    });

    it("null for a member that need not be there in what is made", async () => {
      const made = await told("POST", "/iam/user_groups", { name: "Null", policies: null });
      assert.ok(!("policies" in made.result));
      const email = "null@example.com";
      const invited = await told("POST", "/members", { email, status: null, policies: [], roles: null });
      assert.equal(invited.result.status, "pending");
      await told("PUT", group(), { policies: null });
      assert.ok(!("policies" in (await told("GET", group())).result));
    });

    it("a scope as an object, as a list of one, and with members that are none of its own", async () => {
      const shapes = [scope, [scope], { ...scope, label: "x", objects: [{ key: "*", label: "x" }] }];
      for (const [index, each] of shapes.entries()) {
        const made = await told("POST", "/iam/resource_groups", { name: `${index}`, scope: each, id: "x" });
        assert.deepEqual(made.result.scope, [scope]);
        const policies = [policy(people.permissionGroup, { scope: each, id: null, meta: {} })];
        const changed = await told("PUT", group(), { policies });
        assert.deepEqual(changed.result.policies[0].resource_groups[0].scope, [scope]);
      }
    });

    it("the same thing twice where that says nothing new", async () => {
      const { permissionGroup, resourceGroup } = people;
      const twice = {
        access: "allow",
        permission_groups: [{ id: permissionGroup }, { id: permissionGroup }],
        resource_groups: [{ id: resourceGroup }, { id: resourceGroup }, { scope }, { scope: [scope] }],
      };
      const { policies } = (await told("PUT", group(), { policies: [twice, twice] })).result;
      assert.equal(policies.length, 2);
      assert.notEqual(policies[0].id, policies[1].id);
      const again = policies.map(({ id }: { id: string }) => ({ ...twice, id }));
      await unchangedBy(group(), { policies: again });
      const [one] = again;
      const same = (await told("PUT", group(), { policies: [one, one] })).result.policies;
      assert.equal(new Set(same.map(({ id }: { id: string }) => id)).size, 2);
      const foreign = (await told("PUT", group(), { policies: [{ ...one, id: "somebody's" }] })).result;
      assert.match(foreign.policies[0].id, /^[0-9a-f]{32}$/);
    });

    it("an access in any case, which is answered in lower case", async () => {
      const right = policy(people.permissionGroup, { id: people.resourceGroup });
      for (const access of ["Allow", "DENY", "allow"]) {
        const { policies } = (await told("PUT", group(), { policies: [{ ...right, access }] })).result;
        assert.equal(policies[0].access, access.toLowerCase());
      }
    });

    it("nobody to be added, and members with more than an id", async () => {
      const members = `${group()}/members`;
      assert.deepEqual((await told("POST", members, [])).result, []);
      const sent = [{ id: people.accepted, email: "another@example.com", status: "rejected", user: 5 }];
      const [shown] = (await told("PUT", members, sent)).result;
      assert.deepEqual([shown.id, shown.status], [people.accepted, "accepted"]);
      assert.deepEqual((await told("POST", members, sent)).result, [shown]);
      assert.deepEqual((await told("PUT", members, [])).result, []);
    });

    it("pages past the end, and pages larger than there are", async () => {
      const lists = [
        ["/iam/user_groups", 500],
        [`${group()}/members`, 500],
        ["/members", 50],
        ["/iam/resource_groups", 1000],
        ["/iam/permission_groups", 50],
      ] as const;
      for (const [path, most] of lists) {
        const { result_info } = await told("GET", `${path}?per_page=100000`);
        assert.equal(result_info.per_page, most, path);
        const past = await told("GET", `${path}?page=1000`);
        assert.deepEqual([past.result, past.result_info.count], [[], 0]);
        assert.equal((await told("GET", `${path}?per_page=1&unknown=1`)).result_info.per_page, 1);
      }
    });
  });

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { engines } from "../../../test/engines.ts";
import { ownerPair, type People, peopleOf, account as v4 } from "../../../test/people.ts";
import { first, type Running, startServer } from "../../../test/server.ts";

const groups = `${v4}/iam/user_groups`;
const zoneRead = "c8fed203ed3043cba015a93ad1616f1f";
const monitoring = "82e64a83756745bbbb1c9c2701bf816b";
const devicesRead = "68bb091808b85a39a9322c9458dc5b56";

for (const engine of engines)
  describe(`user groups on ${engine.name}`, () => {
    let running: Running;
    let ask: Running["ask"];
    let people: People;
    before(async () => {
      running = await startServer(await engine.open());
      ask = running.ask;
      people = peopleOf(running);
    });
    after(() => running.stop());

    const person = () => people.person();
    const as: People["as"] = (...asked) => people.as(...asked);
    const allowing = (permissionGroup: string, ...scopes: object[]) => ({
      access: "allow",
      permission_groups: [{ id: permissionGroup }],
      resource_groups: scopes.length > 0 ? scopes : [{ id: first.resourceGroupId }],
    });

    it("are made as the reference prints it, with the key pair", async () => {
      const body = {
        name: "My New User Group",
        policies: [
          {
            access: "allow",
            permission_groups: [{ id: zoneRead }, { id: monitoring }],
            resource_groups: [{ id: first.resourceGroupId }],
          },
        ],
      };
      const made = await ask("POST", groups, { token: null, headers: ownerPair, body });
      assert.equal(made.status, 200, JSON.stringify(made.body));
      const { result } = made.body;
      assert.match(result.id, /^[0-9a-f]{32}$/);
      const [policy] = result.policies;
      assert.deepEqual(
        policy.permission_groups.map((group: any) => [group.id, group.name, group.meta.key]),
        [
          [zoneRead, "Zone Read", "label"],
          [monitoring, "Magic Network Monitoring", "label"],
        ],
      );
      const account = `com.cloudflare.api.account.${first.accountId}`;
      assert.deepEqual(policy.resource_groups, [
        {
          id: first.resourceGroupId,
          name: account,
          scope: [{ key: account, objects: [{ key: "*" }] }],
          meta: { editable: "false" },
        },
      ]);
      const again = await ask("PUT", `${groups}/${result.id}`, { body });
      assert.deepEqual(again.body.result, result);
      assert.deepEqual((await ask("GET", `${groups}/${result.id}`)).body.result, result);
    });

    it("decide for who is in them, from the next request on, in both dialects", async () => {
      const who = await person();
      const devices = "/api/v1/devices?org_id=org_test";
      assert.equal((await as(who, "GET", devices)).status, 403);
      const made = await ask("POST", groups, {
        body: { name: "Readers", policies: [allowing(devicesRead)] },
      });
      const group = `${groups}/${made.body.result.id}`;
      const added = await ask("POST", `${group}/members`, { body: [{ id: who.id }] });
      assert.deepEqual(added.body.result, [{ id: who.id, email: who.email, status: "accepted" }]);
      assert.equal((await as(who, "GET", devices)).status, 200);
      assert.equal((await as(who, "GET", `${v4}/devices/deployment-groups`)).status, 403);
      await ask("PUT", group, { body: { policies: [{ ...allowing(devicesRead), access: "deny" }] } });
      assert.equal((await as(who, "GET", devices)).status, 403);
      await ask("PUT", group, { body: { policies: [allowing(devicesRead)] } });
      assert.equal((await as(who, "GET", devices)).status, 200);
      await ask("DELETE", `${group}/members/${who.id}`);
      assert.equal((await as(who, "GET", devices)).status, 403);
      await ask("PUT", `${group}/members`, { body: [{ id: who.id }] });
      assert.equal((await as(who, "GET", devices)).status, 200);
      assert.equal((await ask("DELETE", group)).status, 200);
      assert.equal((await as(who, "GET", devices)).status, 403);
    });

    it("answer a dry run with what it would do to rights", async () => {
      const who = await person();
      const made = await ask("POST", groups, { body: { name: "Later", policies: [allowing(devicesRead)] } });
      const group = `${groups}/${made.body.result.id}`;
      const told = await ask("POST", `${group}/members?dry_run=true`, { body: [{ id: who.id }] });
      assert.equal(told.status, 200, JSON.stringify(told.body));
      const { rights } = told.body.impact;
      assert.ok(rights.gained > 0 && rights.lost === 0);
      const read = rights.sample.find((one: any) => one.permission === "device.read");
      assert.deepEqual(read, {
        member: { id: who.id, email: who.email },
        permission: "device.read",
        resource: `com.cloudflare.api.account.${first.accountId}`,
        before: "denied",
        after: "allowed",
        through: {
          policy_id: made.body.result.policies[0].id,
          access: "allow",
          from: { type: "user_group", id: made.body.result.id },
        },
      });
      assert.deepEqual((await ask("GET", `${group}/members`)).body.result, []);
    });
  });

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { engines } from "../../../test/engines.ts";
import {
  wholeAccount as account,
  ownerPair,
  type People,
  peopleOf,
  permissionGroup,
  account as v4,
} from "../../../test/people.ts";
import { first, type Running, startServer } from "../../../test/server.ts";

const { devicesRead } = permissionGroup;

for (const engine of engines)
  describe(`access on ${engine.name}`, () => {
    let running: Running;
    let ask: Running["ask"];
    let people: People;
    before(async () => {
      running = await startServer(await engine.open());
      ask = running.ask;
      people = peopleOf(running);
    });
    after(() => running.stop());

    let made = 0;
    const person = () => people.person();
    const group = async (name: string, access: string, key: string, ...members: { id: string }[]) => {
      const policies = [
        {
          access,
          permission_groups: [{ id: devicesRead }],
          resource_groups: [{ scope: { key: account, objects: [{ key }] } }],
        },
      ];
      const { result } = (await ask("POST", `${v4}/iam/user_groups`, { body: { name, policies } })).body;
      const body = members.map(({ id }) => ({ id }));
      await ask("POST", `${v4}/iam/user_groups/${result.id}/members`, { body });
      return { id: result.id as string, policy: result.policies[0].id as string };
    };
    const device = async () => {
      const body = { device_identifier: `d${made++}`, org_id: first.orgId };
      return (await ask("POST", "/api/v1/devices/register", { body })).body.id as string;
    };
    const deviceGroup = async (deviceId: string) => {
      const body = { org_id: first.orgId, name: `g${made++}` };
      const { id } = (await ask("POST", "/api/v1/device-groups", { body })).body;
      await ask("POST", `/api/v1/device-groups/${id}/devices/${deviceId}`, { body: {} });
      return id as string;
    };
    const explain = (body: object) => ask("POST", "/api/v1/access/explain", { body });

    it("is explained by the policy that decided, where it came from, and why no other did", async () => {
      const who = await person();
      const deviceId = await device();
      const within = await deviceGroup(deviceId);
      const readers = await group("Readers", "allow", "*", who);
      const hidden = await group(
        "Not these",
        "deny",
        `com.cloudflare.api.account.device-group.${within}`,
        who,
      );
      const resource = `com.cloudflare.api.account.device.${deviceId}`;
      const about = { caller: { email: who.email.toUpperCase() }, permission: "device.read", resource };
      const told = await explain(about);
      assert.equal(told.status, 200, JSON.stringify(told.body));
      const { decision, decided_by, policy, others } = told.body;
      assert.deepEqual([decision, decided_by], ["denied", "deny"]);
      assert.deepEqual(policy, {
        id: hidden.policy,
        access: "deny",
        from: { type: "user_group", id: hidden.id, name: "Not these" },
      });
      assert.deepEqual(others, [
        {
          policy: {
            id: readers.policy,
            access: "allow",
            from: { type: "user_group", id: readers.id, name: "Readers" },
          },
          reason: "overruled_by_deny",
        },
      ]);
      const itself = { headers: who.headers, token: null };
      const own = await ask("POST", "/api/v1/access/explain", {
        ...itself,
        body: { permission: "device.read", resource: account },
      });
      assert.equal(own.body.decision, "allowed", JSON.stringify(own.body));
      assert.equal((await ask("GET", `/api/v1/devices/${deviceId}`, itself)).status, 404);
    });

    it("is listed by who has it", async () => {
      const who = await person();
      const deviceId = await device();
      const key = `com.cloudflare.api.account.device.${deviceId}`;
      const only = await group("Only this", "allow", key, who);
      const path = `/api/v1/access/who-can?permission=device.read&resource=${key}`;
      const told = await ask("GET", path, { token: null, headers: ownerPair });
      const mine = told.body.items.find((item: any) => item.member?.id === who.id);
      assert.deepEqual(mine.policy.from, { type: "user_group", id: only.id, name: "Only this" });
      assert.ok(told.body.items.some((item: any) => item.token?.name === "First token"));
      const elsewhere = `/api/v1/access/who-can?permission=device.read&resource=${account}`;
      const others = (await ask("GET", elsewhere)).body.items;
      assert.ok(!others.some((item: any) => item.member?.id === who.id));
    });

    it("is listed by what a member has", async () => {
      const who = await person();
      const groups = await group("Readers again", "allow", "*", who);
      for (const path of [`/api/v1/members/${who.id}`, `${v4}/members/${who.id}`]) {
        const told = await ask("GET", `${path}/effective-permissions`);
        assert.equal(told.status, 200, JSON.stringify(told.body));
        const lines = told.body.items ?? told.body.result;
        const line = lines.find((one: any) => one.permission === "device.read");
        assert.equal(line.resource, account);
        assert.equal(line.access, "allow");
        assert.equal(line.policy.id, groups.policy);
      }
    });

    it("is explained for policies that nobody has yet, and nothing of them is kept", async () => {
      const policies = [
        {
          access: "allow",
          permission_groups: [{ id: devicesRead }],
          resource_groups: [{ scope: { key: account, objects: [{ key: "*" }] } }],
        },
      ];
      const told = await explain({ policies, permission: "device.read", resource: account });
      assert.equal(told.body.decision, "allowed", JSON.stringify(told.body));
      assert.equal(told.body.policy.from.type, "hypothetical");
      const denied = await explain({ policies, permission: "device.write", resource: account });
      assert.deepEqual([denied.body.decision, denied.body.decided_by], ["denied", "no-allow"]);
    });

    it("tells of others only to whoever may see them", async () => {
      const who = await person();
      const other = await person();
      const body = { caller: { member_id: other.id }, permission: "device.read", resource: account };
      const told = await ask("POST", "/api/v1/access/explain", { body, token: null, headers: who.headers });
      assert.equal(told.status, 403);
      assert.equal((await explain({ ...body, caller: { member_id: "missing" } })).status, 404);
    });

    it("of a person's own token is what both it and the person have", async () => {
      const who = await person();
      const as = { token: null, headers: who.headers };
      const policies = [
        { effect: "allow", permission_groups: [{ id: devicesRead }], resources: { [account]: "*" } },
      ];
      const made = await ask("POST", "/client/v4/user/tokens", { ...as, body: { name: "mine", policies } });
      assert.equal(made.status, 200, JSON.stringify(made.body));
      const token = made.body.result.value as string;
      assert.match(token, /^flut_/);
      assert.equal((await ask("GET", "/client/v4/user/tokens/verify", { token })).status, 200);
      assert.equal((await ask("GET", "/api/v1/devices?org_id=org_test", { token })).status, 403);
      await group("Readers of all", "allow", "*", who);
      assert.equal((await ask("GET", "/api/v1/devices?org_id=org_test", { token })).status, 200);
      assert.equal((await ask("GET", "/api/v1/device-groups?org_id=org_test", { token })).status, 403);
      const own = { permission: "device.read", resource: account };
      const told = await ask("POST", "/api/v1/access/explain", { token, body: own });
      assert.equal(told.body.decision, "allowed", JSON.stringify(told.body));
      assert.equal((await ask("GET", "/client/v4/user/tokens", { token })).status, 403);
    });
  });

/**
 * Every write on people, user groups and resource groups, first as a dry run: nothing of it is kept, and what it
 * says of rights is what real requests find when the same write is made.
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { engines } from "../../test/engines.ts";
import {
  account,
  allow,
  deny,
  type People,
  type Person,
  peopleOf,
  permissionGroup,
  scopeOf,
  sentPolicy,
} from "../../test/people.ts";
import { type Running, startServer } from "../../test/server.ts";

const groups = `${account}/iam/user_groups`;
const members = `${account}/members`;
const resourceGroups = `${account}/iam/resource_groups`;
const { devicesRead, deviceGroupsRead, settingsRead } = permissionGroup;
const key = (tail: string) => `com.cloudflare.api.account.${tail}`;

/** What takes a permission and nothing else: every permission that the policies below can give. */
const probes: Readonly<Record<string, string>> = {
  "account.read": account,
  "device-group.read": "/api/v1/device-groups?org_id=org_test",
  "device.read": "/api/v1/devices?org_id=org_test",
  "enrolment-token.read": "/api/v1/enrolment-tokens?org_id=org_test",
  "member.read": members,
  "permission-group.read": `${account}/iam/permission_groups`,
  "resource-group.read": resourceGroups,
  "user-group.read": groups,
};
const tables = [
  "account",
  "user",
  "member",
  "invitation",
  "user_group",
  "user_group_member",
  "iam_policy",
  "iam_policy_resource_group",
  "resource_group",
  "audit_entry",
] as const;

/** A write: what it is called, and the ids of what was made before it put into its address and body. */
type Write = readonly [name: string, method: string, path: string, body?: unknown];

for (const engine of engines)
  describe(`dry runs on ${engine.name}`, () => {
    let running: Running;
    let people: People;
    let [one, two, three]: [Person, Person, Person] = [] as never;
    let [group, denying, named]: [string, string, string] = [] as never;
    const everybody: Person[] = [];
    before(async () => {
      running = await startServer(await engine.open());
      people = peopleOf(running);
      one = await people.person([allow(deviceGroupsRead)]);
      two = await people.person();
      three = await people.person([allow(devicesRead)]);
      everybody.push(one, two, three);
      const make = async (path: string, body: object) =>
        (await running.ask("POST", path, { body })).body.result.id as string;
      named = await make(resourceGroups, { name: "Named", ...scopeOf(key("device.*")) });
      group = await make(groups, {
        name: "Readers",
        policies: [sentPolicy("allow", [devicesRead], { id: named })],
      });
      denying = await make(groups, { name: "Deniers", policies: [deny(devicesRead)] });
    });
    after(() => running.stop());

    const state = () =>
      running.store.read(async (db) => {
        const rows: Record<string, string[]> = {};
        for (const table of tables)
          rows[table] = (await db.selectFrom(table).selectAll().execute())
            .map((row) => JSON.stringify(row))
            .sort();
        return rows;
      });
    /** Who may do what, by real requests. */
    const held = async () => {
      const found = new Set<string>();
      for (const who of everybody)
        for (const [permission, path] of Object.entries(probes))
          if ((await people.as(who, "GET", path)).status === 200) found.add(`${who.email} ${permission}`);
      return found;
    };
    const foretold = (sample: any[], to: "allowed" | "denied") =>
      sample
        .filter(({ before, after }) => after === to && before !== to)
        .map(({ member, permission }) => `${member.email} ${permission}`)
        .sort();

    /** Rehearses a write, makes it, and holds what was foretold against what real requests find. */
    const check = async ([name, method, path, body]: Write) => {
      const sent = { ...(body !== undefined && { body }) };
      const [kept, could] = [await state(), await held()];
      const dry = await running.ask(method, `${path}?dry_run=true`, sent);
      assert.equal(dry.status, 200, `${name}: ${JSON.stringify(dry.body)}`);
      assert.deepEqual(await state(), kept, `${name}: a dry run keeps nothing`);
      const told = await running.ask(method, path, sent);
      assert.equal(told.status, 200, `${name}: ${JSON.stringify(told.body)}`);
      assert.equal(told.body.impact, undefined, `${name}: a write that is made tells no impact`);
      assert.deepEqual(Object.keys(dry.body.result), Object.keys(told.body.result), name);
      if (method === "POST" && path === members) await welcome(told.body.result);
      const can = await held();
      const { gained, lost, sample } = dry.body.impact?.rights ?? { gained: 0, lost: 0, sample: [] };
      assert.deepEqual(foretold(sample, "allowed"), [...can].filter((each) => !could.has(each)).sort(), name);
      assert.deepEqual(foretold(sample, "denied"), [...could].filter((each) => !can.has(each)).sort(), name);
      assert.deepEqual([gained, lost], [can.difference(could).size, could.difference(can).size], name);
      return told.body.result;
    };
    /** Whoever was made a member asks like the others from then on. */
    const welcome = async ({ id, email }: { id: string; email: string }) => {
      const { body } = await running.ask("POST", `${members}/${id}/key`);
      everybody.push({ id, email, headers: { "X-Auth-Email": email, "X-Auth-Key": body.result.key } });
    };

    it("of user groups", async () => {
      const readers = { name: "More", policies: [allow(settingsRead)] };
      const made = await check(["create", "POST", groups, readers]);
      const path = `${groups}/${made.id}`;
      await check(["join", "POST", `${path}/members`, [{ id: one.id }, { id: two.id }]]);
      await check(["rename", "PUT", path, { name: "Renamed" }]);
      await check(["the same", "PUT", path, {}]);
      await check([
        "other policies",
        "PUT",
        path,
        { policies: [allow(deviceGroupsRead), allow(devicesRead)] },
      ]);
      await check(["a deny", "PUT", path, { policies: [deny(deviceGroupsRead)] }]);
      const inline = sentPolicy("allow", [devicesRead], scopeOf(key("device.*")));
      await check(["an inline scope", "PUT", path, { policies: [inline] }]);
      await check([
        "a scope that says nothing",
        "PUT",
        path,
        { policies: [sentPolicy("allow", [devicesRead], scopeOf(key("zone.*")))] },
      ]);
      await check(["no policies", "PUT", path, { policies: null }]);
      await check(["all of them again", "PUT", path, readers]);
      await check(["delete", "DELETE", path]);
    });

    it("of who is in them", async () => {
      const path = `${groups}/${group}/members`;
      await check(["join", "POST", path, [{ id: two.id }, { id: three.id }]]);
      await check(["join again", "POST", path, [{ id: two.id }]]);
      await check(["replace", "PUT", path, [{ id: one.id }, { id: three.id }]]);
      await check(["another order", "PUT", path, [{ id: three.id }, { id: one.id }]]);
      await check(["be denied", "POST", `${groups}/${denying}/members`, [{ id: three.id }, { id: one.id }]]);
      await check(["leave one", "DELETE", `${path}/${one.id}`]);
      await check(["be denied no more", "PUT", `${groups}/${denying}/members`, []]);
      await check(["delete with members", "DELETE", `${groups}/${denying}`]);
    });

    it("of members", async () => {
      const email = people.email();
      const policies = [
        allow(devicesRead),
        sentPolicy("allow", [deviceGroupsRead], scopeOf(key("device-group.*"))),
      ];
      const { id } = await check(["accept", "POST", members, { email, status: "accepted", policies }]);
      const path = `${members}/${id}`;
      await check(["the same", "PUT", path, { policies }]);
      await check(["nothing", "PUT", path, {}]);
      await check(["other policies", "PUT", path, { policies: [allow(settingsRead), deny(devicesRead)] }]);
      await check(["no policies", "PUT", path, { policies: [] }]);
      await check(["join", "POST", `${groups}/${group}/members`, [{ id }]]);
      await check(["one more beside the group", "PUT", path, { policies: [allow(devicesRead)] }]);
      await check(["delete", "DELETE", path]);
    });

    it("of keys and invitations", async () => {
      const { id, invitation } = await people.invited();
      const [kept, could] = [await state(), await held()];
      for (const path of [`${members}/${id}/invitation`, `${members}/${one.id}/key`]) {
        const dry = await running.ask("POST", `${path}?dry_run=true`);
        assert.equal(dry.status, 200, JSON.stringify(dry.body));
      }
      assert.deepEqual(await state(), kept);
      assert.deepEqual(await held(), could);
      const dry = await running.ask("POST", "/api/v1/invitations/accept?dry_run=true", {
        token: null,
        body: { token: invitation },
      });
      assert.equal(dry.status, 200, JSON.stringify(dry.body));
      assert.deepEqual(await state(), kept);
    });

    it("of resource groups", async () => {
      await check(["create", "POST", resourceGroups, { name: "Unused", ...scopeOf(key("device.*")) }]);
      const path = `${resourceGroups}/${named}`;
      await running.ask("PUT", `${groups}/${group}/members`, { body: [{ id: two.id }, { id: three.id }] });
      await check(["rename", "PUT", path, { name: "Renamed" }]);
      await check(["nothing", "PUT", path, {}]);
      await check(["narrow to nothing", "PUT", path, scopeOf(key("zone.*"))]);
      await check(["widen to the account", "PUT", path, scopeOf("*")]);
      const wide = sentPolicy("deny", [devicesRead, deviceGroupsRead], { id: named });
      await check(["deny by it", "PUT", `${members}/${three.id}`, { policies: [allow(devicesRead), wide] }]);
      await check(["free by narrowing", "PUT", path, scopeOf(key("device.*"))]);
      await running.ask("PUT", `${groups}/${group}`, { body: { policies: null } });
      await check(["let go", "PUT", `${members}/${three.id}`, { policies: [] }]);
      await check(["delete", "DELETE", path]);
    });

    it("of refused writes are refused alike, and leave no entry", async () => {
      const weak = await people.person([allow(permissionGroup.provisioning)]);
      const kept = await state();
      const refusals: Write[] = [
        ["too much", "POST", groups, { name: "Too much", policies: [allow(devicesRead)] }],
        ["too much", "PUT", `${members}/${two.id}`, { policies: [allow(devicesRead)] }],
        ["not there", "DELETE", `${groups}/${"0".repeat(32)}`],
        ["in the way", "POST", members, { email: two.email, policies: [] }],
        ["not one", "POST", `${groups}/${group}/members`, [{ id: "none" }]],
      ];
      for (const [name, method, path, body] of refusals) {
        const dry = await people.as(weak, method, `${path}?dry_run=true`, body);
        assert.ok(dry.status >= 400, name);
        assert.deepEqual(await state(), kept, name);
        const told = await people.as(weak, method, path, body);
        assert.equal(told.status, dry.status, name);
        assert.equal(withoutIds(told.body), withoutIds(dry.body), name);
        kept.audit_entry = (await state()).audit_entry ?? [];
        kept.account = (await state()).account ?? [];
      }
    });
  });

/** What was about to be made has another id each time. */
function withoutIds(body: unknown): string {
  return JSON.stringify(body).replaceAll(/[0-9a-f]{32}/g, "id");
}

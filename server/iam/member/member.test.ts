import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { engines } from "../../../test/engines.ts";
import {
  account,
  allow,
  deny,
  ownerPair,
  type People,
  type Person,
  peopleOf,
  permissionGroup,
  scopeOf,
  sentPolicy,
} from "../../../test/people.ts";
import { first, type Running, startServer } from "../../../test/server.ts";
import { readLinks } from "../../audit/entry/store.ts";

const owner = { headers: ownerPair };
const members = `${account}/members`;
const devices = "/api/v1/devices?org_id=org_test";

for (const engine of engines)
  describe(`members on ${engine.name}`, () => {
    let running: Running;
    let people: People;
    let ask: Running["ask"];
    before(async () => {
      running = await startServer(await engine.open());
      people = peopleOf(running);
      ask = running.ask;
    });
    after(() => running.stop());

    const get = async (id: string) => (await ask("GET", `${members}/${id}`)).body.result;
    const put = (id: string, body: object) => ask("PUT", `${members}/${id}`, { body });
    const opens = async (who: Pick<Person, "headers">, path = devices) =>
      (await people.as(who, "GET", path)).status;
    const entries = async () =>
      (await running.store.read((db) => readLinks(db, first.accountId, 0, 10_000))).map(({ text }) =>
        JSON.parse(text),
      );

    it("show policies as roles, and roles as policies", async () => {
      const { administrator, administratorReadOnly, superAdministrator } = permissionGroup;
      const asOwner = (body: object) => people.as(owner, "POST", members, body);
      const roles = [administrator, superAdministrator];
      const byRoles = (await asOwner({ email: people.email(), roles })).body.result;
      assert.deepEqual(
        byRoles.policies.map((one: any) => [one.access, one.permission_groups.map((group: any) => group.id)]),
        roles.map((id) => ["allow", [id]]),
      );
      for (const { resource_groups } of byRoles.policies)
        assert.equal(resource_groups[0].id, first.resourceGroupId);
      assert.deepEqual(
        byRoles.roles.map(({ id, name }: any) => [id, name]),
        [
          [administrator, "Administrator"],
          [superAdministrator, "Super Administrator - All Privileges"],
        ],
      );
      const policies = [allow(administratorReadOnly)];
      const { id, roles: shown } = (await asOwner({ email: people.email(), policies })).body.result;
      assert.deepEqual(
        shown.map((role: any) => [role.id, role.permissions]),
        [[administratorReadOnly, { organization: { read: true, write: false } }]],
      );
      const changed = await people.as(owner, "PUT", `${members}/${id}`, { roles: [{ id: administrator }] });
      assert.deepEqual(changed.body.result.roles[0].id, administrator);
      assert.deepEqual(await get(id), changed.body.result);
      assert.deepEqual((await put(id, { roles: [] })).body.result.policies, []);
    });

    it("show no role for what is denied, narrower, or none of the roles", async () => {
      const { administratorReadOnly, devicesRead } = permissionGroup;
      const policies = [
        deny(administratorReadOnly),
        sentPolicy("allow", [administratorReadOnly], scopeOf("com.cloudflare.api.account.device.*")),
        allow(devicesRead),
      ];
      const made = await ask("POST", members, { body: { email: people.email(), policies } });
      assert.deepEqual(made.body.result.roles, []);
      assert.equal(made.body.result.policies.length, 3);
    });

    it("refuse a role, a permission group or a resource group that there is not", async () => {
      const { id } = await people.invited();
      const none = "0".repeat(32);
      const wrong: [body: object, pointer: string][] = [
        [{ roles: [{ id: permissionGroup.administrator }, { id: none }] }, "/roles/1/id"],
        [{ roles: [permissionGroup.devicesRead] }, "/roles/0"],
        [
          { policies: [allow(permissionGroup.devicesRead), allow(none)] },
          "/policies/1/permission_groups/0/id",
        ],
        [
          { policies: [sentPolicy("allow", [permissionGroup.devicesRead], { id: none })] },
          "/policies/0/resource_groups/0/id",
        ],
        [{ policies: [sentPolicy("maybe" as "allow", [permissionGroup.zoneRead])] }, "/policies/0/access"],
      ];
      for (const [body, pointer] of wrong) {
        const told = await put(id, body);
        assert.deepEqual([told.status, told.body.errors[0].source?.pointer], [400, pointer]);
      }
      assert.deepEqual((await get(id)).policies, []);
    });

    it("keep the ids of policies that say the same, or that name their id", async () => {
      const { devicesRead, devicesWrite, zoneRead } = permissionGroup;
      const { id } = await people.invited();
      const body = { policies: [allow(devicesRead), deny(zoneRead)] };
      const one = (await put(id, body)).body.result;
      const before = (await entries()).length;
      assert.deepEqual((await put(id, body)).body.result, one);
      assert.deepEqual((await put(id, one)).body.result, one);
      assert.deepEqual((await put(id, {})).body.result, one);
      assert.equal((await entries()).length, before, "equal values written again leave no entry");
      const [read, denied] = one.policies;
      const turned = (await put(id, { policies: [deny(zoneRead), allow(devicesRead)] })).body.result;
      assert.deepEqual(
        turned.policies.map((each: any) => each.id),
        [denied.id, read.id],
      );
      const widened = { policies: [{ ...allow(devicesWrite), id: read.id }, allow(zoneRead)] };
      const after = (await put(id, widened)).body.result;
      assert.equal(after.policies[0].id, read.id);
      assert.ok(![read.id, denied.id].includes(after.policies[1].id), "what is new has a new id");
      const both = (await put(id, { policies: [allow(devicesRead), allow(devicesRead)] })).body.result;
      assert.notEqual(both.policies[0].id, both.policies[1].id);
    });

    it("are one for each e-mail address of an account, in whatever case", async () => {
      const { email } = await people.invited();
      for (const other of [email, email.toUpperCase()]) {
        const told = await ask("POST", members, { body: { email: other, policies: [] } });
        assert.deepEqual([told.status, told.headers.get("x-should-retry")], [409, "false"], other);
      }
    });

    it("are listed oldest first, and by e-mail address, by status and in pages", async () => {
      const all = (await ask("GET", `${members}?per_page=50`)).body;
      assert.equal(all.result_info.total_count, all.result.length);
      assert.equal(all.result[0].email, first.email);
      const emails = all.result.map(({ email }: any) => email);
      const listed = async (query: string) =>
        (await ask("GET", `${members}?per_page=50&${query}`)).body.result.map(({ email }: any) => email);
      assert.deepEqual(await listed("order=user.email"), emails.toSorted());
      assert.deepEqual(await listed("order=user.email&direction=desc"), emails.toSorted().reverse());
      assert.deepEqual(await listed("direction=desc"), emails.toReversed());
      assert.deepEqual(await listed("status=rejected"), []);
      assert.deepEqual(await listed("status=accepted"), [first.email]);
      assert.equal((await listed("status=pending")).length, emails.length - 1);
      const pages = [1, 2, 3].map((page) => ask("GET", `${members}?per_page=5&page=${page}`));
      const [one, two, three] = (await Promise.all(pages)).map(({ body }) => body.result);
      assert.deepEqual([...one, ...two, ...three], all.result.slice(0, 15));
      assert.equal((await ask("GET", `${members}?per_page=100`)).body.result_info.per_page, 50);
    });

    it("that are removed are forgotten: key, groups, policies and user", async () => {
      const { devicesRead } = permissionGroup;
      const who = await people.person([allow(devicesRead)]);
      const user = (await get(who.id)).user.id;
      const groups = `${account}/iam/user_groups`;
      const group = (await ask("POST", groups, { body: { name: "Left" } })).body.result.id;
      await ask("POST", `${groups}/${group}/members`, { body: [{ id: who.id }] });
      const removed = await ask("DELETE", `${members}/${who.id}`);
      assert.deepEqual([removed.status, removed.body.result], [200, { id: who.id }]);
      assert.equal(await opens(who), 401);
      assert.equal((await ask("GET", `${members}/${who.id}`)).status, 404);
      assert.equal((await ask("DELETE", `${members}/${who.id}`)).status, 404);
      assert.deepEqual((await ask("GET", `${groups}/${group}/members`)).body.result, []);
      const { operation, details } = (await entries()).at(-1);
      assert.equal(operation, "member.delete");
      assert.deepEqual(
        details.changes.map(({ resource, after }: any) => [resource.kind, resource.id, after]),
        [
          ["member", who.id, null],
          ["member", who.id, { left: 1 }],
          ["user", user, null],
        ],
      );
      assert.deepEqual(details.changes[1].ids, { left: [group] });
    });

    it("that come back with the same e-mail address start anew", async () => {
      const who = await people.person([allow(permissionGroup.devicesRead)]);
      const user = (await get(who.id)).user.id;
      await ask("DELETE", `${members}/${who.id}`);
      const body = { email: who.email, status: "accepted", policies: [] };
      const anew = (await people.as(owner, "POST", members, body)).body.result;
      assert.notEqual(anew.id, who.id);
      assert.notEqual(anew.user.id, user);
      assert.deepEqual([anew.policies, anew.roles], [[], []]);
      assert.equal(await opens(who), 401, "the key of before is dead");
      const { key } = (await people.as(owner, "POST", `${members}/${anew.id}/key`)).body.result;
      const headers = { "X-Auth-Email": who.email, "X-Auth-Key": key };
      assert.equal(await opens({ headers }, "/client/v4/accounts"), 200);
      assert.equal(await opens({ headers }), 403);
    });

    it("that are removed from one of two accounts keep their key for the other", async () => {
      const there = (await people.as(owner, "POST", "/client/v4/accounts", { name: "There" })).body.result;
      const at = `/client/v4/accounts/${there.id}`;
      const who = await people.person([allow(permissionGroup.administratorReadOnly)]);
      const body = { email: who.email, policies: [] };
      const { invitation_token: token } = (await people.as(owner, "POST", `${at}/members`, body)).body.result;
      await people.as(who, "POST", "/api/v1/invitations/accept", { token });
      assert.equal((await ask("DELETE", `${members}/${who.id}`)).status, 200);
      assert.equal(await opens(who, account), 403);
      const left = (await people.as(who, "GET", "/client/v4/accounts")).body.result;
      assert.deepEqual(
        left.map(({ id }: any) => id),
        [there.id],
      );
    });

    it("are accepted at once only by a super administrator", async () => {
      const body = { email: people.email(), status: "accepted", policies: [] };
      const administrator = await people.person([allow(permissionGroup.administrator)]);
      assert.equal((await people.as(administrator, "POST", members, body)).status, 403);
      assert.equal((await people.as(owner, "POST", members, body)).status, 200);
    });
  });

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
  statuses,
} from "../../../test/people.ts";
import { first, type Running, startServer } from "../../../test/server.ts";
import { readLinks } from "../../audit/entry/store.ts";

const owner = { headers: ownerPair };
const devices = "/api/v1/devices?org_id=org_test";

for (const engine of engines)
  describe(`global keys on ${engine.name}`, () => {
    let running: Running;
    let people: People;
    before(async () => {
      running = await startServer(await engine.open());
      people = peopleOf(running);
    });
    after(() => running.stop());

    const reader = () => people.person([allow(permissionGroup.devicesRead)]);
    const rotate = (by: Pick<Person, "headers">, id: string, at = account) =>
      people.as(by, "POST", `${at}/members/${id}/key`);
    const withKey = (who: Person, key: string): Person => ({
      ...who,
      headers: { "X-Auth-Email": who.email, "X-Auth-Key": key },
    });
    const opens = async (who: Pick<Person, "headers">, path = devices) =>
      (await people.as(who, "GET", path)).status;

    it("are issued to members who were accepted at once, who have none before", async () => {
      const email = people.email();
      const policies = [allow(permissionGroup.devicesRead)];
      const made = await people.as(owner, "POST", `${account}/members`, {
        email,
        status: "accepted",
        policies,
      });
      const { id, status, user, invitation_token } = made.body.result;
      assert.deepEqual([status, user.email, invitation_token], ["accepted", email, undefined]);
      const { body } = await rotate(owner, id);
      assert.deepEqual(Object.keys(body.result), ["key"]);
      assert.match(body.result.key, /^flk_[0-9A-Za-z]{46}$/);
      const who = withKey({ id, email, headers: {} }, body.result.key);
      assert.equal(await opens(who), 200);
      const shouted = { ...who.headers, "X-Auth-Email": email.toUpperCase() };
      assert.equal(await opens({ headers: shouted }), 200);
      const other = { ...who.headers, "X-Auth-Email": first.email };
      assert.equal(await opens({ headers: other }), 401);
    });

    it("open nothing any more from the first request after they were rotated, in both dialects", async () => {
      const who = await reader();
      assert.equal(await opens(who), 200);
      const v4 = withKey(who, (await rotate(owner, who.id)).body.result.key);
      assert.deepEqual([await opens(who), await opens(v4)], [401, 200]);
      const rest = await people.as(owner, "POST", `/api/v1/members/${who.id}/key`);
      const latest = withKey(who, rest.body.key);
      assert.deepEqual([await opens(who), await opens(v4), await opens(latest)], [401, 401, 200]);
    });

    it("are rotated by their holder with the key pair, whatever rights it has, and not by its token", async () => {
      const who = await people.person();
      const own = await rotate(who, who.id);
      assert.equal(own.status, 200, JSON.stringify(own.body));
      assert.equal((await rotate(who, who.id)).status, 403);
      const now = withKey(who, own.body.result.key);
      const denied = await people.person([deny(permissionGroup.superAdministrator)]);
      assert.equal((await rotate(denied, denied.id)).status, 200);
      const tries: [permissionGroup: string, status: number][] = [
        ["Administrator", 403],
        ["Devices Read", 404],
      ];
      for (const [name, status] of tries) {
        const token = await running.tokenWith({ groups: [name] });
        const told = await running.ask("POST", `${account}/members/${who.id}/key`, { token });
        assert.equal(told.status, status, JSON.stringify(told.body));
      }
      assert.equal(await opens(now, "/client/v4/accounts"), 200);
    });

    it("are not rotated by their holder's own token, which is less than its holder", async () => {
      const rights = [allow(permissionGroup.settingsWrite)];
      const who = await people.person(rights);
      const made = await people.as(who, "POST", "/client/v4/user/tokens", {
        name: "Mine",
        policies: [
          {
            effect: "allow",
            permission_groups: [{ id: permissionGroup.settingsWrite }],
            resources: { [`com.cloudflare.api.account.${first.accountId}`]: "*" },
          },
        ],
      });
      assert.equal(made.status, 200, JSON.stringify(made.body));
      const token = made.body.result.value;
      assert.equal((await running.ask("GET", `${account}/members/${who.id}`, { token })).status, 200);
      const told = await running.ask("POST", `${account}/members/${who.id}/key`, { token });
      assert.equal(told.status, 403, JSON.stringify(told.body));
      assert.equal((await rotate(who, who.id)).status, 200);
    });

    it("of others are rotated only by a super administrator", async () => {
      const who = await reader();
      const may = await people.person([allow(permissionGroup.superAdministrator)]);
      const mayNot = [
        await people.person([allow(permissionGroup.administrator)]),
        await people.person([allow(permissionGroup.settingsWrite)]),
        await people.person([allow(permissionGroup.provisioning)]),
        await people.person([allow(permissionGroup.administratorReadOnly)]),
      ];
      for (const by of mayNot) assert.equal((await rotate(by, who.id)).status, 403);
      assert.equal((await rotate(await reader(), who.id)).status, 404);
      assert.equal(await opens(who), 200);
      assert.equal((await rotate(may, who.id)).status, 200);
      assert.equal(await opens(who), 401);
      const itself = (await people.as(owner, "GET", `${account}/members`)).body.result[0];
      assert.equal(itself.email, first.email);
      assert.equal((await rotate(may, itself.id)).status, 403, "nobody takes over the installation's owner");
    });

    it("are not told to whoever can't see the member", async () => {
      const who = await reader();
      const blind = await people.person();
      const [hidden, none] = [await rotate(blind, who.id), await rotate(blind, "0".repeat(32))];
      assert.deepEqual([hidden.status, none.status], [404, 404]);
      assert.deepEqual(hidden.body, none.body);
      const hiding = await people.person([
        allow(permissionGroup.settingsRead),
        {
          ...deny(permissionGroup.settingsRead),
          resource_groups: [
            {
              scope: {
                key: `com.cloudflare.api.account.${first.accountId}`,
                objects: [{ key: `com.cloudflare.api.account.member.${who.id}` }],
              },
            },
          ],
        },
      ]);
      const [seen, missing] = [await rotate(hiding, who.id), await rotate(hiding, "0".repeat(32))];
      assert.deepEqual([seen.status, missing.status], [404, 404]);
      assert.equal(seen.body.errors[0].message, missing.body.errors[0].message);
    });

    it("are not given to who has not accepted yet", async () => {
      const { id } = await people.invited();
      const told = await rotate(owner, id);
      assert.deepEqual([told.status, told.headers.get("x-should-retry")], [409, "false"]);
    });

    it("open every account of a person, and are rotated for all of them only by who speaks for all", async () => {
      const there = (await people.as(owner, "POST", "/client/v4/accounts", { name: "There" })).body.result;
      const at = `/client/v4/accounts/${there.id}`;
      const superThere = await people.person([allow(permissionGroup.superAdministrator)]);
      const who = await reader();
      const body = { email: who.email, policies: [] };
      const { invitation_token: token } = (await people.as(owner, "POST", `${at}/members`, body)).body.result;
      const accepted = await people.as(who, "POST", "/api/v1/invitations/accept", { token });
      assert.equal(accepted.status, 200, JSON.stringify(accepted.body));
      assert.equal((await people.as(who, "GET", "/client/v4/accounts")).body.result.length, 2);
      assert.equal(
        (await rotate(superThere, who.id)).status,
        403,
        "a super administrator of one of two accounts",
      );
      const self = await rotate(who, accepted.body.member_id, at);
      const anew = withKey(who, self.body.result.key);
      assert.deepEqual([await opens(who), await opens(anew)], [401, 200]);
      const both = await rotate(owner, who.id);
      assert.equal(both.status, 200, "the owner is super administrator of both");
      const latest = withKey(who, both.body.result.key);
      assert.deepEqual([await opens(anew), await opens(latest, at)], [401, 403]);
      assert.equal(await opens(latest), 200);
    });

    it("that many rotate at once leave one that opens something", async () => {
      const who = await reader();
      const told = await Promise.all(Array.from({ length: 10 }, () => rotate(owner, who.id)));
      assert.deepEqual(statuses(told), { 200: 10 });
      const tried = told.map(({ body }) => opens(withKey(who, body.result.key)));
      assert.deepEqual((await Promise.all(tried)).toSorted(), [200, ...Array(9).fill(401)]);
    });

    it("are kept by a dry run", async () => {
      const who = await reader();
      const told = await people.as(owner, "POST", `${account}/members/${who.id}/key?dry_run=true`);
      assert.equal(told.status, 200);
      assert.equal(await opens(withKey(who, told.body.result.key)), 401);
      assert.equal(await opens(who), 200);
    });

    it("leave an entry that says they were replaced, and never holds them", async () => {
      const who = await reader();
      const { key } = (await rotate(owner, who.id)).body.result;
      const links = await running.store.read((db) => readLinks(db, first.accountId, 0, 10_000));
      const last = JSON.parse(links.at(-1)?.text ?? "");
      assert.deepEqual([last.operation, last.actor.label], ["member.issue-key", first.email]);
      const [change] = last.details.changes;
      assert.deepEqual(
        [change.resource.id, change.before, change.after],
        [who.id, { key: "present" }, { key: "new" }],
      );
      assert.ok(!JSON.stringify(links).includes(key));
    });
  });

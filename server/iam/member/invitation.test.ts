import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { engines } from "../../../test/engines.ts";
import {
  account,
  allow,
  ownerPair,
  type People,
  peopleOf,
  permissionGroup,
  statuses,
} from "../../../test/people.ts";
import { type Running, startServer, steppingClock } from "../../../test/server.ts";
import { insertUser } from "../../accounts/user/index.ts";
import { readLinks } from "../../audit/entry/store.ts";

const second = 1_000_000;
const week = 7 * 24 * 3600 * second;
const owner = { headers: ownerPair };
const devices = "/api/v1/devices?org_id=org_test";

for (const engine of engines)
  describe(`invitations on ${engine.name}`, () => {
    let running: Running;
    let people: People;
    let elsewhere: { id: string; org_id: string };
    const clock = steppingClock();
    before(async () => {
      running = await startServer(await engine.open(), { clock });
      people = peopleOf(running);
      elsewhere = (await people.as(owner, "POST", "/client/v4/accounts", { name: "Elsewhere" })).body.result;
    });
    after(() => running.stop());

    const accept = (token: unknown, headers: Record<string, string> = {}, query = "") =>
      running.ask("POST", `/api/v1/invitations/accept${query}`, { token: null, headers, body: { token } });
    const refusedAt = (told: { status: number; body: any }) => [told.status, told.body.details?.pointer];
    const member = async (id: string) => (await running.ask("GET", `${account}/members/${id}`)).body.result;

    it("are shown once, to the inviter, and never kept", async () => {
      const { id, email, invitation } = await people.invited();
      assert.match(invitation, /^fli_[0-9A-Za-z]{46}$/);
      const shown = await member(id);
      assert.deepEqual([shown.status, shown.user.id, shown.user.email], ["pending", undefined, email]);
      const list = await running.ask("GET", `${account}/members?per_page=50`);
      const trail = await running.store.read((db) => readLinks(db, account.split("/").at(-1) ?? "", 0, 1000));
      for (const seen of [shown, list.body, trail]) assert.ok(!JSON.stringify(seen).includes(invitation));
    });

    it("make a new user, who gets a key once", async () => {
      const { id, email, invitation } = await people.invited(undefined, [allow(permissionGroup.devicesRead)]);
      const told = await accept(invitation);
      assert.equal(told.status, 200, JSON.stringify(told.body));
      const { api_key: key, ...others } = told.body;
      assert.deepEqual(others, {
        account_id: account.split("/").at(-1),
        org_id: "org_test",
        member_id: id,
        email,
      });
      assert.match(key, /^flk_[0-9A-Za-z]{46}$/);
      const headers = { "X-Auth-Email": email, "X-Auth-Key": key };
      assert.equal((await people.as({ headers }, "GET", devices)).status, 200);
      const shown = await member(id);
      assert.equal(shown.status, "accepted");
      assert.match(shown.user.id, /^[0-9a-f]{32}$/);
      assert.ok(!JSON.stringify(shown).includes(key));
    });

    it("can't be accepted twice", async () => {
      const { invitation } = await people.invited();
      const { email, api_key } = (await accept(invitation)).body;
      assert.deepEqual(refusedAt(await accept(invitation)), [400, "/token"]);
      const own = { "X-Auth-Email": email, "X-Auth-Key": api_key };
      assert.deepEqual(refusedAt(await accept(invitation, own)), [400, "/token"]);
    });

    it("make one member of many who accept one at once", async () => {
      const { invitation, email } = await people.invited();
      const told = await Promise.all(Array.from({ length: 10 }, () => accept(invitation)));
      assert.deepEqual(statuses(told), { 200: 1, 400: 9 });
      const { api_key } = told.find(({ status }) => status === 200)?.body ?? {};
      const own = { headers: { "X-Auth-Email": email, "X-Auth-Key": api_key } };
      assert.equal((await people.as(own, "GET", "/client/v4/accounts")).body.result.length, 1);
    });

    it("of one new person into two accounts make one user, whichever is first", async () => {
      for (let round = 0; round < 5; round++) {
        const { email, invitation } = await people.invited();
        const path = `/client/v4/accounts/${elsewhere.id}/members`;
        const there = await people.as(owner, "POST", path, { email });
        const invitations = [invitation, there.body.result.invitation_token];
        const told = await Promise.all(invitations.map((each) => accept(each)));
        assert.deepEqual(statuses(told), { 200: 1, 401: 1 }, JSON.stringify(told.map(({ body }) => body)));
        const winner = told.findIndex(({ status }) => status === 200);
        const own = { "X-Auth-Email": email, "X-Auth-Key": told[winner]?.body.api_key };
        const late = await accept(invitations[1 - winner], own);
        assert.deepEqual([late.status, late.body.api_key], [200, undefined]);
        assert.equal((await people.as({ headers: own }, "GET", "/client/v4/accounts")).body.result.length, 2);
      }
    });

    it("of who becomes a user in another account at the same moment want that user's key", async () => {
      const { email, invitation } = await people.invited();
      const user = { id: "5".repeat(32), email, ownsInstallation: false, hasKey: true, createdAt: 0 };
      const { told } = await running.store.write(async (db) => {
        await insertUser(db, user, "a hash");
        const accepting = accept(invitation);
        // What is answered meanwhile came later: by then the acceptance waits for this transaction.
        for (let asked = 0; asked < 10; asked++) await people.as(owner, "GET", "/client/v4/accounts");
        return { told: accepting };
      });
      assert.equal((await told).status, 401, JSON.stringify((await told).body));
    });

    it("are good for seven days and not a moment longer", async () => {
      const [early, late] = [await people.invited(), await people.invited()];
      clock.advance(week - second);
      assert.equal((await accept(early.invitation)).status, 200);
      clock.advance(second);
      assert.deepEqual(refusedAt(await accept(late.invitation)), [400, "/token"]);
      assert.equal((await member(late.id)).status, "pending");
      const again = await running.ask("POST", `${account}/members/${late.id}/invitation`);
      assert.equal((await accept(again.body.result.invitation_token)).status, 200);
    });

    it("are replaced by new ones, in both dialects", async () => {
      const { id, invitation } = await people.invited();
      const v4 = (await running.ask("POST", `${account}/members/${id}/invitation`)).body.result
        .invitation_token;
      const rest = (await running.ask("POST", `/api/v1/members/${id}/invitation`)).body.invitation_token;
      assert.equal(new Set([invitation, v4, rest]).size, 3);
      for (const earlier of [invitation, v4]) assert.equal((await accept(earlier)).status, 400);
      assert.equal((await accept(rest)).status, 200);
      const late = await running.ask("POST", `${account}/members/${id}/invitation`);
      assert.deepEqual([late.status, late.headers.get("x-should-retry")], [409, "false"]);
    });

    it("of somebody who is a user already want that user's key", async () => {
      const known = await people.person([], `/client/v4/accounts/${elsewhere.id}`);
      const other = await people.person();
      const { id, invitation } = await people.invited(known.email.toUpperCase());
      const token = { authorization: `Bearer ${await running.tokenWith({ groups: ["Administrator"] })}` };
      for (const headers of [{}, other.headers, ownerPair, token]) {
        const told = await accept(invitation, headers);
        assert.equal(told.status, 401, JSON.stringify(told.body));
        assert.ok(!JSON.stringify(told.body).includes("flk_"));
      }
      assert.equal((await member(id)).status, "pending");
      const told = await accept(invitation, known.headers);
      assert.deepEqual([told.status, told.body.member_id, told.body.api_key], [200, id, undefined]);
      const accounts = (await people.as(known, "GET", "/client/v4/accounts")).body.result;
      assert.equal(accounts.length, 2);
    });

    it("of a member who was removed open nothing", async () => {
      const { id, email, invitation } = await people.invited();
      assert.equal((await running.ask("DELETE", `${account}/members/${id}`)).status, 200);
      assert.deepEqual(refusedAt(await accept(invitation)), [400, "/token"]);
      const anew = await people.invited(email);
      assert.notEqual(anew.id, id);
      assert.equal((await accept(invitation)).status, 400);
      assert.equal((await accept(anew.invitation)).body.member_id, anew.id);
    });

    it("that a dry run shows, or accepts, stay as they are", async () => {
      const email = people.email();
      const dry = await running.ask("POST", `${account}/members?dry_run=true`, { body: { email } });
      assert.equal(dry.status, 200);
      assert.deepEqual(refusedAt(await accept(dry.body.result.invitation_token)), [400, "/token"]);
      const { id, invitation } = await people.invited();
      const again = await running.ask("POST", `${account}/members/${id}/invitation?dry_run=true`);
      assert.equal((await accept(again.body.result.invitation_token)).status, 400);
      const tried = await accept(invitation, {}, "?dry_run=true");
      assert.equal(tried.status, 200);
      const fake = { "X-Auth-Email": tried.body.email, "X-Auth-Key": tried.body.api_key };
      assert.equal((await people.as({ headers: fake }, "GET", "/client/v4/accounts")).status, 403);
      assert.equal((await member(id)).status, "pending");
      assert.equal((await accept(invitation)).status, 200);
    });

    it("are refused by what is wrong with them", async () => {
      for (const token of ["", "fli_", `fli_${"0".repeat(46)}`, "x".repeat(201), 1, null, undefined, ["a"]])
        assert.deepEqual(refusedAt(await accept(token)), [400, "/token"], JSON.stringify(token));
      const { invitation } = await people.invited();
      const wrong = { "X-Auth-Email": "nobody@example.com", "X-Auth-Key": "f".repeat(32) };
      assert.equal((await accept(invitation, wrong)).status, 401);
      assert.equal((await accept(invitation)).status, 200);
    });

    it("leave an entry of their account that names the new user as the actor", async () => {
      const { id, email, invitation } = await people.invited();
      await accept(invitation);
      const id32 = account.split("/").at(-1) ?? "";
      const links = await running.store.read((db) => readLinks(db, id32, 0, 10_000));
      const entry = JSON.parse(links.at(-1)?.text ?? "");
      const user = (await member(id)).user.id;
      assert.deepEqual(
        [entry.operation, entry.actor.type, entry.actor.id, entry.actor.label],
        ["member.accept-invitation", "user", user, email],
      );
    });
  });

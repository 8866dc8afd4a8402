/**
 * Keys and invitations: nobody comes by another person's key, becomes somebody else by an invitation, or makes
 * members who skip it, but a super administrator of all the accounts that the key opens.
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { allow } from "./attack/callers.ts";
import { key } from "./attack/rights.ts";
import { type Actor, at, makeActor } from "./attack/scene.ts";
import { buildSystem, makePerson, pair, policyOf, type System } from "./attack/system.ts";
import { engines } from "./engines.ts";
import { first, startServer, type Told } from "./server.ts";
import { stateOf } from "./state.ts";

const superAdministrator = "Super Administrator - All Privileges";

/** Who tries; a provisioner of one user group sees no member. */
const actors: Readonly<Record<string, readonly string[]>> = {
  "a provisioner": ["SCIM Provisioning"],
  "a provisioner of one user group": ["SCIM Provisioning"],
  "one with Account Settings Write": ["Account Settings Write"],
  "an administrator": ["Administrator"],
  "a super administrator": [superAdministrator],
};

type Headers = Readonly<Record<string, string>>;

for (const engine of engines)
  describe(`keys and invitations on ${engine.name}`, () => {
    let system: System;
    const made = new Map<string, Actor>();
    before(async () => {
      system = await buildSystem(await startServer(await engine.open()));
      for (const [name, groups] of Object.entries(actors))
        made.set(name, await makeActor(system, name, groups, name.includes("of one")));
    });
    after(() => system.running.stop());

    const as = (name: string) => made.get(name)?.headers ?? {};
    const ask = (headers: Headers, method: string, path: string, body?: unknown) =>
      system.owner(method, path, body, headers);
    const person = (email: string, accountId = first.accountId, known?: Headers) =>
      makePerson(system.owner, accountId, email, [], known);
    const invite = async (
      email: string,
      accountId = first.accountId,
    ): Promise<{ id: string; token: string }> => {
      const { body } = await system.owner("POST", `/client/v4/accounts/${accountId}/members`, { email });
      return { id: body.result.id, token: body.result.invitation_token };
    };
    const accept = (token: string, headers: Headers = {}) =>
      ask(headers, "POST", "/api/v1/invitations/accept", { token });
    const opens = async (headers: Headers) =>
      (await ask(headers, "GET", "/client/v4/accounts")).status === 200;
    /** A request that must be refused and change nothing. */
    const refused = async (asking: () => Promise<Told>, status: number, label: string) => {
      const earlier = await stateOf(system.running.store);
      const told = await asking();
      assert.equal(told.status, status, `${label}: ${JSON.stringify(told.body)}`);
      assert.deepEqual(await stateOf(system.running.store), earlier, label);
    };
    const keyPaths = (id: string) => [`${at}/members/${id}/key`, `/api/v1/members/${id}/key`];

    for (const name of Object.keys(actors)) {
      const isSuper = name === "a super administrator";
      it(`${name} ${isSuper ? "makes" : "does not make"} members who are accepted at once`, async () => {
        const body = { email: "at-once@example.com", status: "accepted" };
        for (const query of ["?dry_run=true", ""]) {
          const asking = () => ask(as(name), "POST", `${at}/members${query}`, body);
          if (!isSuper) await refused(asking, 403, name);
          else assert.equal((await asking()).status, 200);
        }
        const invited = { email: `${name.replaceAll(" ", "-")}-invites@example.com` };
        const { status } = await ask(as(name), "POST", `${at}/members`, invited);
        assert.equal(status, name.includes("of one") ? 403 : 200);
      });

      it(`${name} ${isSuper ? "issues" : "does not issue"} the key of somebody else`, async () => {
        const { memberId, headers } = await person(`target-of-${name.replaceAll(" ", "-")}@example.com`);
        for (const path of keyPaths(memberId)) {
          const asking = () => ask(as(name), "POST", path);
          if (!isSuper) await refused(asking, name.includes("of one") ? 404 : 403, `${name}: ${path}`);
          else assert.equal((await asking()).status, 200);
        }
        assert.equal(await opens(headers), !isSuper);
      });
    }

    it("everybody issues its own key, and the earlier one opens nothing", async () => {
      const { memberId, headers } = await person("itself@example.com");
      let now = headers;
      for (const path of keyPaths(memberId)) {
        const { status, body } = await ask(now, "POST", path);
        assert.equal(status, 200);
        const next = { ...now, "x-auth-key": (body.result ?? body).key };
        assert.deepEqual([await opens(now), await opens(next)], [false, true]);
        now = next;
      }
    });

    it("a key that opens another account too is issued by nobody who is not super administrator there", async () => {
      const there = await person("in-both@example.com", system.other.accountId);
      const { memberId } = await person("in-both@example.com", first.accountId, there.headers);
      const token = { authorization: `Bearer ${first.apiToken}` };
      for (const path of keyPaths(memberId)) {
        await refused(() => ask(as("a super administrator"), "POST", path), 403, path);
        await refused(() => ask(token, "POST", path), 403, `${path} by a token`);
      }
      assert.equal(await opens(there.headers), true);
      const [path = ""] = keyPaths(memberId);
      assert.equal((await ask(pair, "POST", path)).status, 200);
      assert.equal(await opens(there.headers), false);
    });

    it("the key of the owner of the installation is issued by nobody else", async () => {
      const { body } = await system.owner("GET", `${at}/members`);
      const owner = body.result.find(({ email }: { email: string }) => email === first.email);
      for (const path of keyPaths(owner.id))
        await refused(() => ask(as("a super administrator"), "POST", path), 403, path);
      assert.equal((await ask(pair, "POST", `${at}/members/${owner.id}/key?dry_run=true`)).status, 200);
    });

    it("an account does not get at a person of another by inviting it", async () => {
      const { headers } = await person("elsewhere@example.com", system.other.accountId);
      const mine = as("a super administrator");
      const accepted = { email: "Elsewhere@Example.com", status: "accepted" };
      await refused(() => ask(mine, "POST", `${at}/members`, accepted), 409, "accepted at once");
      const { id } = await invite("elsewhere@example.com");
      for (const path of keyPaths(id)) await refused(() => ask(mine, "POST", path), 409, path);
      const stronger = [policyOf(system, allow(["Administrator"], key.account(first.accountId)))];
      assert.equal((await ask(mine, "PUT", `${at}/members/${id}`, { policies: stronger })).status, 200);
      const { status } = await ask(headers, "GET", `${at}/members`);
      assert.equal(status, 403, "whoever is only invited has no place in the account");
    });

    it("an invitation for an address that has a user is accepted only by that user", async () => {
      const { headers } = await person("known@example.com", system.other.accountId);
      const { token } = await invite("KNOWN@example.com");
      await refused(() => accept(token), 401, "by a stranger");
      await refused(() => accept(token, as("an administrator")), 401, "by somebody else");
      await refused(() => accept(token, { authorization: `Bearer ${first.apiToken}` }), 401, "by a token");
      await refused(() => accept(token, { ...headers, "x-auth-key": "0".repeat(40) }), 401, "by a wrong key");
      const { status, body } = await accept(token, headers);
      assert.equal(status, 200, JSON.stringify(body));
      assert.equal(body.api_key, undefined, "the user has its key already");
    });

    it("an invitation opens once, and not once there is a later one", async () => {
      const { id, token } = await invite("once@example.com");
      const again = await system.owner("POST", `${at}/members/${id}/invitation`);
      const later = again.body.result.invitation_token;
      await refused(() => accept(token), 400, "the earlier one");
      assert.equal((await accept(later)).status, 200);
      await refused(() => accept(later), 400, "a second time");
      await refused(() => accept("fli_".padEnd(50, "0")), 400, "an unknown one");
      const { id: gone, token: lost } = await invite("gone@example.com");
      assert.equal((await system.owner("DELETE", `${at}/members/${gone}`)).status, 200);
      await refused(() => accept(lost), 400, "of a member who was removed");
    });

    it("one address is one member, however it is written", async () => {
      await invite("twice@example.com");
      for (const email of ["twice@example.com", "TWICE@example.com", "Twice@Example.COM"])
        await refused(() => ask(as("an administrator"), "POST", `${at}/members`, { email }), 409, email);
    });

    it("a person who was removed from its last account does not come back with its key", async () => {
      const { memberId, headers } = await person("removed@example.com");
      assert.equal((await system.owner("DELETE", `${at}/members/${memberId}`)).status, 200);
      assert.equal(await opens(headers), false);
      const { token } = await invite("removed@example.com");
      const { body } = await accept(token);
      assert.ok(body.api_key);
      assert.equal(await opens(headers), false);
    });
  });

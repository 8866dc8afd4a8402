/**
 * The grant rule on API tokens: nobody brings about rights beyond its own, by whatever way a token becomes able
 * to do more, but for who may grant; and nobody but a super administrator brings about one. What takes rights
 * away, everybody may do that may write tokens.
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { allow, deny, toWire } from "./attack/callers.ts";
import { groupsWith, key, type Policy } from "./attack/rights.ts";
import { buildSystem, type System, type Things } from "./attack/system.ts";
import { engines } from "./engines.ts";
import { first, startServer, type Told } from "./server.ts";

const tokens = `/client/v4/accounts/${first.accountId}/tokens`;
const account = key.account(first.accountId);
const superAdministrator = "Super Administrator - All Privileges";

const writesTokens = allow(["Account API Tokens Write"]);
const inert = allow(["Zone Read"]);

/** Who gives, by what it holds beside writing tokens; and which of the levels below it may give. */
const givers: Readonly<Record<string, { holds: string[]; gives: readonly string[] }>> = {
  "a writer of tokens": { holds: [], gives: ["nothing", "tokens"] },
  "one with Account Settings Write": {
    holds: ["Account Settings Write"],
    gives: ["nothing", "tokens", "groups", "settings", "administrator"],
  },
  "an administrator": {
    holds: ["Administrator"],
    gives: ["nothing", "tokens", "groups", "settings", "administrator"],
  },
  "a super administrator": {
    holds: [superAdministrator],
    gives: ["nothing", "tokens", "groups", "settings", "administrator", "super"],
  },
};

/** What is given, and a permission that a refusal has to name. */
const levels: Readonly<Record<string, { groups: string[]; names: string }>> = {
  nothing: { groups: ["Zone Read", "Magic Network Monitoring"], names: "" },
  tokens: { groups: ["Account API Tokens Read"], names: "" },
  groups: { groups: ["Device Groups Read"], names: "device-group.read" },
  settings: { groups: ["Account Settings Write"], names: "account." },
  administrator: { groups: ["Administrator"], names: "account." },
  super: { groups: [superAdministrator], names: "iam.super-administrator" },
};

/** A token before and after: what a change of it brings about is more than it could do before. */
type Change = { readonly from: object; readonly to: object };

const never = "2250-01-01T00:00:00Z";
const past = "2020-01-01T00:00:00Z";
const loopback = { request_ip: { in: ["127.0.0.0/8"] } };

/** Every way in which a token comes to hold a policy, or to be usable when or where it was not. */
const ways = (policy: Policy, wire: (policy: Policy) => object): Record<string, Change> => {
  const bare = { policies: [wire(inert)] };
  const full = { policies: [wire(policy)] };
  return {
    "by one more policy": { from: bare, to: { policies: [wire(inert), wire(policy)] } },
    "by another policy": { from: bare, to: full },
    "by removing a deny": {
      from: { policies: [wire(policy), wire({ ...policy, effect: "deny" })] },
      to: full,
    },
    "by turning a deny into an allow": {
      from: { policies: [wire({ ...policy, effect: "deny" })] },
      to: full,
    },
    "by another scope": { from: { policies: [wire({ ...policy, on: [key.kind("zone")] })] }, to: full },
    "by re-enabling": { from: { ...full, status: "disabled" }, to: { ...full, status: "active" } },
    "by dropping its condition": { from: { ...full, condition: loopback }, to: { ...full, condition: null } },
    "by widening its condition": {
      from: { ...full, condition: loopback },
      to: { ...full, condition: { request_ip: { in: ["0.0.0.0/0"] } } },
    },
    "by emptying its condition": { from: { ...full, condition: loopback }, to: { ...full, condition: {} } },
    "by reviving it": { from: { ...full, expires_on: past }, to: { ...full, expires_on: null } },
    "by extending it": {
      from: { ...full, expires_on: "2249-01-01T00:00:00Z" },
      to: { ...full, expires_on: never },
    },
    "by starting it earlier": { from: { ...full, not_before: never }, to: { ...full, not_before: past } },
    "by starting it at once": { from: { ...full, not_before: never }, to: { ...full, not_before: null } },
  };
};

/** Changes after which a token can do no more than before. */
const harmless = (policy: Policy, wire: (policy: Policy) => object): Record<string, Change> => {
  const full = { policies: [wire(policy)] };
  return {
    renaming: { from: full, to: { ...full, name: "Renamed" } },
    "removing a policy": { from: { policies: [wire(policy), wire(inert)] }, to: { policies: [wire(inert)] } },
    "adding a deny": { from: full, to: { policies: [wire(policy), wire({ ...policy, effect: "deny" })] } },
    disabling: { from: full, to: { ...full, status: "disabled" } },
    "letting it expire": { from: full, to: { ...full, expires_on: never } },
    "letting it expire sooner": { from: { ...full, expires_on: never }, to: { ...full, expires_on: past } },
    "starting it later": { from: full, to: { ...full, not_before: never } },
    "giving it a condition": { from: full, to: { ...full, condition: loopback } },
    "changing one that stays disabled": {
      from: { ...full, status: "disabled" },
      to: { ...full, name: "Renamed", status: "disabled" },
    },
  };
};

for (const engine of engines)
  describe(`giving rights on ${engine.name}`, () => {
    let system: System;
    let wire: (policy: Policy) => object;
    before(async () => {
      system = await buildSystem(await startServer(await engine.open()));
      wire = (policy) => toWire(system, policy);
    });
    after(() => system.running.stop());

    const ask = (method: string, path: string, token: string, body?: object) =>
      system.running.ask(method, tokens + path, { token, ...(body && { body }) });
    /** A token with some policies, made by the super administrator. */
    const tokenWith = async (...policies: Policy[]) =>
      (await made({ policies: policies.map(wire) })).value as string;
    const made = async (body: object): Promise<{ id: string; value: string }> => {
      const wanted = { name: "A token", ...body };
      const { body: told } = await ask("POST", "", first.apiToken, wanted);
      const { id } = told.result;
      if ("status" in body) await ask("PUT", `/${id}`, first.apiToken, wanted);
      return told.result;
    };
    /** Makes a token as it was and lets a giver change it. */
    const change = async (giver: string, { from, to }: Change): Promise<Told> => {
      const { id } = await made(from);
      const before = await ask("GET", `/${id}`, first.apiToken);
      const told = await ask("PUT", `/${id}`, giver, { name: "A token", ...to });
      if (told.status !== 200)
        assert.deepEqual((await ask("GET", `/${id}`, first.apiToken)).body, before.body);
      return told;
    };

    for (const [name, { holds, gives }] of Object.entries(givers))
      for (const [level, { groups, names }] of Object.entries(levels)) {
        const may = gives.includes(level);
        it(`${name} ${may ? "gives" : "does not give"} ${level}, whatever the way`, async () => {
          const giver = await tokenWith(writesTokens, ...(holds.length > 0 ? [allow(holds)] : []));
          const policy = allow(groups);
          const body = { name: "New", policies: [wire(policy)] };
          const check = (told: Told, way: string) =>
            checkGiven(told, may, names, `${name}, ${level}, ${way}`);
          check(await ask("POST", "?dry_run=true", giver, body), "by creating, rehearsed");
          check(await ask("POST", "", giver, body), "by creating");
          for (const [way, one] of Object.entries(ways(policy, wire))) check(await change(giver, one), way);
          const { id, value } = await made(body);
          check(await ask("PUT", `/${id}/value`, giver), "by rolling");
          const { status } = await ask("GET", "/verify", value);
          assert.equal(status, may ? 401 : 200, "the secret of a token that was not rolled still opens");
        });
      }

    it("whoever writes tokens may take rights away, also such as it does not hold", async () => {
      const giver = await tokenWith(writesTokens);
      for (const { groups } of Object.values(levels)) {
        for (const [way, one] of Object.entries(harmless(allow(groups), wire))) {
          const { status, body } = await change(giver, one);
          assert.equal(status, 200, `${groups} by ${way}: ${JSON.stringify(body)}`);
        }
        const { id } = await made({ policies: [wire(allow(groups))] });
        assert.equal((await ask("DELETE", `/${id}`, giver)).status, 200);
      }
    });

    it("a part of the account is given by who holds that part, and no other", async () => {
      const { own, hidden } = system.things["device-group"] as Things;
      const [mine, other] = [key.thing("device-group", own.id), key.thing("device-group", hidden.id)];
      const writer = await tokenWith(writesTokens, allow(["Device Groups Write"], mine));
      const denied = await tokenWith(
        writesTokens,
        allow(["Device Groups Read"]),
        deny(["Device Groups Read"], other),
      );
      const reads = (...on: string[]) => allow(["Device Groups Read"], ...on);
      const cases: [string, Policy[], number][] = [
        [writer, [reads(mine)], 200],
        [writer, [allow(["Device Groups Write", "Device Group Membership Write"], mine)], 200],
        [writer, [reads(other)], 403],
        [writer, [reads(mine, other)], 403],
        [writer, [reads(key.kind("device-group"))], 403],
        [writer, [reads()], 403],
        [writer, [reads(), deny(["Device Groups Read"], other)], 403],
        [writer, [reads(key.account(system.other.accountId))], 200],
        [denied, [reads(mine)], 200],
        [denied, [reads(other)], 403],
        [denied, [reads()], 403],
        [denied, [reads(key.account("*"))], 403],
        [denied, [reads(), deny(["Device Groups Read"], other)], 200],
        [denied, [reads(), deny(["Device Groups Write"], other)], 200],
        [denied, [reads(), deny(["Device Groups Read"], mine)], 403],
      ];
      for (const [giver, policies, status] of cases) {
        const { body, ...told } = await ask("POST", "", giver, { name: "New", policies: policies.map(wire) });
        assert.equal(told.status, status, JSON.stringify([policies, body]));
      }
    });

    it("a token does not raise itself", async () => {
      const own = writesTokens;
      const { id, value } = await made({ policies: [wire(own)] });
      const raised = { name: "A token", policies: [wire(own), wire(allow(["Device Groups Read"]))] };
      checkGiven(await ask("PUT", `/${id}`, value, raised), false, "device-group.read", "by itself");
      const renamed = { name: "Renamed by itself", policies: [wire(own)] };
      assert.equal((await ask("PUT", `/${id}`, value, renamed)).status, 200);
    });

    it("nobody but a super administrator makes one, whatever else it holds and however it is spelled", async () => {
      const group = { id: system.groupId(superAdministrator) };
      const spellings = [
        { [account]: "*" },
        { [key.account("*")]: "*" },
        { [key.kind("account")]: "*" },
        { [account]: { [account]: "*" } },
        { [key.account("*")]: { [key.kind("account")]: "*" } },
        { [account]: { [key.kind("account")]: "*" } },
      ];
      const policiesWith = (resources: object) => [
        { effect: "allow", permission_groups: [group], resources },
      ];
      const firstToken = (await ask("GET", "/verify", first.apiToken)).body.result.id;
      for (const held of system.names.filter((each) => each !== superAdministrator)) {
        const giver = await tokenWith(allow(["Account API Tokens Write", held]));
        const check = (told: Told, way: string) =>
          checkGiven(told, false, "iam.super-administrator", `${held}, ${way}`);
        for (const resources of spellings) {
          const body = { name: "New", policies: policiesWith(resources) };
          const way = JSON.stringify(resources);
          check(await ask("POST", "", giver, body), way);
        }
        check(await ask("PUT", `/${firstToken}/value`, giver), "by rolling the first token");
      }
    });
  });

function checkGiven({ status, headers, body }: Told, may: boolean, names: string, label: string): void {
  assert.equal(status, may ? 200 : 403, `${label}: ${JSON.stringify(body)}`);
  assert.equal(headers.get("x-accepted-permissions")?.split(", ").sort().join(), writers, label);
  if (may) return;
  const [{ code, message }] = body.errors;
  assert.equal(code, 9109, label);
  assert.match(message, /the grant rule/, label);
  assert.ok(message.includes(names), `${label}: ${names} is not named in ${message}`);
  assert.ok(message.includes(superAdministrator), `${label}: no permission group is named in ${message}`);
}

const writers = groupsWith("api-token.write").sort().join();

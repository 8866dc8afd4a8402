/**
 * The grant rule on people: nobody brings about rights beyond its own, for itself or for others, whatever the
 * road: policies of groups and members, who is in a group, what a resource group covers, what a deny keeps from
 * somebody, invitations and tokens. Every road is tried with what the actor holds itself, which it may give, with
 * more than that, and with what only a super administrator may give. What is refused leaves everything as it was.
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { key } from "./attack/rights.ts";
import { elsewise, throughGroup, throughInvitations, throughTokens } from "./attack/roads.ts";
import { type Actor, type Attempt, askAs, at, makeActor, type Scene, setScene } from "./attack/scene.ts";
import { buildSystem, type System } from "./attack/system.ts";
import { engines } from "./engines.ts";
import { first, startServer } from "./server.ts";
import { stateOf } from "./state.ts";

const superAdministrator = "Super Administrator - All Privileges";
const scim = "SCIM Provisioning";

/** Who tries: what it holds, whether it may give more than that, and which roads are open to it. */
const actors: Readonly<Record<string, { holds: string[]; gives: readonly Level[]; roads: readonly Kind[] }>> =
  {
    "a provisioner": { holds: [scim], gives: ["its own"], roads: ["group", "else", "invitation"] },
    "a provisioner of one user group": { holds: [scim], gives: ["its own"], roads: ["group"] },
    "a provisioner who writes tokens": {
      holds: [scim, "Account API Tokens Write"],
      gives: ["its own"],
      roads: ["group", "else", "invitation", "token"],
    },
    "one with Account Settings Write": {
      holds: ["Account Settings Write"],
      gives: ["its own", "more"],
      roads: ["group", "else", "invitation"],
    },
    "an administrator": {
      holds: ["Administrator"],
      gives: ["its own", "more"],
      roads: ["group", "else", "invitation", "token"],
    },
    "a super administrator": {
      holds: [superAdministrator],
      gives: ["its own", "more", "everything"],
      roads: ["group", "else", "invitation", "token"],
    },
  };

type Level = keyof typeof levels;
/** What is given: permission groups on the whole account; the actor's own where none are named. */
const levels = {
  "its own": undefined,
  more: ["Administrator"],
  everything: [superAdministrator],
} as const;

type Kind = keyof typeof roads;
const roads = { group: throughGroup, else: elsewise, invitation: throughInvitations, token: throughTokens };

for (const engine of engines)
  describe(`raising rights on ${engine.name}`, () => {
    let system: System;
    const made = new Map<string, Actor>();
    before(async () => {
      system = await buildSystem(await startServer(await engine.open()));
      for (const [name, { holds }] of Object.entries(actors))
        made.set(name, await makeActor(system, name, holds, name.includes("of one")));
    });
    after(() => system.running.stop());

    /** Tries a request, rehearsed and for good; where it must be refused, nothing may have changed. */
    const check = async (scene: Scene, attempt: Parameters<typeof askAs>[1], may: boolean, label: string) => {
      const earlier = may ? {} : await stateOf(system.running.store);
      const rehearsed = await askAs(scene, attempt, true);
      assert.equal(
        rehearsed.status,
        may ? 200 : 403,
        `${label}, rehearsed: ${JSON.stringify(rehearsed.body)}`,
      );
      const { status, body } = await askAs(scene, attempt);
      assert.equal(status, may ? 200 : 403, `${label}: ${JSON.stringify(body)}`);
      if (may) return;
      assert.deepEqual(await stateOf(system.running.store), earlier, label);
      return body.errors?.[0].message ?? body.message;
    };

    for (const [name, { gives, roads: open }] of Object.entries(actors))
      for (const [level, wanted] of Object.entries(levels) as [Level, readonly string[] | undefined][])
        for (const [kind, those] of Object.entries(roads) as [Kind, typeof throughGroup][]) {
          const may = gives.includes(level) && open.includes(kind);
          it(`${name} ${may ? "gives" : "does not give"} ${level}, by ${kind}`, async () => {
            for (const [road, build] of Object.entries(those)) {
              const scene = await setScene(system, made.get(name) as Actor, wanted);
              const attempt = await build(scene);
              const label = `${name}, ${level}: ${road}`;
              const refusal = attempt && (await check(scene, attempt, may, label));
              if (refusal && open.includes(kind)) assert.match(refusal, /the grant rule/, label);
              await scene.end();
            }
          });
        }

    let leavers = 0;
    /** Somebody who holds something itself and is denied a part of it, or something else, by a user group. */
    const leaving = async (holds: string, denied: readonly string[]) => {
      leavers += 1;
      const actor = await makeActor(system, `leaver ${leavers}`, [holds, ...denied]);
      const scene = await setScene(system, actor);
      await scene.fill([scene.wire({ ...scene.denied, groups: denied })], [actor.memberId]);
      const group = `${at}/iam/user_groups/${scene.groupId}`;
      const ways = [
        { method: "DELETE", path: `${group}/members/${actor.memberId}` },
        { method: "PUT", path: `${group}/members`, body: [] },
        { method: "PUT", path: group, body: { policies: [] } },
        { method: "DELETE", path: group },
      ];
      return { scene, ways };
    };

    it("nobody leaves what denies it something, but who may give that", async () => {
      const denied = ["Device Groups Read"];
      const provisioner = await leaving(scim, denied);
      for (const way of provisioner.ways)
        assert.match(await check(provisioner.scene, way, false, way.method), /the grant rule/);
      const settings = await leaving("Account Settings Write", denied);
      for (const way of settings.ways.slice(0, 2)) await check(settings.scene, way, true, way.method);
    });

    it("a deny is only narrowed by who holds what comes free", async () => {
      const { scene, ways } = await leaving(scim, ["Device Groups Read"]);
      const { actor, groupId, denied, wire } = scene;
      const path = `${at}/iam/user_groups/${groupId}`;
      const other = wire({ ...denied, groups: ["Devices Read"] });
      const swapped = { method: "PUT", path, body: { policies: [other] } };
      assert.match(await check(scene, swapped, false, "another deny"), /the grant rule/);
      const both = [wire({ ...denied, groups: ["Device Groups Read"] }), other];
      await check(scene, { method: "PUT", path, body: { policies: both } }, true, "one more deny");
      await scene.give(actor.memberId, [
        wire(scene.base),
        wire({ ...denied, groups: ["Device Groups Read"] }),
      ]);
      const [leave] = ways;
      await check(scene, leave as Attempt, true, "denied by itself all the same");
    });

    it("a resource group that a policy names stays, whoever asks", async () => {
      const scene = await setScene(system, made.get("a provisioner") as Actor, ["Administrator"]);
      const id = await scene.area(key.account(first.accountId));
      await scene.fill([scene.about(scene.denied, id)], [scene.friend]);
      const earlier = await stateOf(system.running.store);
      const attempt = { method: "DELETE", path: `${at}/iam/resource_groups/${id}` };
      for (const dryRun of [true, false]) assert.equal((await askAs(scene, attempt, dryRun)).status, 409);
      assert.equal((await system.owner(attempt.method, attempt.path)).status, 409);
      assert.deepEqual(await stateOf(system.running.store), earlier);
      await scene.fill([]);
      await check(scene, attempt, true, "once no policy names it");
    });

    it("what is in another account is not there", async () => {
      const scene = await setScene(system, made.get("an administrator") as Actor);
      const { member, "resource-group": area } = system.things;
      const about = scene.about(scene.wanted, area?.foreign.id ?? "");
      const group = `${at}/iam/user_groups/${scene.groupId}`;
      const earlier = await stateOf(system.running.store);
      for (const attempt of [
        { method: "POST", path: `${group}/members`, body: [{ id: member?.foreign.id }] },
        { method: "PUT", path: `${group}/members`, body: [{ id: member?.foreign.id }] },
        { method: "PUT", path: group, body: { policies: [about] } },
        { method: "PUT", path: `${at}/members/${scene.friend}`, body: { policies: [about] } },
        { method: "POST", path: `${at}/members`, body: { email: "x@example.com", policies: [about] } },
      ]) {
        assert.equal((await askAs(scene, attempt)).status, 400, attempt.path);
        const { status } = await system.owner(attempt.method, attempt.path, attempt.body);
        assert.equal(status, 400, `${attempt.path}, by who is in both accounts`);
      }
      assert.deepEqual(await stateOf(system.running.store), earlier);
    });
  });

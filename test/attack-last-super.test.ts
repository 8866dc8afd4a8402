/**
 * An account keeps a super administrator: the last one who can act is not removed, demoted or denied, by whatever
 * road, neither by itself nor by an administrator. Each road is tried in an account of its own, and once more when
 * there is a second super administrator: then it is open.
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { allow, deny } from "./attack/callers.ts";
import { key, type Policy } from "./attack/rights.ts";
import { buildSystem, makePerson, pair, policyOf, type System, scopeOf } from "./attack/system.ts";
import { engines } from "./engines.ts";
import { startServer } from "./server.ts";
import { stateOf } from "./state.ts";

const superAdministrator = "Super Administrator - All Privileges";

/** An account of its own: its founder is its only super administrator. */
type Place = {
  readonly accountId: string;
  readonly founder: string;
  readonly at: string;
  /** A policy of some permission groups on the whole account, as it is sent. */
  holds(...groups: string[]): object;
  lacks(...groups: string[]): object;
  wire(policy: Policy): object;
  /** Makes something as the founder and answers its id. */
  make(path: string, body: unknown): Promise<string>;
  change(path: string, body: unknown): Promise<void>;
  roleId(name: string): string;
};

type Attempt = { method: string; path: string; body?: unknown };
type Road = (place: Place) => Promise<Attempt>;

const put = (path: string, body: unknown): Attempt => ({ method: "PUT", path, body });
const remove = (path: string): Attempt => ({ method: "DELETE", path });
const ofFounder = ({ founder }: Place, ...policies: object[]) => put(`/members/${founder}`, { policies });

/** The founder is super administrator by itself. */
const byItself: Readonly<Record<string, Road>> = {
  removing: async ({ founder }) => remove(`/members/${founder}`),
  "taking all policies away": async (place) => ofFounder(place),
  "demoting by a policy": async (place) => ofFounder(place, place.holds("Administrator")),
  "demoting by a role": async ({ founder, roleId }) =>
    put(`/members/${founder}`, { roles: [{ id: roleId("Administrator") }] }),
  "a deny of its own": async (place) =>
    ofFounder(place, place.holds(superAdministrator), place.lacks(superAdministrator)),
  "a smaller scope": async (place) =>
    ofFounder(place, place.wire(allow([superAdministrator], key.kind("member")))),
  "adding it to a group with a deny": async ({ make, lacks, founder }) => {
    const group = await make("/iam/user_groups", { name: "Denied", policies: [lacks(superAdministrator)] });
    return { method: "POST", path: `/iam/user_groups/${group}/members`, body: [{ id: founder }] };
  },
  "putting it into a group with a deny": async ({ make, lacks, founder }) => {
    const group = await make("/iam/user_groups", { name: "Denied", policies: [lacks(superAdministrator)] });
    return put(`/iam/user_groups/${group}/members`, [{ id: founder }]);
  },
  "a deny for a group that it is in": async ({ make, change, lacks, founder }) => {
    const group = await make("/iam/user_groups", { name: "To be denied" });
    await change(`/iam/user_groups/${group}/members`, [{ id: founder }]);
    return put(`/iam/user_groups/${group}`, { policies: [lacks(superAdministrator)] });
  },
  "widening a deny": async ({ make, change, lacks, founder }) => {
    const area = await make("/iam/resource_groups", { name: "Area", scope: scopeOf(key.kind("zone")) });
    const denied = { ...lacks(superAdministrator), resource_groups: [{ id: area }] };
    const group = await make("/iam/user_groups", { name: "Denied nothing", policies: [denied] });
    await change(`/iam/user_groups/${group}/members`, [{ id: founder }]);
    return put(`/iam/resource_groups/${area}`, { scope: scopeOf(key.account("*")) });
  },
  "narrowing the resource group of its policy": async (place) => {
    const { make, change, founder, holds, accountId } = place;
    const scope = scopeOf(key.account(accountId));
    const area = await make("/iam/resource_groups", { name: "All of it", scope });
    const about = { ...holds(superAdministrator), resource_groups: [{ id: area }] };
    await change(`/members/${founder}`, { policies: [about] });
    return put(`/iam/resource_groups/${area}`, { scope: scopeOf(key.kind("member")) });
  },
};

/** The founder is super administrator by a user group alone: answers its id. */
async function onlyThroughGroup({ make, change, founder, holds }: Place): Promise<string> {
  const group = await make("/iam/user_groups", { name: "Founders", policies: [holds(superAdministrator)] });
  await change(`/iam/user_groups/${group}/members`, [{ id: founder }]);
  await change(`/members/${founder}`, { policies: [] });
  return `/iam/user_groups/${group}`;
}

const throughGroup: Readonly<Record<string, Road>> = {
  "deleting its group": async (place) => remove(await onlyThroughGroup(place)),
  "taking its group's policies away": async (place) => put(await onlyThroughGroup(place), { policies: null }),
  "demoting its group": async (place) =>
    put(await onlyThroughGroup(place), { policies: [place.holds("Administrator")] }),
  "denying its group": async (place) =>
    put(await onlyThroughGroup(place), {
      policies: [place.holds(superAdministrator), place.lacks(superAdministrator)],
    }),
  "taking it out of its group": async (place) =>
    remove(`${await onlyThroughGroup(place)}/members/${place.founder}`),
  "emptying its group": async (place) => put(`${await onlyThroughGroup(place)}/members`, []),
  "removing it from the account": async (place) => {
    await onlyThroughGroup(place);
    return remove(`/members/${place.founder}`);
  },
};

/** What denies a super administrator everything that it could do about it. */
const everythingElse: Readonly<Record<string, Road>> = {
  "denying it what administrators may": async (place) =>
    ofFounder(place, place.holds(superAdministrator), place.lacks("Administrator")),
  "denying it the settings": async (place) =>
    ofFounder(place, place.holds(superAdministrator), place.lacks("Account Settings Write")),
};

for (const engine of engines)
  describe(`the last super administrator on ${engine.name}`, () => {
    let system: System;
    let places = 0;
    before(async () => {
      system = await buildSystem(await startServer(await engine.open()));
    });
    after(() => system.running.stop());

    const makePlace = async (): Promise<Place> => {
      places += 1;
      const { body } = await system.owner("POST", "/client/v4/accounts", { name: `Place ${places}` });
      const accountId = body.result.id;
      const at = `/client/v4/accounts/${accountId}`;
      const { body: members } = await system.owner("GET", `${at}/members`);
      const wire = (policy: Policy) => policyOf(system, policy);
      const done = async (method: string, path: string, sent: unknown) => {
        const told = await system.owner(method, at + path, sent);
        assert.equal(told.status, 200, `${path}: ${JSON.stringify(told.body)}`);
        return told.body.result;
      };
      return {
        accountId,
        at,
        wire,
        founder: members.result[0].id,
        holds: (...groups) => wire(allow(groups, key.account(accountId))),
        lacks: (...groups) => wire(deny(groups, key.account(accountId))),
        make: async (path, sent) => (await done("POST", path, sent)).id,
        change: (path, sent) => done("PUT", path, sent),
        roleId: system.groupId,
      };
    };
    const personIn = (place: Place, name: string, ...groups: string[]) =>
      makePerson(system.owner, place.accountId, `${name}-${places}@example.com`, [place.holds(...groups)]);
    const keeps = async (place: Place, attempt: Attempt, headers: Record<string, string>, label: string) => {
      const { method, path, body } = attempt;
      const earlier = await stateOf(system.running.store);
      for (const query of ["?dry_run=true", ""]) {
        const told = await system.owner(method, place.at + path + query, body, headers);
        assert.equal(told.status, 409, `${label}${query}: ${JSON.stringify(told.body)}`);
        assert.match(told.body.errors[0].message, /without a super administrator/, label);
      }
      assert.deepEqual(await stateOf(system.running.store), earlier, label);
    };

    for (const [road, build] of Object.entries({ ...byItself, ...throughGroup, ...everythingElse }))
      it(`stays in spite of ${road}`, async () => {
        const place = await makePlace();
        const attempt = await build(place);
        const admin = await personIn(place, "admin", "Administrator");
        await place.make("/members", {
          email: "only-invited@example.com",
          policies: [place.holds(superAdministrator)],
        });
        await place.make("/members", {
          email: `without-key-${places}@example.com`,
          status: "accepted",
          policies: [place.holds(superAdministrator)],
        });
        await keeps(place, attempt, admin.headers, `${road}, by an administrator`);
        await keeps(place, attempt, pair, `${road}, by itself`);
        await personIn(place, "second", superAdministrator);
        const { method, path, body } = attempt;
        const told = await system.owner(method, place.at + path, body);
        assert.equal(told.status, 200, `${road}: ${JSON.stringify(told.body)}`);
      });

    it("goes to nobody through an administrator", async () => {
      const place = await makePlace();
      const group = await onlyThroughGroup(place);
      const { memberId, headers } = await personIn(place, "admin", "Administrator");
      const earlier = await stateOf(system.running.store);
      for (const ids of [[{ id: memberId }], [{ id: place.founder }, { id: memberId }]]) {
        const told = await system.owner("PUT", `${place.at}${group}/members`, ids, headers);
        assert.equal(told.status, 403, JSON.stringify(told.body));
      }
      assert.deepEqual(await stateOf(system.running.store), earlier);
    });
  });

/** An account keeps a super administrator who can act, whatever is done and however much of it at once. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { engines } from "../../test/engines.ts";
import { ownerPair, type People, type Person, peopleOf, permissionGroup } from "../../test/people.ts";
import { type Running, startServer, type Told } from "../../test/server.ts";

const { superAdministrator, administrator } = permissionGroup;
const owner = { headers: ownerPair };

for (const engine of engines)
  describe(`super administrators on ${engine.name}`, () => {
    let running: Running;
    let people: People;
    let count = 0;
    before(async () => {
      running = await startServer(await engine.open());
      people = peopleOf(running);
    });
    after(() => running.stop());

    const must = async (method: string, path: string, body?: object) => {
      const told = await people.as(owner, method, path, body);
      assert.equal(told.status, 200, JSON.stringify(told.body));
      return told.body.result;
    };
    /** An account of its own, with so many super administrators beside its owner, who is the first of them. */
    const accountWith = async (others: number) => {
      const { id } = await must("POST", "/client/v4/accounts", { name: `Account ${count++}` });
      const at = `/client/v4/accounts/${id}`;
      const whole = (await must("GET", `${at}/iam/resource_groups`))[0].id as string;
      const [founder] = await must("GET", `${at}/members`);
      const supers: Person[] = [{ id: founder.id, email: founder.email, headers: ownerPair }];
      for (let made = 0; made < others; made++) {
        const who = await people.person([], at);
        await must("PUT", `${at}/members/${who.id}`, { roles: [{ id: superAdministrator }] });
        supers.push(who);
      }
      const policyOn = (resourceGroup: string, access: "allow" | "deny" = "allow") => ({
        access,
        permission_groups: [{ id: superAdministrator }],
        resource_groups: [{ id: resourceGroup }],
      });
      return { at, whole, supers, policyOn };
    };
    const isKept = (told: Told) => {
      assert.deepEqual([told.status, told.headers.get("x-should-retry")], [409, "false"]);
      assert.match(told.body.errors[0].message, /without a super administrator/);
    };
    /** Who can still do what takes a super administrator: to ask for a member that is accepted at once. */
    const left = async (at: string, supers: readonly Person[]) => {
      const acting: Person[] = [];
      for (const who of supers) {
        const body = { email: people.email(), status: "accepted", policies: [] };
        const told = await people.as(who, "POST", `${at}/members?dry_run=true`, body);
        if (told.status === 200) acting.push(who);
      }
      return acting;
    };

    it("can't be removed, demoted or denied when they are the last", async () => {
      const { at, whole, supers, policyOn } = await accountWith(0);
      const member = `${at}/members/${supers[0]?.id}`;
      isKept(await people.as(owner, "DELETE", member));
      for (const body of [
        { roles: [] },
        { roles: [{ id: administrator }] },
        { policies: [] },
        { policies: [policyOn(whole), policyOn(whole, "deny")] },
      ])
        isKept(await people.as(owner, "PUT", member, body));
      isKept(await people.as(owner, "DELETE", `${member}?dry_run=true`));
      assert.equal((await left(at, supers)).length, 1);
    });

    it("are not the last while there is another who was accepted and has a key", async () => {
      const { at, supers } = await accountWith(0);
      const member = `${at}/members/${supers[0]?.id}`;
      const roles = [superAdministrator];
      const pending = await must("POST", `${at}/members`, { email: people.email(), roles });
      isKept(await people.as(owner, "DELETE", member));
      const email = people.email();
      const keyless = await must("POST", `${at}/members`, { email, roles, status: "accepted" });
      isKept(await people.as(owner, "PUT", member, { roles: [] }));
      const { key } = await must("POST", `${at}/members/${keyless.id}/key`);
      await must("DELETE", member);
      const heir = { headers: { "X-Auth-Email": email, "X-Auth-Key": key } };
      assert.equal((await people.as(owner, "GET", at)).status, 403);
      assert.equal((await people.as(heir, "DELETE", `${at}/members/${pending.id}`)).status, 200);
      isKept(await people.as(heir, "DELETE", `${at}/members/${keyless.id}`));
    });

    it("can't lose it by a user group or a resource group when they are the last", async () => {
      const { at, supers, policyOn } = await accountWith(1);
      const [founder, other] = supers as [Person, Person];
      const key = at.replace("/client/v4/accounts/", "com.cloudflare.api.account.");
      const scope = { key, objects: [{ key: "*" }] };
      const named = (await must("POST", `${at}/iam/resource_groups`, { name: "All", scope })).id;
      const policies = [policyOn(named)];
      const group = `${at}/iam/user_groups/${(await must("POST", `${at}/iam/user_groups`, { name: "Supers", policies })).id}`;
      await must("POST", `${group}/members`, [{ id: founder.id }]);
      await must("PUT", `${at}/members/${other.id}`, { roles: [] });
      await must("PUT", `${at}/members/${founder.id}`, { roles: [] });
      const none = { key, objects: [{ key: "com.cloudflare.api.account.device.*" }] };
      const denying = [{ ...policyOn(named), access: "deny" }];
      const attempts: [method: string, path: string, body?: object][] = [
        ["DELETE", group],
        ["DELETE", `${group}/members/${founder.id}`],
        ["PUT", `${group}/members`, []],
        ["PUT", group, { policies: null }],
        ["PUT", group, { policies: [policyOn(named), ...denying] }],
        ["PUT", `${at}/iam/resource_groups/${named}`, { scope: none }],
        ["PUT", `${at}/members/${founder.id}`, { policies: denying }],
        ["DELETE", `${at}/members/${founder.id}`],
      ];
      for (const [method, path, body] of attempts) isKept(await people.as(owner, method, path, body));
      const deniers = await must("POST", `${at}/iam/user_groups`, { name: "Deniers", policies: denying });
      const joining = `${at}/iam/user_groups/${deniers.id}/members`;
      for (const method of ["POST", "PUT"])
        isKept(await people.as(owner, method, joining, [{ id: founder.id }]));
      await must("PUT", `${group}/members`, [{ id: other.id }]);
      assert.deepEqual(await left(at, supers), [other]);
    });

    it("that are two and remove each other at once leave exactly one", async () => {
      for (let round = 0; round < 6; round++) {
        const { at, supers } = await accountWith(2);
        const [founder, one, two] = supers as [Person, Person, Person];
        await must("DELETE", `${at}/members/${founder.id}`);
        const told = await Promise.all([
          people.as(one, "DELETE", `${at}/members/${two.id}`),
          people.as(two, "DELETE", `${at}/members/${one.id}`),
        ]);
        oneWins(told);
        const winner = told[0]?.status === 200 ? one : two;
        assert.deepEqual(await left(at, [one, two]), [winner]);
      }
    });

    it("that are two and demote each other at once leave exactly one", async () => {
      for (let round = 0; round < 6; round++) {
        const { at, supers } = await accountWith(1);
        const [one, two] = supers as [Person, Person];
        const demote = { roles: [] };
        const told = await Promise.all([
          people.as(one, "PUT", `${at}/members/${two.id}`, demote),
          round % 2 === 0
            ? people.as(two, "PUT", `${at}/members/${one.id}`, demote)
            : people.as(two, "DELETE", `${at}/members/${one.id}`),
        ]);
        oneWins(told);
        const winner = told[0]?.status === 200 ? one : two;
        assert.deepEqual(await left(at, [one, two]), [winner]);
      }
    });

    it("that each demote themselves at once leave exactly one", async () => {
      const { at, supers } = await accountWith(4);
      const told = await Promise.all(
        supers.map((who) => people.as(who, "PUT", `${at}/members/${who.id}`, { roles: [] })),
      );
      assert.equal(told.filter(({ status }) => status === 200).length, supers.length - 1);
      const [kept] = supers.filter((_, index) => told[index]?.status !== 200);
      isKept(told[supers.indexOf(kept as Person)] as Told);
      assert.deepEqual(await left(at, supers), [kept]);
    });

    it("that remove one another in a ring leave as many as were not removed, and at least one", async () => {
      const { at, supers } = await accountWith(4);
      const next = (index: number) => supers[(index + 1) % supers.length] as Person;
      const told = await Promise.all(
        supers.map((who, index) => people.as(who, "DELETE", `${at}/members/${next(index).id}`)),
      );
      const gone = told.flatMap(({ status }, index) => (status === 200 ? [next(index)] : []));
      const still = supers.filter((who) => !gone.includes(who));
      assert.ok(still.length > 0, "nobody is left");
      assert.deepEqual(await left(at, supers), still);
      assert.ok(told.every(({ status }) => [200, 403, 404, 409].includes(status)));
    });
  });

/** One write went through; the other was too late, or came from somebody who could do nothing any more. */
function oneWins(told: readonly Told[]): void {
  const [won, lost] = told.map(({ status }) => status).toSorted();
  assert.equal(won, 200);
  assert.ok(lost === 409 || lost === 403, `${lost}`);
}

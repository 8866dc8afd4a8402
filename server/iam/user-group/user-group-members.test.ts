import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { engines } from "../../../test/engines.ts";
import { account, allow, type People, peopleOf, permissionGroup } from "../../../test/people.ts";
import { first, type Running, startServer } from "../../../test/server.ts";
import { readLinks } from "../../audit/entry/store.ts";

const groups = `${account}/iam/user_groups`;
const none = "0".repeat(32);

type Member = { id: string; email: string };

for (const engine of engines)
  describe(`members of user groups on ${engine.name}`, () => {
    let running: Running;
    let people: People;
    let ask: Running["ask"];
    /** Invited in this order, with addresses that sort otherwise. */
    let [one, two, three, four]: [Member, Member, Member, Member] = [] as never;
    before(async () => {
      running = await startServer(await engine.open());
      people = peopleOf(running);
      ask = running.ask;
      one = await people.invited("delta@one.example");
      two = await people.invited("Alpha@two.example");
      three = await people.invited("charlie_%@three.example");
      four = await people.invited("bravo@four.example");
    });
    after(() => running.stop());

    const group = async (...held: Member[]) => {
      const made = await ask("POST", groups, { body: { name: "A group" } });
      const members = `${groups}/${made.body.result.id}/members`;
      if (held.length > 0) await ask("POST", members, { body: idsOf(held) });
      return members;
    };
    const idsOf = (held: readonly Member[]) => held.map(({ id }) => ({ id }));
    const shown = (held: readonly Member[]) =>
      held.map(({ id, email }) => ({ id, email, status: "pending" }));
    const list = async (members: string, query = "") => (await ask("GET", `${members}${query}`)).body;
    const trail = async () =>
      (await running.store.read((db) => readLinks(db, first.accountId, 0, 10_000))).length;

    it("are answered exactly as they were named when they are added, and not the others", async () => {
      const members = await group(one);
      const added = await ask("POST", members, { body: idsOf([four, two]) });
      assert.deepEqual(added.body.result, shown([four, two]));
      assert.deepEqual((await list(members)).result, shown([one, four, two]));
    });

    it("may be there already: then they stay where they are and nothing is written", async () => {
      const members = await group(one, two);
      const before = await trail();
      const again = await ask("POST", members, { body: idsOf([two, one]) });
      assert.deepEqual([again.status, again.body.result], [200, shown([two, one])]);
      assert.equal(await trail(), before);
      const more = await ask("POST", members, { body: idsOf([three, one]) });
      assert.deepEqual(more.body.result, shown([three, one]));
      assert.deepEqual((await list(members)).result, shown([one, two, three]));
    });

    it("are replaced by exactly the named ones, in their order", async () => {
      const members = await group(one, two);
      const put = await ask("PUT", members, { body: idsOf([three, one, four]) });
      assert.deepEqual(put.body.result, shown([three, one, four]));
      assert.deepEqual((await list(members)).result, shown([three, one, four]));
      await ask("POST", members, { body: idsOf([two]) });
      assert.deepEqual((await list(members)).result, shown([three, one, four, two]));
      const turned = await ask("PUT", members, { body: idsOf([two, four, one, three]) });
      assert.deepEqual((await list(members)).result, turned.body.result);
      const before = await trail();
      assert.deepEqual(
        (await ask("PUT", members, { body: idsOf([two, four, one, three]) })).body,
        turned.body,
      );
      assert.equal(await trail(), before, "the same again leaves no entry");
    });

    it("keep the time at which they came when others are put beside them", async () => {
      const members = await group(one);
      const came = (await list(members, `/${one.id}`)).result;
      assert.match(came.created_at, /^\d{4}-\d\d-\d\dT.*\.\d{6}Z$/);
      assert.deepEqual(came, { ...shown([one])[0], created_at: came.created_at, user: { email: one.email } });
      await ask("PUT", members, { body: idsOf([two, one]) });
      assert.equal((await list(members, `/${one.id}`)).result.created_at, came.created_at);
      const late = (await list(members, `/${two.id}`)).result.created_at;
      assert.ok(late > came.created_at);
    });

    it("are none after an empty list is put, and the group stays", async () => {
      const members = await group(one, two);
      assert.deepEqual((await ask("PUT", members, { body: [] })).body.result, []);
      const listed = await list(members);
      assert.deepEqual([listed.result, listed.result_info.total_count], [[], 0]);
      assert.equal((await ask("GET", members.replace(/\/members$/, ""))).status, 200);
      assert.deepEqual((await ask("POST", members, { body: [] })).body.result, []);
    });

    it("are refused twice in one request, and where there are none, at the place", async () => {
      const members = await group(one);
      const wrong: [body: unknown, pointer: string][] = [
        [idsOf([two, three, two]), "/2/id"],
        [[{ id: two.id }, { id: none }], "/1/id"],
        [[{ id: "" }], "/0/id"],
        [[{}], "/0/id"],
        [[two.id], "/0"],
        [{ id: two.id }, ""],
        [[null], "/0"],
      ];
      for (const method of ["POST", "PUT"])
        for (const [body, pointer] of wrong) {
          const told = await ask(method, members, { body });
          assert.deepEqual([told.status, told.body.errors[0].source?.pointer], [400, pointer], pointer);
        }
      assert.deepEqual((await list(members)).result, shown([one]));
    });

    it("of another account are unknown here", async () => {
      const owner = (await list(`${account}/members`, "?status=accepted")).result[0];
      assert.equal(owner.email, first.email);
      const pair = { "X-Auth-Email": first.email, "X-Auth-Key": first.apiKey };
      const there = await ask("POST", "/client/v4/accounts", {
        token: null,
        headers: pair,
        body: { name: "x" },
      });
      const at = `/client/v4/accounts/${there.body.result.id}`;
      const [foreign] = (await people.as({ headers: pair }, "GET", `${at}/members`)).body.result;
      const told = await ask("POST", await group(), { body: [{ id: foreign.id }] });
      assert.deepEqual([told.status, told.body.errors[0].source.pointer], [400, "/0/id"]);
    });

    it("are taken out one by one, and answered", async () => {
      const members = await group(one, two, three);
      const gone = await ask("DELETE", `${members}/${two.id}`);
      assert.deepEqual(gone.body.result, shown([two])[0]);
      assert.equal((await ask("DELETE", `${members}/${two.id}`)).status, 404);
      assert.equal((await ask("GET", `${members}/${two.id}`)).status, 404);
      assert.equal((await ask("DELETE", `${members}/${none}`)).status, 404);
      assert.deepEqual((await list(members)).result, shown([one, three]));
    });

    it("are listed in the order they came, and by e-mail address where a direction or a part is given", async () => {
      const members = await group(one, two, three, four);
      assert.deepEqual((await list(members)).result, shown([one, two, three, four]));
      assert.deepEqual((await list(members, "?direction=asc")).result, shown([two, four, three, one]));
      assert.deepEqual((await list(members, "?direction=desc")).result, shown([one, three, four, two]));
      const byPart: [query: string, found: Member[]][] = [
        ["fuzzyEmail=EXAMPLE", [two, four, three, one]],
        ["fuzzyEmail=alpha", [two]],
        ["fuzzyEmail=_%25", [three]],
        ["fuzzyEmail=%25", [three]],
        ["fuzzyEmail=%5C", []],
        ["fuzzyEmail=@four&direction=desc", [four]],
        ["fuzzyEmail=wo.&direction=desc", [two]],
        ["fuzzyEmail=nobody", []],
      ];
      for (const [query, found] of byPart) {
        const { result, result_info } = await list(members, `?${query}`);
        assert.deepEqual(result, shown(found), query);
        assert.equal(result_info.total_count, found.length);
      }
    });

    it("come in pages", async () => {
      const members = await group(one, two, three, four);
      const pages = [];
      for (const page of [1, 2, 3]) pages.push(await list(members, `?per_page=3&page=${page}`));
      assert.deepEqual(
        pages.map(({ result }) => result),
        [shown([one, two, three]), shown([four]), []],
      );
      const { count, per_page, page, total_count, total_pages } = pages[1].result_info;
      assert.deepEqual([count, per_page, page, total_count, total_pages], [1, 3, 2, 4, 2]);
      assert.equal((await list(members)).result_info.per_page, 100);
      assert.equal((await list(members, "?per_page=1000")).result_info.per_page, 500);
    });

    it("are members of nothing once the group is deleted", async () => {
      const who = await people.person();
      const devices = "/api/v1/devices?org_id=org_test";
      const policies = [allow(permissionGroup.devicesRead)];
      const made = (await ask("POST", groups, { body: { name: "Short-lived", policies } })).body.result.id;
      await ask("POST", `${groups}/${made}/members`, { body: [{ id: who.id }] });
      assert.equal((await people.as(who, "GET", devices)).status, 200);
      assert.deepEqual((await ask("DELETE", `${groups}/${made}`)).body.result, { id: made });
      assert.equal((await people.as(who, "GET", devices)).status, 403);
      for (const method of ["GET", "POST", "PUT"])
        assert.equal(
          (await ask(method, `${groups}/${made}/members`, method === "GET" ? {} : { body: [] })).status,
          404,
        );
      assert.equal((await ask("DELETE", `${account}/members/${who.id}`)).status, 200);
    });
  });

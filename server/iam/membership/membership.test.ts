/** Many clients at the members of one user group at the same time: the list stays exact, and in one order. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { engines } from "../../../test/engines.ts";
import { account, type People, peopleOf, statuses } from "../../../test/people.ts";
import { type Running, startServer, type Told } from "../../../test/server.ts";

const groups = `${account}/iam/user_groups`;

for (const engine of engines)
  describe(`a race for the members of a user group on ${engine.name}`, () => {
    let running: Running;
    let people: People;
    let ask: Running["ask"];
    let ids: readonly string[];
    before(async () => {
      running = await startServer(await engine.open());
      people = peopleOf(running);
      ask = running.ask;
      const made = [];
      for (let index = 0; index < 30; index++) made.push((await people.invited()).id);
      ids = made;
    });
    after(() => running.stop());

    const group = async () =>
      `${groups}/${(await ask("POST", groups, { body: { name: "Contested" } })).body.result.id}`;
    const named = (those: readonly string[]) => ({ body: those.map((id) => ({ id })) });
    const idsIn = (result: { id: string }[]) => result.map(({ id }) => id);
    /** Who is in a group: the same by one page, by small pages, sorted or not, and nobody twice. */
    const list = async (path: string) => {
      const { result, result_info } = (await ask("GET", `${path}/members`)).body;
      const those = idsIn(result);
      assert.deepEqual([result_info.total_count, new Set(those).size], [those.length, those.length]);
      const paged: string[] = [];
      for (let page = 1; paged.length < those.length; page++)
        paged.push(...idsIn((await ask("GET", `${path}/members?per_page=7&page=${page}`)).body.result));
      assert.deepEqual(paged, those);
      const sorted = idsIn((await ask("GET", `${path}/members?direction=asc`)).body.result);
      assert.deepEqual(sorted.toSorted(), those.toSorted());
      return those;
    };
    /** Sends everything before it waits for anything. */
    const all = (times: number, one: (number: number) => Promise<Told>) =>
      Promise.all(Array.from({ length: times }, (_, number) => one(number)));

    it("to add batches that overlap puts each member in once, and answers each batch as it was named", async () => {
      const path = await group();
      const batch = (number: number) => ids.slice(number, number + 10);
      const told = await all(20, (number) => ask("POST", `${path}/members`, named(batch(number))));
      for (const [number, { status, body }] of told.entries()) {
        assert.equal(status, 200);
        assert.deepEqual(idsIn(body.result), batch(number));
      }
      assert.deepEqual((await list(path)).toSorted(), ids.slice(0, 29).toSorted());
    });

    it("to replace them leaves those of one request, in its order", async () => {
      const path = await group();
      const wanted = (number: number) =>
        [...ids.slice(number), ...ids.slice(0, number)].slice(0, 20 - number);
      const told = await all(15, (number) => ask("PUT", `${path}/members`, named(wanted(number))));
      assert.deepEqual(statuses(told), { 200: 15 });
      const left = await list(path);
      assert.ok(Array.from({ length: 15 }, (_, number) => wanted(number).join()).includes(left.join()));
    });

    it("to take one out has one winner each", async () => {
      const path = await group();
      await ask("POST", `${path}/members`, named(ids));
      const told = await all(40, (number) => ask("DELETE", `${path}/members/${ids[number % 10]}`));
      assert.deepEqual(statuses(told), { 200: 10, 404: 30 });
      assert.deepEqual(await list(path), ids.slice(10));
    });

    it("of adding some and taking out others does all of it", async () => {
      const path = await group();
      await ask("POST", `${path}/members`, named(ids.slice(0, 10)));
      const told = await all(40, (number) => {
        const one = ids[number % 30] as string;
        return number % 30 < 10
          ? ask("DELETE", `${path}/members/${one}`)
          : ask("POST", `${path}/members`, named([one]));
      });
      assert.deepEqual(statuses(told), { 200: 30, 404: 10 });
      assert.deepEqual((await list(path)).toSorted(), ids.slice(10).toSorted());
    });

    it("with the group's end leaves neither group nor members", async () => {
      const path = await group();
      const told = await all(20, (number) =>
        number === 10 ? ask("DELETE", path) : ask("POST", `${path}/members`, named(ids.slice(0, 5))),
      );
      assert.equal(told[10]?.status, 200);
      assert.ok(told.every(({ status }) => [200, 404].includes(status)));
      const rows = await running.store.read((db) =>
        db
          .selectFrom("user_group_member")
          .select("member_id")
          .where("group_id", "=", path.split("/").at(-1) ?? "")
          .execute(),
      );
      assert.deepEqual(rows, []);
    });

    it("with members who leave the account ends without them", async () => {
      const path = await group();
      const leaving: string[] = [];
      for (let index = 0; index < 5; index++) leaving.push((await people.invited()).id);
      const told = await all(30, (number) => {
        const one = leaving[number % 5] as string;
        if (number >= 10 && number < 15) return ask("DELETE", `${account}/members/${one}`);
        return ask(number % 2 ? "POST" : "PUT", `${path}/members`, named([ids[number] as string, one]));
      });
      assert.deepEqual(statuses(told.slice(10, 15)), { 200: 5 });
      assert.ok(told.every(({ status }) => [200, 400].includes(status)));
      const left = await list(path);
      assert.ok(left.every((id) => !leaving.includes(id)));
    });

    it("to invite one e-mail address makes one member", async () => {
      const email = people.email();
      const told = await all(20, () => ask("POST", `${account}/members`, { body: { email, policies: [] } }));
      assert.deepEqual(statuses(told), { 200: 1, 409: 19 });
    });
  });

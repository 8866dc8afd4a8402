import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { engines } from "../../../test/engines.ts";
import {
  account,
  allow,
  deny,
  type People,
  peopleOf,
  permissionGroup,
  scopeOf,
  sentPolicy,
} from "../../../test/people.ts";
import { type Running, startServer } from "../../../test/server.ts";

const groups = `${account}/iam/user_groups`;
const names = ["Ops", "ops 100%", "Östliche", "apple", "Banana", "banana_2", "Ops"];
const sorted = ["apple", "Banana", "banana_2", "Ops", "Ops", "ops 100%", "Östliche"];

for (const engine of engines)
  describe(`lists of user groups on ${engine.name}`, () => {
    let running: Running;
    let people: People;
    let ask: Running["ask"];
    const ids: string[] = [];
    before(async () => {
      running = await startServer(await engine.open());
      people = peopleOf(running);
      ask = running.ask;
      for (const name of names) ids.push((await ask("POST", groups, { body: { name } })).body.result.id);
    });
    after(() => running.stop());

    const list = async (query = "") => (await ask("GET", `${groups}?${query}`)).body;
    const namesOf = async (query: string) => (await list(query)).result.map(({ name }: any) => name);

    it("are sorted by name, whatever case it is in, and may hold one name twice", async () => {
      assert.deepEqual(await namesOf(""), sorted);
      assert.deepEqual(await namesOf("direction=asc"), sorted);
      assert.deepEqual(await namesOf("direction=desc"), sorted.toReversed());
      assert.equal((await ask("GET", `${groups}?direction=up`)).status, 400);
    });

    it("are filtered by id, by the whole name and by a part of it, all together", async () => {
      const [ops = "", percent = ""] = ids;
      const filters: [query: string, found: string[]][] = [
        [`id=${ops}`, ["Ops"]],
        [`id=${ops}&name=Ops`, ["Ops"]],
        [`id=${ops}&name=apple`, []],
        [`id=${percent}&fuzzyName=OPS`, ["ops 100%"]],
        [`id=${"0".repeat(32)}`, []],
        ["name=Ops", ["Ops", "Ops"]],
        ["name=OPS", []],
        ["name=Op", []],
        ["fuzzyName=OPS", ["Ops", "Ops", "ops 100%"]],
        ["fuzzyName=AN", ["Banana", "banana_2"]],
        ["fuzzyName=%C3%B6", ["Östliche"]],
        ["fuzzyName=%25", ["ops 100%"]],
        ["fuzzyName=_", ["banana_2"]],
        ["fuzzyName=%5C", []],
        ["fuzzyName=ops&name=ops+100%25", ["ops 100%"]],
        ["fuzzyName=an&direction=desc", ["banana_2", "Banana"]],
      ];
      for (const [query, found] of filters) {
        assert.deepEqual(await namesOf(query), found, query);
        assert.equal((await list(query)).result_info.total_count, found.length, query);
      }
    });

    it("come in pages that hold each group once", async () => {
      const pages = [];
      for (const page of [1, 2, 3, 4]) pages.push(await list(`per_page=3&page=${page}`));
      assert.deepEqual(
        pages.map(({ result }) => result.length),
        [3, 3, 1, 0],
      );
      const seen = pages.flatMap(({ result }) => result.map(({ id }: any) => id));
      assert.deepEqual(seen.toSorted(), ids.toSorted());
      assert.deepEqual(
        pages.map(({ result_info }) => result_info.total_count),
        [7, 7, 7, 7],
      );
      assert.equal((await list()).result_info.per_page, 100);
      assert.equal((await list("per_page=501")).result_info.per_page, 500);
      for (const wrong of ["page=0", "per_page=0", "page=one"])
        assert.equal((await ask("GET", `${groups}?${wrong}`)).status, 400, wrong);
    });

    it("hold what the caller may see, with totals that agree", async () => {
      const [ops, percent] = ids.map((id) => `com.cloudflare.api.account.user-group.${id}`) as [
        string,
        string,
      ];
      const few = await people.person([
        sentPolicy("allow", [permissionGroup.settingsRead], scopeOf(ops, percent)),
      ]);
      const others = await people.person([
        allow(permissionGroup.settingsRead),
        sentPolicy("deny", [permissionGroup.settingsRead], scopeOf(ops)),
      ]);
      const none = await people.person([allow(permissionGroup.devicesRead)]);
      const seenBy = async (who: { headers: Record<string, string> }) => {
        const { body } = await people.as(who, "GET", groups);
        assert.equal(body.result_info.total_count, body.result.length);
        return body.result.map(({ id }: any) => id);
      };
      assert.deepEqual(await seenBy(few), [ids[0], ids[1]]);
      assert.deepEqual((await seenBy(others)).toSorted(), ids.slice(1).toSorted());
      assert.equal((await people.as(none, "GET", groups)).status, 403);
      assert.equal((await people.as(others, "GET", `${groups}/${ids[0]}`)).status, 404);
      assert.equal((await people.as(few, "GET", `${groups}/${ids[2]}`)).status, 404);
      assert.equal((await people.as(none, "GET", `${groups}/${ids[0]}`)).status, 403);
    });

    it("tell a group without policies from one whose policies were taken away", async () => {
      const group = `${groups}/${ids[0]}`;
      const shown = async (body: object) => (await ask("PUT", group, { body })).body.result.policies;
      assert.equal((await ask("GET", group)).body.result.policies, undefined);
      assert.equal((await shown({ policies: [deny(permissionGroup.zoneRead)] })).length, 1);
      assert.equal((await shown({})).length, 1);
      assert.equal((await shown({ name: "Ops" })).length, 1);
      assert.deepEqual(await shown({ policies: [] }), []);
      assert.equal((await shown({ policies: [deny(permissionGroup.zoneRead)] })).length, 1);
      assert.equal(await shown({ policies: null }), undefined);
    });

    it("keep the ids of policies that say the same, or that name their id", async () => {
      const { devicesRead, devicesWrite, zoneRead } = permissionGroup;
      const group = `${groups}/${ids[1]}`;
      const put = async (...policies: object[]) =>
        (await ask("PUT", group, { body: { policies } })).body.result;
      const one = await put(allow(devicesRead), deny(zoneRead));
      assert.deepEqual(await put(allow(devicesRead), deny(zoneRead)), one, "modified_on stays, too");
      const [read, denied] = one.policies;
      const idsOf = ({ policies }: any) => policies.map(({ id }: any) => id);
      assert.deepEqual(idsOf(await put(deny(zoneRead), allow(devicesRead))), [denied.id, read.id]);
      assert.deepEqual(idsOf(await put({ ...allow(devicesWrite), id: read.id })), [read.id]);
      const anew = idsOf(await put(allow(devicesRead)));
      assert.ok(![read.id, denied.id].includes(anew[0]));
    });
  });

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { engines } from "../../../test/engines.ts";
import { first, type Running, startServer } from "../../../test/server.ts";

const json = (value: unknown) => JSON.parse(JSON.stringify(value));

for (const engine of engines)
  describe(`device groups on ${engine.name}`, () => {
    let running: Running;
    let ask: Running["ask"];
    let number = 0;
    before(async () => {
      running = await startServer(await engine.open());
      ask = running.ask;
    });
    after(() => running.stop());

    const group = async (name = `group ${number++}`, more: object = {}) =>
      (await ask("POST", "/api/v1/device-groups", { body: { org_id: first.orgId, name, ...more } })).body;
    const device = async (identifier = `device ${number++}`) =>
      (await ask("POST", "/api/v1/devices/register", { body: { device_identifier: identifier } })).body;
    const countOf = async (id: string) => (await ask("GET", `/api/v1/device-groups/${id}`)).body.device_count;
    const add = (id: string, device_ids: string[], more = {}) =>
      ask("POST", `/api/v1/device-groups/${id}/devices`, { body: { device_ids, ...more } });

    it("is created with every field and found again as it was", async () => {
      const body = { org_id: first.orgId, name: "  Tills ", description: "a\nb", tags: ["b", "a", "b"] };
      const created = await ask("POST", "/api/v1/device-groups", { body });
      assert.equal(created.status, 201);
      assert.equal(created.headers.get("location"), `/api/v1/device-groups/${created.body.id}`);
      const { id, created_at, updated_at, ...rest } = created.body;
      assert.match(id, /^grp_[0-9a-z]{26}$/);
      assert.match(created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      assert.equal(updated_at, created_at);
      assert.deepEqual(rest, {
        org_id: first.orgId,
        name: "Tills",
        description: "a\nb",
        group_type: "static",
        tags: ["b", "a"],
        device_count: 0,
        is_active: true,
        auto_assignment_rules: null,
        evaluating: false,
        evaluated_at: null,
      });
      assert.deepEqual((await ask("GET", `/api/v1/device-groups/${id}`)).body, created.body);
    });

    it("has a name of its own but for case and spaces, until it is deleted", async () => {
      const { id } = await group("Straße");
      const again = await ask("POST", "/api/v1/device-groups", {
        body: { org_id: first.orgId, name: " STRASSE" },
      });
      assert.equal(again.status, 409);
      assert.equal(again.body.details.pointer, "/name");
      assert.equal((await ask("DELETE", `/api/v1/device-groups/${id}`)).status, 204);
      assert.equal((await ask("DELETE", `/api/v1/device-groups/${id}`)).status, 404);
      assert.match((await group("strasse")).id, /^grp_/);
    });

    it("changes what is sent, clears with null, and nothing when the values are equal", async () => {
      const made = await group("Editable", { description: "d", tags: ["x"] });
      const put = (body: object) => ask("PUT", `/api/v1/device-groups/${made.id}`, { body });
      const changed = await put({ description: null, tags: ["y", "z"], is_active: false });
      assert.deepEqual(
        [changed.body.description, changed.body.tags, changed.body.is_active, changed.body.name],
        [null, ["y", "z"], false, "Editable"],
      );
      const same = await put({ ...changed.body });
      assert.deepEqual(json(same.body), json(changed.body));
      for (const [member, value] of [
        ["id", "grp_x"],
        ["org_id", "org_x"],
        ["group_type", "hybrid"],
      ] as const)
        assert.equal((await put({ name: "Editable", [member]: value })).body.details.pointer, `/${member}`);
      assert.equal((await put({})).status, 400);
      assert.equal((await put({ id: made.id })).status, 400);
      const other = await group("Taken");
      assert.equal((await put({ name: "taken " })).status, 409);
      assert.equal(
        (await ask("PATCH", `/api/v1/device-groups/${other.id}`, { body: { name: "TAKEN" } })).status,
        200,
      );
    });

    it("refuses rules that mean nobody, or that it has no use for, with the place of the fault", async () => {
      const rules = "/auto_assignment_rules";
      const wrong = (rule: object) => ({ group_type: "hybrid", auto_assignment_rules: { rules: [rule] } });
      for (const [more, pointer] of [
        [{ group_type: "dynamic", auto_assignment_rules: { rules: [] } }, rules],
        [{ group_type: "dynamic" }, rules],
        [{ group_type: "dynamic", auto_assignment_rules: { expression: " " } }, rules],
        [{ auto_assignment_rules: { rules: [] } }, rules],
        [wrong({ field: "colour", operator: "eq", value: "a" }), `${rules}/rules/0/field`],
        [wrong({ field: "model", operator: "gt", value: "a" }), `${rules}/rules/0/operator`],
        [wrong({ field: "ram_gb", operator: "gt", value: "much" }), `${rules}/rules/0/value`],
        [
          { group_type: "hybrid", auto_assignment_rules: { expression: 'device.groups == "a"' } },
          `${rules}/expression`,
        ],
        [{ group_type: "other" }, "/group_type"],
      ] as const) {
        const body = { org_id: first.orgId, name: "no", ...more };
        const refused = await ask("POST", "/api/v1/device-groups", { body });
        assert.deepEqual([refused.status, refused.body.details.pointer], [400, pointer]);
      }
    });

    it("adds in request order, says why it skips, and counts at once", async () => {
      const { id } = await group();
      const [member, one, two] = [await device(), await device("alias"), await device()];
      assert.equal((await ask("POST", `/api/v1/device-groups/${id}/devices/${member.id}`)).status, 201);
      const asked = [member.id, one.id, "nobody", "alias", two.id, two.id];
      const added = await add(id, asked, { added_by: "someone" });
      assert.deepEqual(added.body, {
        group_id: id,
        added: [one.id, two.id],
        skipped: [member.id, "nobody", "alias"],
        skipped_details: [
          { device_id: member.id, reason: "already_member" },
          { device_id: "nobody", reason: "not_found" },
          { device_id: "alias", reason: "duplicate" },
        ],
      });
      assert.equal(await countOf(id), 3);
      assert.deepEqual((await add(id, asked)).body.added, []);
      const listed = await ask("GET", `/api/v1/device-groups/${id}/devices`);
      assert.equal(listed.body.group_id, id);
      assert.deepEqual(
        listed.body.devices.map((each: any) => [each.id, each.added_by]),
        [
          [member.id, null],
          [one.id, "someone"],
          [two.id, "someone"],
        ],
      );
    });

    it("adds and removes one device, twice without harm", async () => {
      const { id } = await group();
      const { id: deviceId } = await device("single");
      const path = `/api/v1/device-groups/${id}/devices/single`;
      const added = await ask("POST", path, { body: { added_by: "first" } });
      assert.deepEqual([added.status, added.body.added, added.body.device_id], [201, true, deviceId]);
      const again = await ask("POST", path, { body: { added_by: "second" } });
      assert.deepEqual([again.status, again.body.added, again.body.added_by], [200, false, "first"]);
      assert.equal((await ask("DELETE", path)).status, 204);
      assert.equal((await ask("DELETE", path)).status, 204);
      assert.equal((await ask("DELETE", `${path}x`)).status, 404);
      assert.equal((await ask("POST", `${path}x`)).status, 404);
      assert.equal(await countOf(id), 0);
    });

    it("removes many, by body or by query", async () => {
      const { id } = await group();
      const devices = [await device(), await device(), await device()].map((each) => each.id);
      await add(id, devices);
      const path = `/api/v1/device-groups/${id}/devices`;
      const byBody = await ask("DELETE", path, { body: { device_ids: [devices[0], "nobody"] } });
      assert.deepEqual([byBody.body.removed, byBody.body.skipped], [[devices[0]], ["nobody"]]);
      const byQuery = await ask("DELETE", `${path}?device_ids=${devices[1]},${devices[0]}`);
      assert.deepEqual(
        [byQuery.body.removed, byQuery.body.skipped_details],
        [[devices[1]], [{ device_id: devices[0], reason: "not_member" }]],
      );
      assert.equal(await countOf(id), 1);
      assert.equal((await ask("DELETE", path)).status, 400);
    });

    it("moves devices between two groups at once", async () => {
      const [from, to] = [await group(), await group()];
      const devices = [await device(), await device(), await device()].map((each) => each.id);
      await add(from.id, devices.slice(0, 2));
      await add(to.id, devices.slice(1, 2));
      const move = (body: object) => ask("POST", `/api/v1/device-groups/${to.id}/move`, { body });
      const moved = await move({ from: from.id, device_ids: devices, added_by: "mover" });
      assert.deepEqual(moved.body, {
        from: from.id,
        to: to.id,
        moved: devices.slice(0, 2),
        skipped: devices.slice(2),
        skipped_details: [{ device_id: devices[2], reason: "not_member" }],
      });
      assert.deepEqual([await countOf(from.id), await countOf(to.id)], [0, 2]);
      assert.equal((await move({ from: to.id, device_ids: devices })).status, 400);
      assert.equal((await move({ from: "grp_none", device_ids: devices })).status, 404);
    });

    it("leaves its devices registered when it is deleted", async () => {
      const { id } = await group();
      const { id: deviceId } = await device();
      await add(id, [deviceId]);
      assert.deepEqual(
        (await ask("GET", `/api/v1/devices/${deviceId}/groups`)).body.groups[0].device_count,
        1,
      );
      assert.equal((await ask("DELETE", `/api/v1/device-groups/${id}`)).status, 204);
      const left = await ask("GET", `/api/v1/devices/${deviceId}/groups`);
      assert.deepEqual(
        [left.status, left.body.count, left.body.groups, left.body.memberships],
        [200, 0, [], []],
      );
    });

    it("counts a deleted device out", async () => {
      const { id } = await group();
      const { id: deviceId } = await device();
      await add(id, [deviceId]);
      assert.equal((await ask("DELETE", `/api/v1/devices/${deviceId}`)).status, 204);
      assert.equal(await countOf(id), 0);
      assert.equal((await ask("GET", `/api/v1/devices/${deviceId}`)).status, 404);
    });

    it("takes ten thousand in one call and no more", async () => {
      const { id } = await group();
      const names = Array.from({ length: 10_001 }, (_, index) => `none ${index}`);
      const most = await add(id, names.slice(1));
      assert.deepEqual([most.status, most.body.skipped.length], [200, 10_000]);
      const more = await add(id, names);
      assert.deepEqual([more.status, more.body.details.pointer], [400, "/device_ids"]);
      assert.match(more.body.message, /10000/);
    });

    it("does everything and keeps nothing when it is only tried", async () => {
      const { id, updated_at } = await group();
      const { id: deviceId } = await device();
      const tried = await ask("POST", `/api/v1/device-groups/${id}/devices?dry_run=true`, {
        body: { device_ids: [deviceId] },
      });
      assert.deepEqual([tried.status, tried.body.added], [200, [deviceId]]);
      assert.equal((await ask("DELETE", `/api/v1/device-groups/${id}?dry_run=true`)).status, 200);
      const kept = await ask("GET", `/api/v1/device-groups/${id}`);
      assert.deepEqual([kept.body.device_count, kept.body.updated_at], [0, updated_at]);
      assert.equal((await ask("DELETE", `/api/v1/device-groups/${id}?dry_run=maybe`)).status, 400);
    });

    it("is listed in pages that neither repeat nor leave out while others are made", async () => {
      const tag = "paged";
      for (let index = 0; index < 5; index++) await group(`paged ${index}`, { tags: [tag] });
      const list = (query: string) =>
        ask("GET", `/api/v1/device-groups?org_id=${first.orgId}&tag=${tag}&limit=2&${query}`);
      const seen: string[] = [];
      for (let page = await list(""); ; page = await list(`cursor=${page.body.next_cursor}`)) {
        seen.push(...page.body.groups.map((each: any) => each.name));
        if (seen.length === 2) await group("paged late", { tags: [tag] });
        if (!page.body.has_more) break;
      }
      assert.deepEqual(seen, ["paged 0", "paged 1", "paged 2", "paged 3", "paged 4", "paged late"]);
      const offset = await list("offset=4");
      assert.deepEqual([offset.body.total, offset.body.offset, offset.body.groups.length], [6, 4, 2]);
      assert.deepEqual((await list("offset=99")).body.groups, []);
    });

    it("shows any stretch of its members, from whichever end that is read", async () => {
      const { id } = await group();
      for (let index = 0; index < 3; index++) {
        const some = [await device(), await device(), await device()];
        await add(
          id,
          some.map((each) => each.id),
        );
      }
      const list = async (query: string) =>
        (await ask("GET", `/api/v1/device-groups/${id}/devices?${query}`)).body;
      const idsOf = (page: any) => page.devices.map((each: any) => each.device_id);
      const all = idsOf(await list(""));
      assert.equal(all.length, 9);
      for (const limit of [1, 2, 4, 9, 10])
        for (let offset = 0; offset <= 10; offset++) {
          const page = await list(`limit=${limit}&offset=${offset}`);
          const asked = `${limit} from ${offset}`;
          assert.deepEqual(idsOf(page), all.slice(offset, offset + limit), asked);
          assert.deepEqual([page.total, page.has_more], [9, offset + limit < 9], asked);
          if (!page.has_more) continue;
          const next = await list(`limit=1&cursor=${page.next_cursor}`);
          assert.deepEqual(idsOf(next), [all[offset + limit]], asked);
        }
    });

    it("is found by type, tags and a part of its name", async () => {
      const { id } = await group("Grünstraße 100%_", { tags: ["north", "till"] });
      const found = async (query: string) =>
        (await ask("GET", `/api/v1/device-groups?org_id=${first.orgId}&${query}`)).body.groups.map(
          (each: any) => each.id,
        );
      assert.deepEqual(await found("tag=north&tag=till"), [id]);
      assert.deepEqual(await found("tag=north&tag=south"), []);
      assert.deepEqual(await found(`search=${encodeURIComponent("STRASSE 100%_")}`), [id]);
      assert.deepEqual(await found(`search=${encodeURIComponent("100__")}`), []);
      assert.deepEqual(await found("group_type=dynamic"), []);
    });
  });

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { engines } from "../../../test/engines.ts";
import { first, type Grant, type Running, startServer } from "../../../test/server.ts";

const key = (kind: string, id: string) => `com.cloudflare.api.account.${kind}.${id}`;

for (const engine of engines)
  describe(`rights on device groups on ${engine.name}`, () => {
    let running: Running;
    let ask: Running["ask"];
    let a: any;
    let b: any;
    let c: any;
    let inA: any;
    let inNone: any;
    before(async () => {
      running = await startServer(await engine.open());
      ask = running.ask;
      [a, b, c] = await Promise.all(["A", "B", "C"].map(group));
      [inA, inNone] = [await device("in a"), await device("in none")];
      await ask("POST", `/api/v1/device-groups/${a.id}/devices`, { body: { device_ids: [inA.id] } });
    });
    after(() => running.stop());

    const group = async (name: string) =>
      (await ask("POST", "/api/v1/device-groups", { body: { org_id: first.orgId, name } })).body;
    const device = async (name: string) =>
      (await ask("POST", "/api/v1/devices/register", { body: { device_identifier: name } })).body;
    const listed = async (token: string) => {
      const { status, body } = await ask("GET", `/api/v1/device-groups?org_id=${first.orgId}`, { token });
      return status === 200
        ? { total: body.total, names: body.groups.map((each: any) => each.name) }
        : status;
    };

    it("a reader of one group lists exactly that, reads it, and changes nothing", async () => {
      const token = await running.tokenWith({
        groups: ["Device Groups Read"],
        on: [key("device-group", a.id)],
      });
      assert.deepEqual(await listed(token), { total: 1, names: ["A"] });
      assert.equal((await ask("GET", `/api/v1/device-groups/${a.id}`, { token })).status, 200);
      assert.equal((await ask("GET", `/api/v1/device-groups/${b.id}`, { token })).status, 404);
      assert.equal((await ask("GET", "/api/v1/device-groups/grp_none", { token })).status, 404);
      for (const [method, path, body] of [
        ["PUT", a.id, { name: "x" }],
        ["DELETE", a.id, undefined],
        ["POST", `${a.id}/devices`, { device_ids: [inNone.id] }],
        ["DELETE", `${a.id}/devices`, { device_ids: [inA.id] }],
        ["POST", `${a.id}/devices/${inNone.id}`, undefined],
        ["POST", `${a.id}/move`, { from: b.id, device_ids: [inA.id] }],
      ] as const)
        assert.equal((await ask(method, `/api/v1/device-groups/${path}`, { token, body })).status, 403, path);
      const made = await ask("POST", "/api/v1/device-groups", {
        token,
        body: { org_id: first.orgId, name: "x" },
      });
      assert.equal(made.status, 403);
      assert.equal(made.body.details.permission, "device-group.write");
      assert.equal(made.body.details.decided_by, "no-allow");
      assert.equal(made.headers.get("x-accepted-permissions")?.split(", ")[0], "Device Groups Write");
    });

    it("a deny takes even that away, in whatever order the policies stand", async () => {
      const allow: Grant = { groups: ["Device Groups Read"], on: [key("device-group", a.id)] };
      const deny: Grant = { ...allow, effect: "deny" };
      for (const policies of [
        [allow, deny],
        [deny, allow],
      ]) {
        const token = await running.tokenWith(...policies);
        assert.equal(await listed(token), 403);
        assert.equal((await ask("GET", `/api/v1/device-groups/${a.id}`, { token })).status, 403);
        assert.equal((await ask("GET", "/api/v1/device-groups/grp_none", { token })).status, 403);
      }
    });

    it("a mover of two groups moves devices between them and nothing else", async () => {
      const on = [key("device-group", a.id), key("device-group", b.id)];
      const token = await running.tokenWith({ groups: ["Device Group Membership Write"], on });
      const move = (to: any, from: any, ids: string[]) =>
        ask("POST", `/api/v1/device-groups/${to.id}/move`, {
          token,
          body: { from: from.id, device_ids: ids },
        });
      assert.deepEqual((await move(b, a, [inA.id])).body.moved, [inA.id]);
      assert.deepEqual((await move(a, b, [inA.id])).body.moved, [inA.id]);
      assert.equal((await move(c, a, [inA.id])).status, 403);
      assert.equal((await move(a, c, [inA.id])).status, 403);
      const added = await ask("POST", `/api/v1/device-groups/${a.id}/devices`, {
        token,
        body: { device_ids: [inNone.id] },
      });
      assert.deepEqual(added.body.skipped_details, [{ device_id: inNone.id, reason: "not_found" }]);
      for (const [method, path] of [
        ["GET", `/api/v1/device-groups/${a.id}`],
        ["PUT", `/api/v1/device-groups/${a.id}`],
        ["DELETE", `/api/v1/device-groups/${a.id}`],
        ["GET", `/api/v1/devices?org_id=${first.orgId}`],
        ["GET", `/api/v1/devices/${inA.id}`],
        ["DELETE", `/api/v1/devices/${inA.id}`],
      ] as const)
        assert.equal((await ask(method, path, { token })).status, 403, path);
      assert.equal(await listed(token), 403);
    });

    it("a device is read through its groups, and a deny on any of them hides it", async () => {
      await ask("POST", `/api/v1/device-groups/${c.id}/devices`, { body: { device_ids: [inA.id] } });
      const through: Grant = {
        groups: ["Devices Read", "Device Groups Read"],
        on: [key("device-group", a.id)],
      };
      const token = await running.tokenWith(through);
      const devices = async (as: string) => {
        const { body } = await ask("GET", `/api/v1/devices?org_id=${first.orgId}`, { token: as });
        return [body.total, ...body.devices.map((each: any) => each.id)];
      };
      assert.deepEqual(await devices(token), [1, inA.id]);
      assert.equal((await ask("GET", `/api/v1/devices/${inA.id}`, { token })).status, 200);
      assert.equal((await ask("GET", `/api/v1/devices/${inNone.id}`, { token })).status, 404);
      const ofDevice = await ask("GET", `/api/v1/devices/${inA.id}/groups`, { token });
      assert.deepEqual(
        ofDevice.body.groups.map((each: any) => each.name),
        ["A"],
      );
      const cut = await running.tokenWith(through, {
        effect: "deny",
        groups: ["Devices Read"],
        on: [key("device-group", c.id)],
      });
      assert.deepEqual(await devices(cut), [0]);
      assert.equal((await ask("GET", `/api/v1/devices/${inA.id}`, { token: cut })).status, 404);
      const members = await ask("GET", `/api/v1/device-groups/${a.id}/devices`, { token: cut });
      assert.deepEqual([members.body.total, members.body.devices], [0, []]);
      assert.equal((await ask("GET", `/api/v1/device-groups/${a.id}/devices`, { token })).body.total, 1);
      for (const unseen of [c.id, "grp_none"]) {
        const path = `/api/v1/devices?org_id=${first.orgId}&group_id=${unseen}`;
        const filtered = await ask("GET", path, { token });
        assert.deepEqual([filtered.status, filtered.body.total], [200, 0]);
      }
    });

    it("the right to fill a group is no right to see what it is filled with", async () => {
      const readB = await running.tokenWith(
        { groups: ["Device Group Membership Write"] },
        { groups: ["Devices Read"], on: [key("device-group", b.id)] },
      );
      const path = `/api/v1/device-groups/${b.id}/devices/${inNone.id}`;
      assert.equal((await ask("POST", path, { token: readB })).status, 404);
      assert.equal((await ask("GET", `/api/v1/devices/${inNone.id}`, { token: readB })).status, 404);
      const intoA = await ask("POST", `/api/v1/device-groups/${a.id}/devices/${inNone.id}`, { token: readB });
      assert.equal(intoA.status, 201);
      await ask("DELETE", `/api/v1/device-groups/${a.id}/devices/${inNone.id}`);
    });

    it("the objects of a second account stay invisible", async () => {
      const pair = { "x-auth-email": first.email, "x-auth-key": first.apiKey };
      const other = await ask("POST", "/client/v4/accounts", {
        token: null,
        headers: pair,
        body: { name: "Other" },
      });
      assert.equal(other.status, 200);
      const { id: accountId, org_id } = other.body.result;
      const made = await ask("POST", "/api/v1/device-groups", {
        token: null,
        headers: pair,
        body: { org_id, name: "A" },
      });
      assert.equal(made.status, 201);
      assert.equal((await ask("GET", `/api/v1/device-groups/${made.body.id}`)).status, 404);
      assert.equal((await ask("GET", `/api/v1/device-groups?org_id=${org_id}`)).status, 403);
      assert.equal((await ask("GET", "/api/v1/device-groups?org_id=org_none")).status, 403);
      assert.equal((await ask("GET", `/client/v4/accounts/${accountId}`)).status, 403);
      const both = await ask("GET", `/api/v1/device-groups/${made.body.id}`, { token: null, headers: pair });
      assert.equal(both.status, 200);
    });
  });

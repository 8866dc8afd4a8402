/** Questions about whole kinds and about what lies in groups, where an answer could easily say what no request does. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { engines } from "../../../test/engines.ts";
import {
  account,
  type People,
  type Person,
  peopleOf,
  permissionGroup,
  scopeOf,
  sentPolicy,
  wholeAccount,
} from "../../../test/people.ts";
import { first, type Running, startServer } from "../../../test/server.ts";

const deviceGroupsWrite = "f02be391651970f1c015909b62f85e54";
const key = (kind: string, id: string) => `com.cloudflare.api.account.${kind}.${id}`;

for (const engine of engines)
  describe(`answers about access on ${engine.name}`, () => {
    let running: Running;
    let people: People;
    let made = 0;
    before(async () => {
      running = await startServer(await engine.open());
      people = peopleOf(running);
    });
    after(() => running.stop());

    const decision = async (who: Person, permission: string, resource: string) => {
      const body = { caller: { member_id: who.id }, permission, resource };
      return (await running.ask("POST", "/api/v1/access/explain", { body })).body.decision;
    };
    const linesOf = async (who: Person): Promise<any[]> =>
      (await running.ask("GET", `/api/v1/members/${who.id}/effective-permissions?limit=1000`)).body.items;
    const deviceInGroup = async () => {
      const sent = { device_identifier: `device-${made++}`, org_id: first.orgId };
      const device = (await running.ask("POST", "/api/v1/devices/register", { body: sent })).body
        .id as string;
      const body = { org_id: first.orgId, name: `Group ${made++}` };
      const group = (await running.ask("POST", "/api/v1/device-groups", { body })).body.id as string;
      await running.ask("POST", `/api/v1/device-groups/${group}/devices/${device}`, { body: {} });
      return { device, group };
    };

    it("to make a new one takes no right to see what there is", async () => {
      const who = await people.person([
        sentPolicy("allow", [deviceGroupsWrite]),
        sentPolicy("deny", [permissionGroup.deviceGroupsRead]),
      ]);
      const body = { org_id: first.orgId, name: "Unseen" };
      const { status } = await people.as(who, "POST", "/api/v1/device-groups", body);
      const told = await decision(who, "device-group.write", key("device-group", "*"));
      assert.equal(told, status < 300 ? "allowed" : "denied", `the request was answered ${status}`);
    });

    it("a device is changed by no right on its groups, and no line says so", async () => {
      const { device, group } = await deviceInGroup();
      const on = scopeOf(key("device-group", group));
      const who = await people.person([sentPolicy("allow", [permissionGroup.devicesWrite], on)]);
      assert.equal((await people.as(who, "GET", `/api/v1/devices/${device}`)).status, 200);
      assert.equal((await people.as(who, "DELETE", `/api/v1/devices/${device}`)).status, 403);
      const said = (await linesOf(who)).filter(({ permission }) => permission === "device.write");
      assert.deepEqual(said, []);
    });

    it("a deny of all devices is one in every group, whoever answers", async () => {
      const { device, group } = await deviceInGroup();
      const who = await people.person([
        sentPolicy("allow", [permissionGroup.devicesRead], scopeOf(key("device-group", group))),
        sentPolicy("deny", [permissionGroup.devicesRead], scopeOf(key("device", "*"))),
      ]);
      assert.equal((await people.as(who, "GET", `/api/v1/devices/${device}`)).status, 403);
      const line = (await linesOf(who)).find(({ resource }) => resource === key("device-group", group));
      assert.equal(line.access, "deny");
      assert.equal(await decision(who, "device.read", key("device-group", group)), "denied");
    });

    it("an account is seen by a right on its kind, too", async () => {
      const who = await people.person([
        sentPolicy("allow", [permissionGroup.settingsRead], scopeOf(key("account", "*"))),
      ]);
      const { status } = await people.as(who, "GET", account);
      assert.equal(await decision(who, "account.read", wholeAccount), status === 200 ? "allowed" : "denied");
    });

    it("who sees a member but no user group learns nothing of its groups", async () => {
      const who = await people.person();
      const body = { name: "Secret", policies: [sentPolicy("allow", [permissionGroup.devicesRead])] };
      const group = (await running.ask("POST", `${account}/iam/user_groups`, { body })).body.result;
      await running.ask("POST", `${account}/iam/user_groups/${group.id}/members`, { body: [{ id: who.id }] });
      const other = await people.person([
        sentPolicy("allow", [permissionGroup.settingsRead], scopeOf(key("member", who.id))),
      ]);
      const asked = await people.as(other, "GET", `${account}/iam/user_groups/${group.id}`);
      assert.equal(asked.status, 403);
      const told = await people.as(other, "GET", `/api/v1/members/${who.id}/effective-permissions`);
      assert.ok(!JSON.stringify(told.body).includes("Secret"), JSON.stringify(told.body));
    });
  });

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { engines } from "../../../test/engines.ts";
import { first, type Running, startServer, steppingClock } from "../../../test/server.ts";

const account = `/client/v4/accounts/${first.accountId}`;
const key = (kind: string, id: string) => `com.cloudflare.api.account.${kind}.${id}`;
const whole = `com.cloudflare.api.account.${first.accountId}`;

for (const engine of engines)
  describe(`rights to import and export on ${engine.name}`, () => {
    let running: Running;
    let permissionGroups: { id: string; name: string }[];
    before(async () => {
      running = await startServer(await engine.open(), { clock: steppingClock() });
      const pair = { "x-auth-email": first.email, "x-auth-key": first.apiKey };
      const body = { email: "ann@example.com", status: "accepted", policies: [] };
      await running.ask("POST", `${account}/members`, { token: null, headers: pair, body });
      const listed = await running.ask("GET", `${account}/iam/permission_groups?per_page=50`, {
        token: null,
        headers: pair,
      });
      permissionGroups = listed.body.result;
    });
    after(() => running.stop());

    const bring = async (lines: readonly object[], token?: string, query = "") =>
      running.ask("POST", `/api/v1/import?org_id=${first.orgId}${query}`, {
        ...(token && { token }),
        text: lines.map((line) => JSON.stringify(line)).join("\n"),
      });
    const exported = async (token: string) => {
      const answer = await fetch(`${running.url}/api/v1/export?org_id=${first.orgId}`, {
        headers: { authorization: `Bearer ${token}` },
      });
      const lines = (await answer.text()).trimEnd().split("\n");
      return { status: answer.status, lines: lines.map((line) => JSON.parse(line)) };
    };
    const fields = (body: any) => body.errors.map(({ line, message }: any) => `${line}: ${message}`);

    it("are none for whoever may bring or see nothing", async () => {
      const token = await running.tokenWith({ groups: ["Audit Logs Read"] });
      assert.equal((await bring([], token)).status, 403);
      assert.equal((await exported(token)).status, 403);
      const path = `/api/v1/import?org_id=${first.orgId}`;
      assert.equal((await running.ask("GET", path, { token })).status, 403);
      assert.equal((await running.ask("POST", path, { token: null })).status, 401);
    });

    it("are those of each line's kind", async () => {
      const token = await running.tokenWith({ groups: ["Devices Write"] });
      const told = await bring(
        [
          { type: "device", device_identifier: "mine" },
          { type: "device_group", name: "Not mine" },
          { type: "device_policy", name: "P", match: 'os.name == "x"', precedence: 1 },
          { type: "user_group", name: "U" },
        ],
        token,
      );
      assert.deepEqual([told.status, told.body.counts.total.new, told.body.errors_total], [200, 1, 3]);
      for (const [index, permission] of ["device-group", "device-policy", "user-group"].entries())
        assert.match(fields(told.body)[index], new RegExp(`${index + 2}: ${permission}.write is needed`));
      const { lines } = await exported(token);
      assert.deepEqual(new Set(lines.map(({ type }) => type)), new Set(["export", "device"]));
    });

    it("hide what a deny hides, and keep the members of one group to whoever may change them", async () => {
      await bring([
        { type: "device_group", name: "Open" },
        { type: "device_group", name: "Closed" },
        { type: "device", device_identifier: "seen" },
        { type: "device", device_identifier: "hidden" },
        { type: "membership", group: "Closed", device_identifier: "hidden" },
      ]);
      const listed = await running.ask("GET", `/api/v1/device-groups?org_id=${first.orgId}`);
      const idOf = (name: string) => listed.body.groups.find((group: any) => group.name === name).id;
      const token = await running.tokenWith(
        { groups: ["Devices Write"] },
        { groups: ["Device Groups Write"], on: [key("device-group", idOf("Open"))] },
        { effect: "deny", groups: ["Devices Read"], on: [key("device-group", idOf("Closed"))] },
      );
      const told = await bring(
        [
          { type: "membership", group: "Open", device_identifier: "seen" },
          { type: "membership", group: "Closed", device_identifier: "seen" },
          { type: "membership", group: "Open", device_identifier: "hidden" },
          { type: "device", device_identifier: "hidden", platform: "linux" },
        ],
        token,
      );
      assert.deepEqual(fields(told.body), [
        "2: device group not found",
        "3: device not found",
        "4: device not found",
      ]);
      const { lines } = await exported(token);
      assert.deepEqual(
        lines.filter(({ type }) => type === "device_group").map(({ name }) => name),
        ["Open"],
      );
      assert.ok(!lines.some((line) => line.device_identifier === "hidden"));
      assert.equal(lines.filter(({ type }) => type === "membership").length, 1);
    });

    it("keep the grant rule: nobody brings a user group with more than it holds itself", async () => {
      const idOf = (name: string) => permissionGroups.find((group) => group.name === name)?.id;
      const policies = (name: string) => [
        {
          access: "allow",
          permission_groups: [{ id: idOf(name) }],
          resource_groups: [{ scope: { key: whole, objects: [{ key: "*" }] } }],
        },
      ];
      const token = await running.tokenWith({ groups: ["SCIM Provisioning", "Devices Read"] });
      const lines = [
        {
          type: "user_group",
          name: "Within",
          policies: policies("Devices Read"),
          members: ["ann@example.com"],
        },
        { type: "user_group", name: "Beyond", policies: policies("Devices Write"), members: [] },
        { type: "user_group", name: "Within", members: [] },
      ];
      const dry = await bring(lines, token, "&dry_run=true");
      const told = await bring(lines, token);
      for (const { body } of [dry, told]) {
        assert.deepEqual([body.counts.total.new, body.counts.total.duplicate, body.errors_total], [1, 1, 1]);
        assert.match(fields(body)[0], /^2: the grant rule: .*device\.write/);
      }
      const { lines: given } = await exported(token);
      const [group] = given.filter(({ type }) => type === "user_group");
      assert.deepEqual([group.name, group.members], ["Within", ["ann@example.com"]]);
      const again = await bring([group], token);
      assert.deepEqual([again.body.counts.user_group.unchanged, again.body.errors_total], [1, 0]);
    });
  });

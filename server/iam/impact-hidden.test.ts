/** What a caller may not see is not told to it by what a change would do, or by a refusal. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { engines } from "../../test/engines.ts";
import {
  account,
  allow,
  type People,
  peopleOf,
  permissionGroup,
  scopeOf,
  sentPolicy,
} from "../../test/people.ts";
import { type Running, startServer } from "../../test/server.ts";

const key = (tail: string) => `com.cloudflare.api.account.${tail}`;

for (const engine of engines)
  describe(`what a change tells of others on ${engine.name}`, () => {
    let running: Running;
    let people: People;
    before(async () => {
      running = await startServer(await engine.open());
      people = peopleOf(running);
    });
    after(() => running.stop());

    const made = async (path: string, body: object) =>
      (await running.ask("POST", `${account}/iam/${path}`, { body })).body.result.id as string;
    /** A member who holds devices through a user group and a named resource group. */
    const holder = async () => {
      const resources = await made("resource_groups", { name: "Some", ...scopeOf(key("device.d1")) });
      const policies = [sentPolicy("allow", [permissionGroup.devicesRead], { id: resources })];
      const group = await made("user_groups", { name: "Secret", policies });
      const who = await people.person();
      await made(`user_groups/${group}/members`, [{ id: who.id }]);
      return { resources, group, who };
    };

    it("names nobody to whoever may see only resource groups", async () => {
      const { resources, group, who } = await holder();
      const on = scopeOf(key("resource-group.*"));
      const narrow = await people.person([sentPolicy("allow", [permissionGroup.provisioning], on)]);
      const path = `${account}/iam/resource_groups/${resources}`;
      const dry = await people.as(narrow, "PUT", `${path}?dry_run=true`, scopeOf(key("f".repeat(32))));
      const refused = await people.as(narrow, "PUT", path, scopeOf(key("device.*")));
      assert.deepEqual([dry.status, refused.status], [200, 403]);
      assert.ok(dry.body.impact.rights.lost > 0);
      assert.deepEqual(dry.body.impact.rights.sample, []);
      for (const told of [dry, refused])
        for (const secret of [who.id, who.email, group, "Secret"])
          assert.ok(!JSON.stringify(told.body).includes(secret), JSON.stringify(told.body));
    });

    it("names no user group to whom a deny hides it", async () => {
      const { group, who } = await holder();
      const hiding = sentPolicy("deny", [permissionGroup.settingsRead], scopeOf(key(`user-group.${group}`)));
      const blind = await people.person([allow(permissionGroup.settingsWrite), hiding]);
      const told = await people.as(blind, "DELETE", `${account}/members/${who.id}?dry_run=true`);
      assert.equal(told.status, 200);
      const [lost] = told.body.impact.rights.sample;
      assert.deepEqual([lost.member.id, lost.through.from], [who.id, { type: "user_group" }]);
    });
  });

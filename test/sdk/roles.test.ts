import assert from "node:assert/strict";
import { it } from "node:test";
import { NotFoundError, PermissionDeniedError } from "cloudflare";
import { first } from "../server.ts";
import { group } from "./grants.ts";
import { fails, last, raw, type Setting, withClient } from "./recorded.ts";

const account_id = first.accountId;
const rolesOf = (at: Setting) => at.client.accounts.roles;

withClient("roles through the official client", (at) => {
  it("are paged through to the end, and got with the bytes they are listed with", async () => {
    const listed: { id: string; name: string }[] = [];
    for await (const role of rolesOf(at).list({ account_id })) listed.push(role);
    assert.deepEqual(JSON.parse(last(at.wire).text).result_info.count, 0);
    const known = new Map(listed.map(({ id, name }) => [id, name]));
    assert.equal(known.get(group.administrator), "Administrator");
    assert.equal(known.get(group.administratorReadOnly), "Administrator Read Only");
    assert.equal(known.get(group.superAdministrator), "Super Administrator - All Privileges");
    for (const role of listed) {
      await rolesOf(at).get(role.id, { account_id });
      assert.equal(JSON.stringify(raw(at.wire)), JSON.stringify(role));
    }
    assert.deepEqual((await rolesOf(at).list({ account_id, page: 2, per_page: 100 })).result, []);
    assert.equal(JSON.parse(last(at.wire).text).result_info.per_page, 50);
  });

  it("are those that members have", async () => {
    const roles = [group.administrator];
    const member = await at.client.accounts.members.create({ account_id, email: "role@x.test", roles });
    assert.deepEqual(member.roles, [await rolesOf(at).get(group.administrator, { account_id })]);
  });

  it("are not found by an id that none has, and read only with Account Settings Read", async () => {
    await fails(rolesOf(at).get("0".repeat(32), { account_id }), {
      ...{ is: NotFoundError, status: 404, code: 1404 },
    });
    const { client } = at.with({ apiToken: await at.running.tokenWith({ groups: ["Zero Trust Write"] }) });
    const refused = { is: PermissionDeniedError, status: 403, code: 9109 };
    await fails(client.accounts.roles.list({ account_id }), refused);
    await fails(client.accounts.roles.get(group.administrator, { account_id }), refused);
    const reader = at.with({ apiToken: await at.running.tokenWith({ groups: ["Account Settings Read"] }) });
    assert.ok((await reader.client.accounts.roles.list({ account_id })).result.length > 0);
  });
});

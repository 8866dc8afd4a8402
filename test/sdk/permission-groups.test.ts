import assert from "node:assert/strict";
import { it } from "node:test";
import { APIError, BadRequestError, NotFoundError, PermissionDeniedError } from "cloudflare";
import { first } from "../server.ts";
import { group } from "./grants.ts";
import { person } from "./people.ts";
import { fails, last, raw, type Setting, withClient } from "./recorded.ts";

const account_id = first.accountId;
const groupsOf = (at: Setting) => at.client.iam.permissionGroups;

withClient("permission groups through the official client", (at) => {
  reading(at);
  finding(at);
  refusing(at);
});

function reading(at: Setting): void {
  it("are paged through to the end, 20 on a page and 50 at most", async () => {
    const listed: unknown[] = [];
    for await (const { id } of groupsOf(at).list({ account_id, per_page: 5 })) listed.push(id);
    assert.deepEqual(JSON.parse(last(at.wire).text).result_info.count, 0);
    assert.equal(new Set(listed).size, listed.length);
    const { result } = await groupsOf(at).list({ account_id, per_page: 100 });
    const { per_page, total_count } = JSON.parse(last(at.wire).text).result_info;
    assert.deepEqual([per_page, total_count], [50, listed.length]);
    assert.deepEqual(
      result.map(({ id }) => id),
      listed.slice(0, 50),
    );
    await groupsOf(at).list({ account_id });
    assert.equal(JSON.parse(last(at.wire).text).result_info.per_page, 20);
    assert.deepEqual((await groupsOf(at).list({ account_id, page: 99 })).result, []);
  });

  it("are got with the bytes they are listed with, each of them", async () => {
    const listed: { id: string }[] = [];
    for await (const each of groupsOf(at).list({ account_id })) listed.push(each);
    for (const each of listed) {
      await groupsOf(at).get(each.id, { account_id });
      assert.equal(JSON.stringify(raw(at.wire)), JSON.stringify(each));
    }
  });

  it("have the meta of the reference, and that of newer clients", async () => {
    const { id, name, meta } = (await groupsOf(at).get(group.devicesRead, { account_id })) as any;
    assert.deepEqual([id, name], [group.devicesRead, "Devices Read"]);
    assert.deepEqual([meta.key, meta.value, meta.label], ["label", "devices_read", "devices_read"]);
    assert.equal(meta.scopes, "com.cloudflare.api.account");
    for (const value of Object.values(meta)) assert.equal(typeof value, "string");
  });

  it("are the same catalogue that tokens can name", async () => {
    const listed = await groupsOf(at).list({ account_id, per_page: 50 });
    const forTokens = await at.client.accounts.tokens.permissionGroups.get({ account_id });
    assert.deepEqual(
      forTokens.map(({ id, name }) => [id, name]),
      listed.result.map(({ id, name }) => [id, name]),
    );
  });
}

function finding(at: Setting): void {
  it("are found by id, name and label, and by all of these together", async () => {
    const ids = async (query: object) =>
      (await groupsOf(at).list({ account_id, ...query })).result.map(({ id }) => id);
    for (const [label, id] of [
      ["admin", group.administrator],
      ["admin_readonly", group.administratorReadOnly],
      ["all_privileges", group.superAdministrator],
    ])
      assert.deepEqual(await ids({ label }), [id]);
    assert.deepEqual(await ids({ name: "Administrator" }), [group.administrator]);
    assert.deepEqual(await ids({ id: group.zoneRead }), [group.zoneRead]);
    assert.deepEqual(await ids({ id: group.zoneRead, name: "Zone Read", label: "zone_read" }), [
      group.zoneRead,
    ]);
    assert.deepEqual(await ids({ id: group.zoneRead, name: "Administrator" }), []);
    for (const query of [{ name: "administrator" }, { label: "" }, { id: "0".repeat(32) }])
      assert.deepEqual(await ids(query), []);
  });
}

function refusing(at: Setting): void {
  it("are not found by an id that none has", async () => {
    for (const id of ["0".repeat(32), "permission_group_id"])
      await fails(groupsOf(at).get(id, { account_id }), { is: NotFoundError, status: 404, code: 1404 });
  });

  it("want pages that there are", async () => {
    for (const [query, pointer] of [
      [{ page: 0 }, "/page"],
      [{ per_page: 0 }, "/per_page"],
    ] as const)
      await fails(groupsOf(at).list({ account_id, ...query }), {
        ...{ is: BadRequestError, status: 400, code: 1001 },
        pointer,
      });
  });

  it("are read by whoever has any right, and by nobody else", async () => {
    const { client } = at.with({ apiToken: await at.running.tokenWith({ groups: ["Devices Read"] }) });
    assert.ok((await client.iam.permissionGroups.list({ account_id })).result.length > 0);
    const who = await person(at.running, "nothing@x.test");
    const nothing = at.with({ apiEmail: who.apiEmail, apiKey: who.apiKey }).client.iam.permissionGroups;
    const refused = { is: PermissionDeniedError, status: 403, code: 9109 };
    await fails(nothing.list({ account_id }), refused);
    await fails(nothing.get(group.zoneRead, { account_id }), refused);
    await fails(groupsOf(at).list({ account_id: "0".repeat(32) }), refused);
  });

  it("are built in: nobody makes, changes or deletes one", async () => {
    const path = `/accounts/${account_id}/iam/permission_groups`;
    const refused = { is: APIError, status: 405, code: 1405 };
    await fails(at.client.post(path, { body: { name: "mine" } }), refused);
    await fails(at.client.put(`${path}/${group.zoneRead}`, { body: { name: "mine" } }), refused);
    await fails(at.client.delete(`${path}/${group.zoneRead}`), refused);
  });
}

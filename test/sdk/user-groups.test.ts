import assert from "node:assert/strict";
import { it } from "node:test";
import type { UserGroupCreateParams, UserGroupUpdateParams } from "cloudflare/resources/iam/user-groups";
import { first } from "../server.ts";
import { allowPeople, group, wholeAccount } from "./grants.ts";
import { last, raw, type Setting, withClient } from "./recorded.ts";

const account_id = first.accountId;
const groupsOf = (at: Setting) => at.client.iam.userGroups;
/** The policy that the reference creates a user group with. */
const policy = allowPeople(group.zoneRead, group.magicNetworkMonitoring);

/** Changes a group, also by what the client's types don't know: null, and policies without an id. */
const update = async (at: Setting, id: string, body: object) => {
  await groupsOf(at).update(id, { account_id, ...body } as UserGroupUpdateParams);
  return raw(at.wire);
};

withClient("user groups through the official client", (at) => {
  making(at);
  policiesOf(at);
  ordering(at);
  updating(at);
  listing(at);
  paging(at);
});

function making(at: Setting): void {
  it("are created as the reference prints it, and got and listed with the same bytes", async () => {
    const made = await groupsOf(at).create({ account_id, name: "My New User Group", policies: [policy] });
    assert.match(made.id, /^[0-9a-f]{32}$/);
    assert.match(made.created_on, /^2026-11-21T09:\d\d:\d\d\.\d{6}Z$/);
    assert.deepEqual([made.name, made.modified_on], ["My New User Group", made.created_on]);
    const created = JSON.stringify(raw(at.wire));
    await groupsOf(at).get(made.id, { account_id });
    assert.equal(JSON.stringify(raw(at.wire)), created);
    await groupsOf(at).list({ account_id });
    assert.ok(last(at.wire).text.includes(created));
  });

  it("write out what their policies name, as the reference shows it", async () => {
    const { policies } = await groupsOf(at).create({ account_id, name: "Written out", policies: [policy] });
    const [shown] = policies as any[];
    assert.match(shown.id, /^[0-9a-f]{32}$/);
    assert.equal(shown.access, "allow");
    assert.deepEqual(
      shown.permission_groups.map(({ id, name, meta }: any) => [id, name, meta.key, meta.value, meta.label]),
      [
        [group.zoneRead, "Zone Read", "label", "zone_read", "zone_read"],
        [
          group.magicNetworkMonitoring,
          "Magic Network Monitoring",
          "label",
          "magic_network_monitoring",
          "magic_network_monitoring",
        ],
      ],
    );
    const [{ id, name, scope }] = shown.resource_groups;
    assert.deepEqual([id, name], [first.resourceGroupId, wholeAccount]);
    assert.deepEqual(scope, [{ key: wholeAccount, objects: [{ key: "*" }] }]);
  });

  it("may have the name of another", async () => {
    const [one, other] = [await named(at, "Twin"), await named(at, "Twin")];
    assert.notEqual(one, other);
  });

  it("are deleted once, without a body, and answered with the id", async () => {
    const id = await named(at, "Short-lived");
    assert.deepEqual({ ...(await groupsOf(at).delete(id, { account_id })) }, { id });
    assert.equal(last(at.wire).body, undefined);
    assert.equal(last(at.wire).sent.has("content-type"), false);
  });
}

async function named(at: Setting, name: string): Promise<string> {
  return (await groupsOf(at).create({ account_id, name })).id;
}

function policiesOf(at: Setting): void {
  it("tell no policies from an empty list of them", async () => {
    for (const [more, expected] of [
      [{}, undefined],
      [{ policies: null }, undefined],
      [{ policies: [] }, []],
    ] as [object, [] | undefined][]) {
      const sent = { account_id, name: "None", ...more } as UserGroupCreateParams;
      const { id } = await groupsOf(at).create(sent);
      const created = last(at.wire).text;
      assert.deepEqual(raw(at.wire).policies, expected);
      assert.equal("policies" in raw(at.wire), expected !== undefined);
      await groupsOf(at).get(id, { account_id });
      assert.equal(last(at.wire).text, created);
    }
  });

  it("lose their policies to null and to an empty list, and keep them without either", async () => {
    const { id, policies } = await groupsOf(at).create({ account_id, name: "Lost", policies: [policy] });
    assert.deepEqual((await update(at, id, { name: "Kept" })).policies, policies);
    assert.deepEqual((await update(at, id, { policies: [] })).policies, []);
    assert.deepEqual((await update(at, id, {})).policies, []);
    assert.equal("policies" in (await update(at, id, { policies: null })), false);
    assert.equal("policies" in (await update(at, id, { name: "Renamed" })), false);
    assert.equal((await update(at, id, { policies: [policy] })).policies.length, 1);
    assert.equal("policies" in (await update(at, id, { policies: null })), false);
    await groupsOf(at).get(id, { account_id });
    assert.equal("policies" in raw(at.wire), false);
  });

  it("take a scope that is spelled out, as an object and as a list of one", async () => {
    const scope = {
      key: wholeAccount,
      objects: [{ key: "com.cloudflare.api.account.zone.b" }, { key: "*" }],
    };
    const spelled = (given: object) => ({ ...policy, resource_groups: [{ scope: given }] });
    const policies = [spelled(scope), spelled([scope])] as never;
    const made = await groupsOf(at).create({ account_id, name: "Spelled out", policies });
    const shown = made.policies?.map(({ resource_groups }) => resource_groups?.[0]);
    assert.deepEqual(
      shown?.map((resources) => resources?.scope),
      [[scope], [scope]],
    );
    assert.equal(shown?.[0]?.id, shown?.[1]?.id);
    const { body = "", text } = last(at.wire);
    await update(at, made.id, JSON.parse(body));
    assert.equal(last(at.wire).text, text);
  });
}

function ordering(at: Setting): void {
  it("keep the order of policies, and of what is in them", async () => {
    const { id: zones } = await at.client.iam.resourceGroups.create({
      account_id,
      name: "zones",
      scope: { key: wholeAccount, objects: [{ key: "com.cloudflare.api.account.zone.a" }] },
    });
    const policies = [
      { ...allowPeople(group.zoneRead, group.devicesRead), access: "deny" as const },
      {
        ...allowPeople(group.magicNetworkMonitoring, group.administratorReadOnly, group.devicesRead),
        resource_groups: [{ id: zones }, { id: first.resourceGroupId }],
      },
      allowPeople(group.devicesRead, group.zoneRead),
    ];
    const briefly = (shown: any[]) =>
      shown.map(({ access, permission_groups, resource_groups }) => ({
        access,
        permission_groups: permission_groups.map(({ id }: { id: string }) => ({ id })),
        resource_groups: resource_groups.map(({ id }: { id: string }) => ({ id })),
      }));
    const { id } = await groupsOf(at).create({ account_id, name: "Ordered", policies });
    const made = raw(at.wire).policies;
    assert.deepEqual(briefly(made), policies);
    assert.equal(new Set(made.map((each: { id: string }) => each.id)).size, 3);
    const turned = policies.toReversed();
    const now = (await update(at, id, { policies: turned })).policies;
    assert.deepEqual(briefly(now), turned);
    assert.deepEqual(now, made.toReversed());
    await groupsOf(at).get(id, { account_id });
    assert.deepEqual(raw(at.wire).policies, now);
  });
}

function updating(at: Setting): void {
  it("are renamed and renamed back, and keep the ids of policies that say the same", async () => {
    const made = await groupsOf(at).create({ account_id, name: "Before", policies: [policy] });
    at.clock.advance(60_000_000);
    const renamed = await update(at, made.id, { name: "After", policies: [policy] });
    assert.deepEqual(renamed, {
      ...JSON.parse(JSON.stringify(made)),
      name: "After",
      modified_on: renamed.modified_on,
    });
    assert.ok(renamed.modified_on > made.modified_on);
    const text = last(at.wire).text;
    for (const body of [{}, { name: null }, { name: "After", policies: [policy] }, renamed]) {
      await update(at, made.id, body);
      assert.equal(last(at.wire).text, text);
    }
    assert.deepEqual((await update(at, made.id, { name: "Before" })).policies, made.policies);
  });

  it("keep the id of a policy that is sent with it, and give another one another", async () => {
    const { id, policies } = await groupsOf(at).create({ account_id, name: "Ids", policies: [policy] });
    const [{ id: policyId = "" } = {}] = policies ?? [];
    const other = { ...allowPeople(group.devicesRead), access: "deny" };
    const [kept] = (await update(at, id, { policies: [{ ...other, id: policyId }] })).policies;
    assert.deepEqual([kept.id, kept.access], [policyId, "deny"]);
    const [fresh] = (await update(at, id, { policies: [policy] })).policies;
    assert.notEqual(fresh.id, policyId);
    const [unknown] = (await update(at, id, { policies: [{ ...other, id: "0".repeat(32) }] })).policies;
    assert.notEqual(unknown.id, "0".repeat(32));
  });
}

function listing(at: Setting): void {
  it("are found by id, by name and by a part of the name in any case", async () => {
    const id = await named(at, "Überall 50%_off");
    await named(at, "Überall 50 off");
    const names = async (query: object) =>
      (await groupsOf(at).list({ account_id, ...query })).result.map(({ name }) => name);
    assert.deepEqual(await names({ id }), ["Überall 50%_off"]);
    assert.deepEqual(await names({ name: "Überall 50%_off" }), ["Überall 50%_off"]);
    assert.deepEqual(await names({ name: "überall 50%_off" }), []);
    assert.deepEqual(await names({ fuzzyName: "ÜBERALL 50%_" }), ["Überall 50%_off"]);
    assert.deepEqual(await names({ fuzzyName: "überall", direction: "asc" }), [
      "Überall 50 off",
      "Überall 50%_off",
    ]);
    assert.deepEqual(await names({ fuzzyName: "überall", direction: "desc" }), [
      "Überall 50%_off",
      "Überall 50 off",
    ]);
    assert.deepEqual(await names({ fuzzyName: "überall", id: "0".repeat(32) }), []);
    assert.deepEqual(await names({ id, name: "Überall 50 off" }), []);
    assert.deepEqual(JSON.parse(last(at.wire).text).result_info.total_count, 0);
  });
}

function paging(at: Setting): void {
  it("are paged through to the end, by name or backwards", async () => {
    const names = ["page c", "page a", "page e", "page d", "page b"];
    for (const name of names) await named(at, name);
    for (const [direction, expected] of [
      [undefined, names.toSorted()],
      ["desc", names.toSorted().reverse()],
    ] as const) {
      const before = at.wire.length;
      const query = { account_id, per_page: 2, fuzzyName: "PAGE", ...(direction && { direction }) };
      const listed: string[] = [];
      for await (const { name } of groupsOf(at).list(query)) listed.push(name);
      assert.deepEqual(listed, expected);
      const size = { per_page: 2, total_count: 5, total_pages: 3 };
      const infos = at.wire.slice(before).map(({ text }) => JSON.parse(text).result_info);
      assert.deepEqual(infos, [
        { ...size, page: 1, count: 2 },
        { ...size, page: 2, count: 2 },
        { ...size, page: 3, count: 1 },
        { ...size, page: 4, count: 0 },
      ]);
    }
  });

  it("come 100 on a page, and 500 at most", async () => {
    await groupsOf(at).list({ account_id });
    assert.equal(JSON.parse(last(at.wire).text).result_info.per_page, 100);
    const page = await groupsOf(at).list({ account_id, page: 99, per_page: 100_000 });
    assert.deepEqual([page.result, page.hasNextPage()], [[], false]);
    assert.equal(JSON.parse(last(at.wire).text).result_info.per_page, 500);
  });
}

import assert from "node:assert/strict";
import { it } from "node:test";
import { APIError, BadRequestError, ConflictError, NotFoundError, PermissionDeniedError } from "cloudflare";
import { first } from "../server.ts";
import { fails, last, type Setting, withClient } from "./recorded.ts";

const account_id = first.accountId;
const version_config = [{ target_environment: "windows", version: "2026.6.234.0" }];
const minimal = { account_id, name: "Ring", version_config };
const groupsOf = (at: Setting) => at.client.zeroTrust.devices.deploymentGroups;
const unknownId = "018f0000-0000-7000-8000-000000000000";

const version = "1";
const windows = { target_environment: "windows", version };
/** Members that are wrong, and where the answer should point. */
const wrong: [body: object, pointer: string][] = [
  [{ name: "" }, "/name"],
  [{ name: "x".repeat(256) }, "/name"],
  [{ name: "two\nlines" }, "/name"],
  [{ name: 7 }, "/name"],
  [{ name: null }, "/name"],
  [{ version_config: [] }, "/version_config"],
  [{ version_config: null }, "/version_config"],
  [{ version_config: {} }, "/version_config"],
  [{ version_config: [{ version }] }, "/version_config/0/target_environment"],
  [{ version_config: [windows, { target_environment: "macos" }] }, "/version_config/1/version"],
  [{ version_config: [{ target_environment: "", version }] }, "/version_config/0/target_environment"],
  [{ version_config: [windows, { ...windows, version: "2" }] }, "/version_config/1/target_environment"],
  [
    {
      version_config: ["mac", "windows", "darwin"].map((target_environment) => ({
        target_environment,
        version,
      })),
    },
    "/version_config/2/target_environment",
  ],
  [
    { version_config: [null, null].map((target_environment) => ({ target_environment, version })) },
    "/version_config/1/target_environment",
  ],
  [{ policy_ids: "p" }, "/policy_ids"],
  [{ policy_ids: [1] }, "/policy_ids/0"],
  [{ policy_ids: ["p", "q", "p"] }, "/policy_ids/2"],
];

withClient("deployment groups refused to the official client", (at) => {
  wrongInput(at);
  conflicts(at);
  missing(at);
  rights(at);
  credentials(at);
});

function wrongInput(at: Setting): void {
  const invalid = { is: BadRequestError, status: 400, code: 1001 };

  it("say which member is wrong, on creating and on editing", async () => {
    const { id } = await groupsOf(at).create(minimal);
    const made = last(at.wire).text;
    for (const [body, pointer] of wrong) {
      await fails(groupsOf(at).create({ ...minimal, ...body }), { ...invalid, pointer });
      await fails(groupsOf(at).edit(id, { account_id, ...body }), { ...invalid, pointer });
    }
    await fails(groupsOf(at).create({ account_id } as never), { ...invalid, pointer: "/name" });
    await fails(groupsOf(at).create({ account_id, name: "x" } as never), {
      ...invalid,
      pointer: "/version_config",
    });
    await groupsOf(at).get(id, { account_id });
    assert.equal(last(at.wire).text, made);
  });

  it("want a JSON object for a body", async () => {
    const path = `/accounts/${account_id}/devices/deployment-groups`;
    for (const body of [[], "text", "{", undefined])
      await fails(at.client.post(path, { body, headers: { "content-type": "application/json" } }), {
        ...invalid,
        pointer: "",
      });
    await fails(at.client.post(path, { body: "{}", headers: { "content-type": "text/plain" } }), {
      is: APIError,
      status: 415,
      code: 1415,
    });
  });

  it("want whole numbers for pages", async () => {
    for (const [query, pointer] of [
      [{ page: 0 }, "/page"],
      [{ page: -1 }, "/page"],
      [{ page: 1.5 }, "/page"],
      [{ per_page: 0 }, "/per_page"],
      [{ per_page: "many" }, "/per_page"],
    ] as [object, string][])
      await fails(groupsOf(at).list({ account_id, ...query }), { ...invalid, pointer });
  });
}

function conflicts(at: Setting): void {
  it("hold a policy alone: 409 in exactly one request, which names the group that has it", async () => {
    const holder = await groupsOf(at).create({
      ...minimal,
      name: "Holder",
      policy_ids: ["held", "also held"],
    });
    const other = await groupsOf(at).create({ ...minimal, policy_ids: ["free"] });
    const before = last(at.wire).text;
    const conflict = {
      is: ConflictError,
      status: 409,
      code: 1409,
      pointer: "/policy_ids",
      says: /held.*Holder/,
    };
    const policy_ids = ["free", "held"];
    for (const call of [
      () => groupsOf(at).create({ ...minimal, policy_ids: ["held"] }),
      () => groupsOf(at).edit(other.id, { account_id, name: "lost", policy_ids }),
    ]) {
      const requests = at.wire.length;
      const error = await fails(call(), conflict);
      assert.match(error.message, new RegExp(holder.id));
      assert.equal(at.wire.length, requests + 1);
      assert.equal(last(at.wire).headers.get("x-should-retry"), "false");
    }
    await groupsOf(at).get(other.id, { account_id });
    assert.equal(last(at.wire).text, before);
    const own = await groupsOf(at).edit(holder.id, { account_id, policy_ids: ["also held", "held", "new"] });
    assert.deepEqual(own.policy_ids, ["also held", "held", "new"]);
  });

  it("hold a policy alone among requests at the same time too", async () => {
    const attempts = Array.from({ length: 8 }, () =>
      groupsOf(at).create({ ...minimal, policy_ids: ["wanted"] }),
    );
    const ended = await Promise.allSettled(attempts);
    const refused = ended.filter(({ status }) => status === "rejected") as PromiseRejectedResult[];
    assert.equal(refused.length, 7);
    for (const { reason } of refused) assert.ok(reason instanceof ConflictError, String(reason));
  });
}

function missing(at: Setting): void {
  it("are not found by an id that none has, whatever it looks like", async () => {
    const absent = { is: NotFoundError, status: 404, code: 1404 };
    for (const id of [unknownId, "group_id", "0", "ä/ö %", "x".repeat(1000)]) {
      await fails(groupsOf(at).get(id, { account_id }), absent);
      await fails(groupsOf(at).edit(id, { account_id, name: "x" }), absent);
      await fails(groupsOf(at).edit(id, { account_id }), absent);
      await fails(groupsOf(at).delete(id, { account_id }), absent);
    }
    const { id } = await groupsOf(at).create(minimal);
    await groupsOf(at).delete(id, { account_id });
    await fails(groupsOf(at).delete(id, { account_id }), absent);
    await fails(groupsOf(at).get(id, { account_id }), absent);
  });

  it("are not found where there is no route, and have no PUT", async () => {
    const { id } = await groupsOf(at).create(minimal);
    const path = `/accounts/${account_id}/devices/deployment-groups/${id}`;
    const says = new RegExp(`^Could not route to /client/v4${path}/members, perhaps`);
    await fails(at.client.get(`${path}/members`), { is: NotFoundError, status: 404, code: 7003, says });
    await fails(at.client.put(path, { body: minimal }), { is: APIError, status: 405, code: 1405 });
    assert.equal(last(at.wire).headers.get("allow"), "DELETE, GET, PATCH");
  });
}

function rights(at: Setting): void {
  const refused = { is: PermissionDeniedError, status: 403, code: 10000 };

  it("may be read with Zero Trust Read, and changed with Zero Trust Write alone", async () => {
    const { id } = await groupsOf(at).create(minimal);
    const reader = at.with({ apiToken: await at.running.tokenWith({ groups: ["Zero Trust Read"] }) });
    const groups = reader.client.zeroTrust.devices.deploymentGroups;
    assert.equal((await groups.get(id, { account_id })).id, id);
    assert.ok((await groups.list({ account_id, per_page: 100 })).result.some((group) => group.id === id));
    const says = /deployment-group\.write.*Zero Trust Write/;
    await fails(groups.create(minimal), { ...refused, says });
    await fails(groups.edit(id, { account_id }), { ...refused, says });
    await fails(groups.delete(id, { account_id }), { ...refused, says });
    await fails(groups.create({ account_id } as never), { ...refused, says });
    assert.equal(reader.wire.length, 6);
  });

  it("say nothing to those who may read none of them", async () => {
    const { id } = await groupsOf(at).create(minimal);
    const { client } = at.with({
      apiToken: await at.running.tokenWith({ groups: ["Account Settings Write"] }),
    });
    const groups = client.zeroTrust.devices.deploymentGroups;
    const said = [];
    for (const each of [id, unknownId])
      said.push((await fails(groups.get(each, { account_id }), refused)).message);
    assert.equal(said[0], said[1]);
    await fails(groups.list({ account_id }), refused);
    await fails(groups.create({ account_id } as never), refused);
  });

  it("show a token that is scoped to one group just that one", async () => {
    const [one, two] = [await groupsOf(at).create(minimal), await groupsOf(at).create(minimal)];
    const on = [`com.cloudflare.api.account.deployment-group.${one.id}`];
    const { client } = at.with({
      apiToken: await at.running.tokenWith({ groups: ["Zero Trust Write"], on }),
    });
    const groups = client.zeroTrust.devices.deploymentGroups;
    assert.deepEqual(
      (await groups.list({ account_id })).result.map(({ id }) => id),
      [one.id],
    );
    assert.equal((await groups.edit(one.id, { account_id, name: "mine" })).name, "mine");
    await fails(groups.get(two.id, { account_id }), { is: NotFoundError, status: 404, code: 1404 });
    await fails(groups.edit(two.id, { account_id, name: "x" }), {
      is: NotFoundError,
      status: 404,
      code: 1404,
    });
    await fails(groups.create(minimal), refused);
  });

  it("belong to their account: another one is closed, whether or not it exists", async () => {
    const owner = at.with({ apiEmail: first.email, apiKey: first.apiKey });
    const { id } = await owner.client.accounts.create({ name: "another" });
    for (const elsewhere of [id, "0".repeat(32), "account_id"])
      await fails(groupsOf(at).list({ account_id: elsewhere }), refused);
    const made = await groupsOf(at).create(minimal);
    const there = owner.client.zeroTrust.devices.deploymentGroups;
    await fails(there.get(made.id, { account_id: id }), { is: NotFoundError, status: 404, code: 1404 });
  });
}

function credentials(at: Setting): void {
  const list = (options: Parameters<Setting["with"]>[0], headers: Record<string, string | null> = {}) =>
    at.with(options).client.zeroTrust.devices.deploymentGroups.list({ account_id }, { headers });
  const [apiToken, apiEmail, apiKey] = [first.apiToken, first.email, first.apiKey];
  const wrongToken = { is: PermissionDeniedError, status: 403, code: 10000, says: /^Authentication error$/ };

  it("want a credential", async () => {
    const nothing = { is: BadRequestError, status: 400, code: 9106 };
    await fails(list({}, { authorization: null }), nothing);
    await fails(list({}, { authorization: null, "x-auth-email": apiEmail }), nothing);
    const malformed = { is: BadRequestError, status: 400, code: 6003 };
    for (const authorization of ["Basic dXNlcjpwYXNz", "Bearer", `Bearer ${apiToken} again`])
      assert.deepEqual(chainOf(await fails(list({ apiToken }, { authorization }), malformed)), [6111]);
    assert.deepEqual(chainOf(await fails(list({ apiEmail, apiKey: "not a key!" }), malformed)), [6103]);
  });

  it("want a credential that is good, and the token first", async () => {
    await fails(list({ apiToken: "0".repeat(40) }), wrongToken);
    await fails(list({ apiToken: "0".repeat(40), apiEmail, apiKey }), wrongToken);
    const wrongPair = { is: PermissionDeniedError, status: 403, code: 9103 };
    await fails(list({ apiEmail, apiKey: "0".repeat(37) }), wrongPair);
    await fails(list({ apiEmail: "nobody@example.com", apiKey }), wrongPair);
  });
}

function chainOf({ errors }: APIError): number[] {
  const [{ error_chain = [] } = {}] = errors as { error_chain?: { code: number }[] }[];
  return error_chain.map(({ code }) => code);
}

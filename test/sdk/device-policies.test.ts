import assert from "node:assert/strict";
import { it } from "node:test";
import { BadRequestError, ConflictError, NotFoundError, PermissionDeniedError } from "cloudflare";
import type { CustomCreateParams } from "cloudflare/resources/zero-trust/devices/policies/custom";
import { first } from "../server.ts";
import { fails, last, raw, type Setting, withClient } from "./recorded.ts";

const account_id = first.accountId;
const match = 'identity.email == "test@cloudflare.com"';
const unknownId = "018f0000-0000-7000-8000-000000000000";
const custom = (at: Pick<Setting, "client">) => at.client.zeroTrust.devices.policies.custom;
const standard = (at: Pick<Setting, "client">) => at.client.zeroTrust.devices.policies.default;

let precedence = 0;
const wanted = (more: Partial<CustomCreateParams> = {}): CustomCreateParams => {
  precedence += 10;
  return { account_id, name: "Engineers", match, precedence, ...more };
};

withClient("device policies through the official client", (at) => {
  making(at);
  editing(at);
  listing(at);
  theDefault(at);
});

withClient("device policies refused to the official client", (at) => {
  wrongInput(at);
  missing(at);
  rights(at);
});

/** Makes one and answers its id, which the client says may be absent. */
async function idOf(at: Setting, more: Partial<CustomCreateParams> = {}): Promise<string> {
  const made = await custom(at).create(wanted(more));
  assert.ok(made?.policy_id);
  return made.policy_id;
}

function making(at: Setting): void {
  it("are created, got and listed with the same bytes", async () => {
    const sent = wanted({
      description: "Everybody who builds",
      exclude: [{ address: "192.0.2.0/24", description: "Lab" }, { host: "*.example.com" }],
      service_mode_v2: { mode: "proxy", port: 3000 },
      captive_portal: 60,
    });
    const made = await custom(at).create(sent);
    const created = JSON.stringify(raw(at.wire));
    const { account_id: _, ...members } = sent;
    assert.deepEqual({ ...made, ...members }, { ...made });
    assert.match(made?.policy_id ?? "", /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    assert.deepEqual([made?.default, made?.enabled, made?.allowed_to_leave], [false, true, true]);
    await custom(at).get(made?.policy_id ?? "", { account_id });
    assert.equal(JSON.stringify(raw(at.wire)), created);
    await custom(at).list({ account_id });
    assert.ok(last(at.wire).text.includes(created));
  });

  it("ignore members that only answers have, those of newer clients, and those that nobody knows", async () => {
    const more = { policy_id: unknownId, default: true, gateway_unique_id: "mine", frobnicate: [1] };
    const newer = { profile_type: "warp", uninstall_protection: true, fallback_domains: [{ suffix: "x" }] };
    const made = await custom(at).create(wanted({ ...more, ...newer } as object));
    assert.deepEqual([made?.default, made?.fallback_domains?.length], [false, 14]);
    assert.notEqual(made?.policy_id, unknownId);
    assert.notEqual(made?.gateway_unique_id, "mine");
    for (const name of ["profile_type", "uninstall_protection", "frobnicate"])
      assert.equal(name in raw(at.wire), false, name);
  });

  it("are deleted once, and answered with those that are left", async () => {
    const [gone, stays] = [await idOf(at), await idOf(at)];
    const left = [];
    for await (const { policy_id } of custom(at).delete(gone, { account_id })) left.push(policy_id);
    assert.deepEqual([last(at.wire).method, last(at.wire).status], ["DELETE", 200]);
    assert.ok(left.includes(stays) && !left.includes(gone));
    const always = (await standard(at).get({ account_id }))?.policy_id;
    assert.equal(left.at(-1), always);
  });
}

function editing(at: Setting): void {
  it("change what is sent alone, and nothing by an empty edit or by equal values", async () => {
    const id = await idOf(at, { description: "Before", auto_connect: 5 });
    const created = last(at.wire).text;
    for (const edit of [{}, { name: "Engineers" }, { description: "Before", auto_connect: 5, match }]) {
      await custom(at).edit(id, { account_id, ...edit });
      assert.equal(last(at.wire).text, created);
    }
    const edited = await custom(at).edit(id, { account_id, name: "Renamed", enabled: false });
    const changed = last(at.wire).text;
    assert.deepEqual({ ...edited }, { ...JSON.parse(created).result, name: "Renamed", enabled: false });
    await custom(at).get(id, { account_id });
    assert.equal(last(at.wire).text, changed);
  });

  it("set and clear what goes through the tunnel", async () => {
    const id = await idOf(at, { exclude: [] });
    assert.deepEqual(raw(at.wire).exclude, []);
    const include = [{ address: "192.0.2.0/24" }, { host: "b.example", description: "B" }];
    assert.deepEqual((await custom(at).edit(id, { account_id, include }))?.include, include);
    await custom(at).edit(id, { account_id, include: [] });
    assert.deepEqual([raw(at.wire).exclude, raw(at.wire).include], [[], []]);
    await custom(at).edit(id, { account_id, exclude: null } as object as { account_id: string });
    assert.equal(raw(at.wire).exclude.length, 16);
  });
}

function listing(at: Setting): void {
  it("are listed by precedence, all of them on one page, without the default one", async () => {
    const { client } = at.with({ apiEmail: first.email, apiKey: first.apiKey });
    const { id: account_id } = await client.accounts.create({ name: "listing" });
    const policies = custom({ client });
    const made: [number, string | undefined][] = [];
    for (const precedence of [30, 10, 20, 0])
      made.push([precedence, (await policies.create({ ...wanted(), account_id, precedence }))?.policy_id]);
    const listed = [];
    for await (const { policy_id } of policies.list({ account_id })) listed.push(policy_id);
    const inOrder = made.toSorted(([one], [other]) => one - other).map(([, id]) => id);
    assert.deepEqual(listed, inOrder);
    const page = await policies.list({ account_id });
    assert.equal(page.hasNextPage(), false);
    assert.deepEqual((await client.get<any>(`/accounts/${account_id}/devices/policies?page=2`)).result, []);
  });
}

function theDefault(at: Setting): void {
  it("have a default one that is got and edited without an id", async () => {
    const before = await standard(at).get({ account_id });
    const untouched = last(at.wire).text;
    assert.deepEqual([before?.default, before?.enabled, before?.exclude?.length], [true, true, 16]);
    const change = { switch_locked: true, support_url: "https://support.example", auto_connect: 60 };
    const after = await standard(at).edit({ account_id, ...change });
    assert.deepEqual({ ...after }, { ...before, ...change });
    const edited = last(at.wire).text;
    await standard(at).edit({ account_id });
    assert.equal(last(at.wire).text, edited);
    await custom(at).get(before?.policy_id ?? "", { account_id });
    assert.equal(last(at.wire).text, edited);
    const back = { switch_locked: false, support_url: "", auto_connect: 0 };
    await standard(at).edit({ account_id, ...back });
    assert.equal(last(at.wire).text, untouched);
  });
}

function wrongInput(at: Setting): void {
  const invalid = { is: BadRequestError, status: 400, code: 1001 };

  it("say which member is wrong, on creating and on editing", async () => {
    await idOf(at);
    const taken = raw(at.wire).precedence;
    const id = await idOf(at);
    const made = last(at.wire).text;
    for (const [body, pointer] of [
      [{ name: "" }, "/name"],
      [{ match: 'user.identity == "test@cloudflare.com"' }, "/match"],
      [{ precedence: taken }, "/precedence"],
      [{ captive_portal: -1 }, "/captive_portal"],
      [{ exclude: [{ description: "nowhere" }] }, "/exclude/0/address"],
      [{ service_mode_v2: { mode: "" } }, "/service_mode_v2/mode"],
    ] as [object, string][]) {
      await fails(custom(at).create({ ...wanted(), ...body }), { ...invalid, pointer });
      await fails(custom(at).edit(id, { account_id, ...body }), { ...invalid, pointer });
      if (/captive|exclude|mode/.test(pointer))
        await fails(standard(at).edit({ account_id, ...body }), { ...invalid, pointer });
    }
    for (const name of ["name", "match", "precedence"])
      await fails(custom(at).create({ ...wanted(), [name]: undefined } as never), {
        ...invalid,
        pointer: `/${name}`,
      });
    await custom(at).get(id, { account_id });
    assert.equal(last(at.wire).text, made);
  });

  it("have a precedence alone among requests at the same time too", async () => {
    const sent = wanted();
    const ended = await Promise.allSettled(Array.from({ length: 8 }, () => custom(at).create(sent)));
    const refused = ended.filter(({ status }) => status === "rejected") as PromiseRejectedResult[];
    assert.equal(refused.length, 7);
    for (const { reason } of refused) assert.ok(reason instanceof BadRequestError, String(reason));
  });

  it("say at which character a match can't be read", async () => {
    const says = /at character 12: /;
    await fails(custom(at).create(wanted({ match: "os.name == linux" })), {
      ...invalid,
      pointer: "/match",
      says,
    });
  });
}

function missing(at: Setting): void {
  it("are not found by an id that none has", async () => {
    const absent = { is: NotFoundError, status: 404, code: 1404 };
    const gone = await idOf(at);
    await custom(at).delete(gone, { account_id });
    for (const id of [unknownId, gone, "policy_id", "x".repeat(1000)]) {
      await fails(custom(at).get(id, { account_id }), absent);
      await fails(custom(at).edit(id, { account_id, name: "x" }), absent);
      await fails(custom(at).delete(id, { account_id }), absent);
    }
  });

  it("keep the default one: 409 in exactly one request", async () => {
    const id = (await standard(at).get({ account_id }))?.policy_id ?? "";
    const requests = at.wire.length;
    await fails(custom(at).delete(id, { account_id }), { is: ConflictError, status: 409, code: 1409 });
    assert.equal(at.wire.length, requests + 1);
    assert.equal(last(at.wire).headers.get("x-should-retry"), "false");
  });
}

function rights(at: Setting): void {
  const refused = { is: PermissionDeniedError, status: 403, code: 10000 };

  it("may be read with Zero Trust Read, and changed with Zero Trust Write alone", async () => {
    const id = await idOf(at);
    const reader = at.with({ apiToken: await at.running.tokenWith({ groups: ["Zero Trust Read"] }) });
    assert.equal((await custom(reader).get(id, { account_id }))?.policy_id, id);
    assert.equal((await standard(reader).get({ account_id }))?.default, true);
    assert.ok((await custom(reader).list({ account_id })).result.some(({ policy_id }) => policy_id === id));
    const says = /device-policy\.write.*Zero Trust Write/;
    await fails(custom(reader).create(wanted()), { ...refused, says });
    await fails(custom(reader).edit(id, { account_id }), { ...refused, says });
    await fails(custom(reader).delete(id, { account_id }), { ...refused, says });
    await fails(standard(reader).edit({ account_id }), { ...refused, says });
    const blind = at.with({ apiToken: await at.running.tokenWith({ groups: ["Devices Write"] }) });
    await fails(custom(blind).get(id, { account_id }), refused);
    await fails(custom(blind).list({ account_id }), refused);
    await fails(standard(blind).get({ account_id }), refused);
  });
}

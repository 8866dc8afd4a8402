import assert from "node:assert/strict";
import { it } from "node:test";
import { BadRequestError, NotFoundError, PermissionDeniedError } from "cloudflare";
import type { DeviceListParams } from "cloudflare/resources/zero-trust/devices/devices_";
import type { RegistrationListParams } from "cloudflare/resources/zero-trust/devices/registrations";
import { first } from "../server.ts";
import { fails, last, raw, type Setting, withClient } from "./recorded.ts";

const account_id = first.accountId;
const physical = (at: Pick<Setting, "client">) => at.client.zeroTrust.devices.devices;
const registrations = (at: Pick<Setting, "client">) => at.client.zeroTrust.devices.registrations;

withClient("physical devices through the official client", (at) => {
  one(at);
  listing(at);
  narrowing(at);
  ending(at);
});

withClient("registrations through the official client", (at) => {
  registrationsListed(at);
});

withClient("physical devices refused to the official client", (at) => {
  refused(at);
});

/** Makes a device as an operator does, and answers its id. */
async function register(at: Setting, name: string, more: object = {}): Promise<string> {
  const body = { org_id: first.orgId, device_identifier: name, ...more };
  const made = await at.running.ask("POST", "/api/v1/devices/register", { body });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  return made.body.id;
}

/** Everything that auto-paging gives. */
async function namesIn(pages: AsyncIterable<{ name?: string; device?: { name: string } }>) {
  const names: (string | undefined)[] = [];
  for await (const { name, device } of pages) names.push(name ?? device?.name);
  return names;
}

function one(at: Setting): void {
  it("are got as they are listed, with the same bytes", async () => {
    const id = await register(at, "laptop", {
      ...{ platform: "macos", manufacturer: "Acme", model: "M1", os_version: "15.1" },
      ...{ client_version: "2026.7.1377.0", labels: { ring: "0" }, metadata: { serial_number: "SN1" } },
      user: { id: "9d3d7a2e-0000-4000-8000-000000000001", email: "user@example.com", name: "User" },
    });
    const got = await physical(at).get(id, { account_id });
    const bytes = JSON.stringify(raw(at.wire));
    const { created_at, updated_at, last_seen_at, ...told } = got;
    assert.deepEqual(told, {
      ...{ id, name: "laptop", active_registrations: 1, tags: { ring: "0" } },
      ...{ client_version: "2026.7.1377.0", device_type: "mac", serial_number: "SN1" },
      ...{ manufacturer: "Acme", model: "M1", os_version: "15.1" },
      last_seen_user: {
        ...{ id: "9d3d7a2e-0000-4000-8000-000000000001", email: "user@example.com", name: "User" },
      },
    });
    assert.deepEqual([created_at, last_seen_at], [updated_at, updated_at]);
    await physical(at).list({ account_id });
    assert.ok(last(at.wire).text.includes(bytes));
  });

  it("have their device policy beside them where it is asked for", async () => {
    const standard = await at.client.zeroTrust.devices.policies.default.get({ account_id });
    const id = await register(at, "with policy");
    const include = "last_seen_registration.policy";
    const { last_seen_registration: of } = await physical(at).get(id, { account_id, include });
    assert.deepEqual(
      [of?.policy?.id, of?.policy?.default, of?.policy?.deleted],
      [standard?.policy_id, true, false],
    );
    assert.equal((await physical(at).get(id, { account_id })).last_seen_registration, undefined);
  });
}

function listing(at: Setting): void {
  it("page by cursor to the end, in every order that the client knows", async () => {
    for (let place = 0; place < 12; place++)
      await register(at, `page ${place}`, place % 3 === 0 ? {} : { client_version: `1.${place}` });
    const orders: NonNullable<DeviceListParams["sort_by"]>[] = [
      ...(["name", "id", "client_version", "last_seen_user.email"] as const),
      ...(["last_seen_at", "active_registrations", "created_at"] as const),
    ];
    for (const sort_by of orders)
      for (const sort_order of ["asc", "desc"] as const) {
        const from = at.wire.length;
        const names = await namesIn(
          physical(at).list({ account_id, search: "page ", per_page: 5, sort_by, sort_order }),
        );
        assert.equal(new Set(names).size, 12, `${sort_by} ${sort_order}`);
        const infos = at.wire.slice(from).map(({ text }) => JSON.parse(text).result_info);
        assert.deepEqual(
          infos.map(({ count, per_page, total_count }) => [count, per_page, total_count]),
          [5, 5, 2].map((count) => [count, 5, 12]),
        );
        assert.deepEqual(
          infos.map(({ cursor }) => cursor === ""),
          [false, false, true],
        );
      }
    const byVersion = await namesIn(
      physical(at).list({ account_id, search: "page ", per_page: 5, sort_by: "client_version" }),
    );
    assert.deepEqual(
      byVersion,
      [1, 2, 4, 5, 7, 8, 10, 11, 0, 3, 6, 9].map((place) => `page ${place}`),
    );
  });

  it("take 0 items a page for what is usual", async () => {
    const { result_info } = await physical(at).list({ account_id, per_page: 0, cursor: "" });
    assert.equal(result_info?.per_page, 50);
  });
}

function narrowing(at: Setting): void {
  it("are narrowed by everything that the client can ask", async () => {
    const user = { email: "narrow@example.com" };
    const policies = at.client.zeroTrust.devices.policies.custom;
    const match = 'identity.email == "narrow@example.com"';
    const made = await policies.create({ account_id, name: "Narrow", match, precedence: 1 });
    const mine = await register(at, "narrow 1", { user, labels: { ring: "7", site: "a" } });
    const other = await register(at, "narrow 2", { labels: { ring: "7" } });
    const asked = async (more: Partial<DeviceListParams>) =>
      namesIn(physical(at).list({ account_id, search: "NARROW", ...more }));
    assert.deepEqual(await asked({}), ["narrow 1", "narrow 2"]);
    assert.deepEqual(await asked({ id: [other, mine] }), ["narrow 1", "narrow 2"]);
    assert.deepEqual(await asked({ id: [other] }), ["narrow 2"]);
    assert.deepEqual(await asked({ last_seen_user: user }), ["narrow 1"]);
    assert.deepEqual(await asked({ tag: ["ring:7"] }), ["narrow 1", "narrow 2"]);
    assert.deepEqual(await asked({ tag: ["ring:7", "site:a"] }), ["narrow 1"]);
    assert.deepEqual(await asked({ last_seen_registration: { policy: made?.policy_id ?? "" } }), [
      "narrow 1",
    ]);
    assert.deepEqual(await asked({ has_registration_type: "browser_extension" }), []);
    const { last_seen_at } = await physical(at).get(mine, { account_id });
    assert.deepEqual(await asked({ seen_before: last_seen_at ?? "" }), []);
    assert.equal((await asked({ seen_after: "2026-01-01T00:00:00Z" })).length, 2);
  });
}

function ending(at: Setting): void {
  it("are revoked, and then listed only where it is asked for, and deleted once", async () => {
    const id = await register(at, "leaving");
    assert.equal(await physical(at).revoke(id, { account_id }), null);
    assert.deepEqual([last(at.wire).method, last(at.wire).sent.get("content-type")], ["POST", null]);
    const asked = async (active_registrations?: "include" | "only" | "exclude") =>
      (
        await namesIn(
          physical(at).list({ account_id, id: [id], ...(active_registrations && { active_registrations }) }),
        )
      ).length;
    assert.deepEqual(
      [await asked(), await asked("only"), await asked("include"), await asked("exclude")],
      [0, 0, 1, 1],
    );
    assert.equal((await physical(at).get(id, { account_id })).active_registrations, 0);
    assert.equal(await physical(at).delete(id, { account_id }), null);
    assert.deepEqual([last(at.wire).method, last(at.wire).status], ["DELETE", 200]);
    const gone = { is: NotFoundError, status: 404, code: 1404 };
    await fails(physical(at).get(id, { account_id }), gone);
    await fails(physical(at).revoke(id, { account_id }), gone);
    await fails(physical(at).delete(id, { account_id }), gone);
  });
}

function registrationsListed(at: Setting): void {
  it("are those of the devices, by their ids, and page by cursor", async () => {
    const ids: string[] = [];
    for (let place = 0; place < 7; place++)
      ids.push(
        await register(at, `device ${place}`, {
          user: { id: `u${place % 2}`, email: `u${place}@example.com` },
          client_version: "1.2",
        }),
      );
    const [id = ""] = ids;
    const got = await registrations(at).get(id, { account_id, include: "policy" });
    assert.deepEqual(
      [got.id, got.device, got.key, got.registration_type, got.revoked_at, got.user],
      [
        id,
        { id, name: "device 0", client_version: "1.2" },
        "",
        "warp",
        null,
        { id: "u0", email: "u0@example.com" },
      ],
    );
    assert.equal(got.policy?.default, true);
    const asked = (more: Partial<RegistrationListParams>) =>
      namesIn(registrations(at).list({ account_id, per_page: 3, ...more }));
    const all = ids.map((_, place) => `device ${place}`);
    for (const sort_by of ["id", "user.email", "last_seen_at", "created_at"] as const) {
      assert.deepEqual(await asked({ sort_by }), all, sort_by);
      assert.deepEqual(await asked({ sort_by, sort_order: "desc" }), all.toReversed(), sort_by);
    }
    assert.deepEqual((await asked({ sort_by: "user.name" })).toSorted(), all);
    assert.deepEqual(await asked({ user: { id: ["u1"] } }), ["device 1", "device 3", "device 5"]);
    assert.deepEqual(await asked({ device: { id } }), ["device 0"]);
    assert.deepEqual(await asked({ id: ids.slice(2, 4) }), ["device 2", "device 3"]);
    assert.deepEqual(await asked({ search: "DEVICE 6" }), ["device 6"]);
    assert.deepEqual(await asked({ policy: { id: got.policy?.id ?? "" }, include: "policy" }), all);
    assert.deepEqual(await asked({ registration_type: "warp" }), all);
    await physical(at).revoke(id, { account_id });
    assert.deepEqual(await asked({}), all.slice(1));
    assert.deepEqual(await asked({ status: "revoked" }), ["device 0"]);
    assert.deepEqual(await asked({ status: "all" }), all);
    const revoked = await registrations(at).get(id, { account_id });
    assert.equal(revoked.revoked_at, revoked.updated_at);
  });
}

function refused(at: Setting): void {
  const invalid = (pointer: string) => ({ is: BadRequestError, status: 400, code: 1001, pointer });

  it("names the member of the query that is wrong", async () => {
    const ask = (more: object) => physical(at).list({ account_id, ...more });
    await fails(ask({ sort_by: "color" }), { ...invalid("/sort_by"), says: /last_seen_user\.email/ });
    await fails(ask({ sort_order: "up" }), invalid("/sort_order"));
    await fails(ask({ cursor: "nonsense" }), invalid("/cursor"));
    await fails(ask({ active_registrations: "all" }), invalid("/active_registrations"));
    await fails(ask({ include: "color" }), invalid("/include"));
    await fails(ask({ tag: ["ring"] }), invalid("/tag/0"));
    await fails(ask({ seen_after: "yesterday" }), invalid("/seen_after"));
    await fails(registrations(at).list({ account_id, sort_by: "name" } as never), invalid("/sort_by"));
    await fails(registrations(at).list({ account_id, status: "only" } as never), invalid("/status"));
    for (const name of ["refused 1", "refused 2"]) await register(at, name);
    const { result_info } = await physical(at).list({ account_id, sort_by: "name", per_page: 1 });
    const cursor = result_info?.cursor ?? "";
    await fails(ask({ cursor, sort_by: "id" }), { ...invalid("/cursor"), says: /sort_by/ });
  });

  it("takes the rights that devices take", async () => {
    const id = await register(at, "rights");
    const reader = at.with({ apiToken: await at.running.tokenWith({ groups: ["Devices Read"] }) });
    assert.equal((await physical(reader).get(id, { account_id })).id, id);
    assert.equal((await registrations(reader).get(id, { account_id })).id, id);
    const forbidden = { is: PermissionDeniedError, status: 403, code: 10000 };
    await fails(physical(reader).revoke(id, { account_id }), forbidden);
    await fails(physical(reader).delete(id, { account_id }), forbidden);
    const stranger = at.with({ apiToken: await at.running.tokenWith({ groups: ["Account Settings Read"] }) });
    await fails(physical(stranger).list({ account_id }), forbidden);
    await fails(registrations(stranger).list({ account_id }), forbidden);
  });
}

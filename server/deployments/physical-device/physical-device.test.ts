import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { engines } from "../../../test/engines.ts";
import { first, type Grant, type Running, startServer } from "../../../test/server.ts";
import { blankDevice, insertDevices } from "../../devices/device/index.ts";

const devices = `/client/v4/accounts/${first.accountId}/devices`;
const physical = `${devices}/physical-devices`;
const registrations = `${devices}/registrations`;
const key = (kind: string, id: string) => `com.cloudflare.api.account.${kind}.${id}`;
const instant = (text: string) => Date.parse(text) * 1000;
const named = (list: readonly { name?: string; device?: { name: string } }[]) =>
  list.map(({ name, device }) => name ?? device?.name).sort();

const blank = (name: string) => ({ ...blankDevice(`dev_${name}`, name, instant("2026-01-01T00:00:00.5Z")) });
const withUser = (id: string, email: string) => ({ id, email, groups: [], samlAttributes: [] });
const known = [
  {
    ...blank("full"),
    platform: "Darwin",
    attributes: { manufacturer: "ACME Straße", model: "M1", os_version: "15.1", app_version: "1.0" },
    labels: { ring: "0", "a b": "c:d" },
    metadata: { serial_number: "SN1", other: 7 },
    clientVersion: { version: "2026.7.1", reportedAt: 1, source: "import" as const },
    user: { ...withUser("u1", "u1@example.com"), name: "One" },
    lastSeenAt: instant("2026-02-01T00:00:00.999Z"),
  },
  { ...blank("bare") },
  {
    ...blank("windows"),
    platform: "windows",
    attributes: { app_version: "3.1" },
    labels: { ring: "0" },
    user: withUser("u2", "u2@example.com"),
    lastSeenAt: instant("2026-03-01T00:00:00Z"),
  },
  { ...blank("gone"), platform: "linux", status: "revoked" as const, user: withUser("u1", "u1@example.com") },
];

for (const engine of engines)
  describe(`physical devices and registrations on ${engine.name}`, () => {
    let running: Running;
    let ask: Running["ask"];
    before(async () => {
      running = await startServer(await engine.open());
      ask = running.ask;
      await running.store.write((db) => insertDevices(db, first.accountId, known));
    });
    after(() => running.stop());

    const listed = async (path: string, token?: string) => {
      const { status, body } = await ask("GET", path, token ? { token } : {});
      assert.equal(status, 200, `${path}: ${JSON.stringify(body)}`);
      assert.equal(body.result_info.total_count, body.result.length, path);
      return named(body.result);
    };

    it("are told with everything that is known, and nothing that is not", async () => {
      assert.deepEqual((await ask("GET", `${physical}/dev_full`)).body.result, {
        id: "dev_full",
        name: "full",
        created_at: "2026-01-01T00:00:00Z",
        updated_at: "2026-01-01T00:00:00Z",
        last_seen_at: "2026-02-01T00:00:00Z",
        active_registrations: 1,
        tags: { ring: "0", "a b": "c:d" },
        client_version: "2026.7.1",
        device_type: "mac",
        manufacturer: "ACME Straße",
        model: "M1",
        os_version: "15.1",
        serial_number: "SN1",
        last_seen_user: { id: "u1", email: "u1@example.com", name: "One" },
      });
      const bare = (await ask("GET", `${physical}/dev_bare`)).body.result;
      assert.deepEqual([bare.last_seen_at, bare.tags, bare.device_type], [null, {}, "python"]);
      assert.deepEqual(
        ["client_version", "last_seen_user", "serial_number", "model"].filter((name) => name in bare),
        [],
      );
      const windows = (await ask("GET", `${physical}/dev_windows`)).body.result;
      assert.deepEqual([windows.device_type, windows.client_version], ["windows", "3.1"]);
      assert.equal((await ask("GET", `${physical}/dev_gone`)).body.result.active_registrations, 0);
    });

    it("registrations are their devices once more", async () => {
      const full = (await ask("GET", `${registrations}/dev_full`)).body.result;
      assert.deepEqual(full, {
        id: "dev_full",
        device: { id: "dev_full", name: "full", client_version: "2026.7.1" },
        key: "",
        registration_type: "warp",
        created_at: "2026-01-01T00:00:00Z",
        updated_at: "2026-01-01T00:00:00Z",
        last_seen_at: "2026-02-01T00:00:00Z",
        revoked_at: null,
        user: { id: "u1", email: "u1@example.com", name: "One" },
      });
      const gone = (await ask("GET", `${registrations}/dev_gone`)).body.result;
      assert.deepEqual([gone.revoked_at, gone.last_seen_at], [gone.updated_at, gone.created_at]);
      for (const path of [physical, registrations]) {
        const { result } = (await ask("GET", `${path}?id=dev_full`)).body;
        assert.deepEqual(result, [(await ask("GET", `${path}/dev_full`)).body.result]);
      }
    });

    it("are narrowed by all that is asked", async () => {
      const email = "last_seen_user.email=u1@example.com";
      for (const [query, wanted] of [
        ["", ["bare", "full", "windows"]],
        ["active_registrations=only", ["bare", "full", "windows"]],
        ["active_registrations=include", ["bare", "full", "gone", "windows"]],
        ["active_registrations=exclude", ["gone"]],
        ["id=dev_bare&id=dev_gone&id=none", ["bare"]],
        ["id[]=dev_bare", ["bare"]],
        ["id=dev_gone&active_registrations=include", ["gone"]],
        ["search=FUL", ["full"]],
        ["search=acme%20strasse", ["full"]],
        ["search=%25", []],
        [email, ["full"]],
        [`${email}&active_registrations=include`, ["full", "gone"]],
        ["last_seen_user.email=U1@example.com", []],
        ["seen_after=2026-02-15T00:00:00Z", ["windows"]],
        ["seen_before=2026-02-15T00:00:00%2B01:00", ["full"]],
        ["seen_after=2026-02-01T00:00:00.999Z&seen_before=2026-03-01T00:00:00Z", []],
        ["tag=ring:0", ["full", "windows"]],
        ["tag=ring:0&tag=a%20b:c:d", ["full"]],
        ["tag=ring:1", []],
        ["tag=ring:", []],
        ["has_registration_type=warp", ["bare", "full", "windows"]],
        ["has_registration_type=browser_extension&id=dev_full", []],
        ["unknown=1&per_page=0&cursor=", ["bare", "full", "windows"]],
      ] as const)
        assert.deepEqual(await listed(`${physical}?${query}`), wanted, query);
      for (const [query, wanted] of [
        ["status=all", ["bare", "full", "gone", "windows"]],
        ["status=active", ["bare", "full", "windows"]],
        ["status=revoked", ["gone"]],
        ["user.id=u1", ["full"]],
        ["user.id=u1&user.id=u2", ["full", "windows"]],
        ["user.id=u1&status=all", ["full", "gone"]],
        ["device.id=dev_bare", ["bare"]],
        ["device.id=dev_bare&id=dev_full", []],
        ["device.id=dev_bare&id=dev_full&id=dev_bare", ["bare"]],
        ["search=dow", ["windows"]],
        ["seen_before=2026-01-15T00:00:00Z", ["bare"]],
        ["registration_type=warp&id=dev_full", ["full"]],
        ["registration_type=browser_extension", []],
      ] as const)
        assert.deepEqual(await listed(`${registrations}?${query}`), wanted, query);
    });

    it("a page is at most 500 long, and 50 where nothing is said", async () => {
      for (const [asked, wanted] of [
        ["", 50],
        ["per_page=0", 50],
        ["per_page=1", 1],
        ["per_page=99999999999999999999", 500],
      ] as const)
        for (const path of [physical, registrations])
          assert.equal((await ask("GET", `${path}?${asked}`)).body.result_info.per_page, wanted, asked);
    });

    it("what is not there for writing is refused by its verb", async () => {
      for (const [method, path, status] of [
        ["POST", registrations, 405],
        ["DELETE", registrations, 405],
        ["DELETE", `${registrations}/dev_full`, 405],
        ["POST", `${registrations}/revoke?id=dev_full`, 405],
        ["GET", `${registrations}/dev_full/override_codes`, 404],
      ] as const) {
        const told = await ask(method, path);
        assert.equal(told.status, status, `${method} ${path}`);
        assert.equal(told.headers.get("allow"), status === 405 ? "GET" : null, `${method} ${path}`);
      }
    });

    it("are seen through groups, hidden by a deny on one of them, and counted as they are seen", async () => {
      const { body: group } = await ask("POST", "/api/v1/device-groups", {
        body: { org_id: first.orgId, name: "Some" },
      });
      const device_ids = ["dev_full", "dev_gone"];
      await ask("POST", `/api/v1/device-groups/${group.id}/devices`, { body: { device_ids: ["dev_full"] } });
      const on = [key("device-group", group.id)];
      const through = await running.tokenWith({ groups: ["Devices Read"], on });
      const denied: Grant = { effect: "deny", groups: ["Devices Read"], on };
      const without = await running.tokenWith({ groups: ["Devices Read"] }, denied);
      const alone = await running.tokenWith({
        groups: ["Devices Read"],
        on: device_ids.map((id) => key("device", id)),
      });
      for (const path of [physical, registrations]) {
        assert.deepEqual(await listed(path, through), ["full"]);
        assert.deepEqual(await listed(`${path}?search=dow`, through), []);
        assert.deepEqual(await listed(path, without), ["bare", "windows"]);
        assert.deepEqual(await listed(path, alone), ["full"]);
        for (const [token, status] of [
          [through, 200],
          [without, 404],
          [alone, 200],
        ] as const)
          assert.equal((await ask("GET", `${path}/dev_full`, { token })).status, status, path);
        assert.equal((await ask("GET", `${path}/dev_bare`, { token: through })).status, 404, path);
      }
      const all = "active_registrations=include";
      assert.deepEqual(await listed(`${physical}?${all}`, alone), ["full", "gone"]);
      assert.deepEqual(await listed(`${physical}?${all}`, without), ["bare", "gone", "windows"]);
      for (const [method, path] of [
        ["DELETE", `${physical}/dev_full`],
        ["POST", `${physical}/dev_full/revoke`],
      ] as const)
        assert.equal((await ask(method, path, { token: alone })).status, 403, path);
      const nobody = await running.tokenWith({ groups: ["Account Settings Read"] });
      for (const path of [physical, registrations])
        assert.equal((await ask("GET", path, { token: nobody })).status, 403, path);
    });

    it("are revoked and deleted as devices are", async () => {
      const at = `${physical}/dev_bare`;
      for (const dryRun of ["?dry_run=true", "", ""])
        assert.equal((await ask("POST", `${at}/revoke${dryRun}`)).body.result, null);
      assert.equal((await ask("GET", "/api/v1/devices/dev_bare")).body.status, "revoked");
      assert.equal((await ask("GET", at)).body.result.active_registrations, 0);
      const told = await ask("DELETE", at);
      assert.deepEqual([told.status, told.body.result], [200, null]);
      for (const [method, path] of [
        ["GET", at],
        ["DELETE", at],
        ["POST", `${at}/revoke`],
        ["GET", `${registrations}/dev_bare`],
        ["GET", "/api/v1/devices/dev_bare"],
      ] as const)
        assert.equal((await ask(method, path)).status, 404, `${method} ${path}`);
    });

    it("the plain list of a large fleet costs its page: how many it is goes unsaid", async () => {
      const many = Array.from({ length: 10_001 }, (_, place) => blank(`many ${place}`));
      for (let from = 0; from < many.length; from += 1000)
        await running.store.write((db) => insertDevices(db, first.accountId, many.slice(from, from + 1000)));
      const total = async (query: string) =>
        (await ask("GET", `${physical}?per_page=1&${query}`)).body.result_info;
      assert.equal((await total("")).total_count, null);
      assert.equal((await total("")).count, 1);
      assert.equal((await total("active_registrations=include")).total_count, 10_004);
      assert.equal((await total("search=many")).total_count, 10_001);
      assert.equal((await total("sort_by=id")).total_count, 10_003);
      const { policy_id } = (await ask("GET", `${devices}/policy`)).body.result;
      const narrowed = await total(`last_seen_registration.policy=${policy_id}`);
      assert.deepEqual([narrowed.count, narrowed.total_count], [1, null]);
    });
  });

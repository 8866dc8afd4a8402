import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { engines } from "../../../test/engines.ts";
import { first, type Running, startServer, steppingClock } from "../../../test/server.ts";

const account = `/client/v4/accounts/${first.accountId}`;
const versions = `${account}/devices/client-versions`;
const environments = `${versions}/target-environments`;
const full = {
  release_track: "ga",
  release_date: "2026-07-01T10:00:00Z",
  package_url: "https://downloads.example/client.msi",
  package_size: 123_456_789_012,
  release_notes: "One\n\ttwo",
};

for (const engine of engines)
  describe(`client versions on ${engine.name}`, () => {
    let running: Running;
    let ask: Running["ask"];
    before(async () => {
      running = await startServer(await engine.open(), { clock: steppingClock() });
      ask = running.ask;
    });
    after(() => running.stop());

    const put = (path: string, body?: unknown, token?: string) =>
      ask("PUT", `${versions}/${path}`, { ...(body !== undefined && { body }), ...(token && { token }) });
    const list = async (query: string, token?: string) =>
      (await ask("GET", `${versions}?${query}`, token ? { token } : {})).body;
    const listed = async (query: string, token?: string) =>
      (await list(query, token)).result.map(({ version }: { version: string }) => version);
    const refusedAt = ({ status, body }: Awaited<ReturnType<typeof ask>>) => [
      status,
      body.errors[0].source?.pointer,
    ];
    const entries = async () =>
      (await running.store.read((db) => db.selectFrom("audit_entry").selectAll().execute())).length;

    it("is put in, found, replaced and deleted", async () => {
      const made = await put("windows/2026.7.1377.0", full);
      const wanted = { target_environment: "windows", version: "2026.7.1377.0", ...full };
      assert.deepEqual([made.status, made.body.result], [200, wanted]);
      const at = `${versions}/windows/2026.7.1377.0`;
      assert.deepEqual((await ask("GET", at)).body.result, wanted);
      const { release_track: _, target_environment: __, ...shown } = wanted;
      assert.deepEqual((await list("target_environment=windows&release_track=ga")).result, [shown]);
      assert.deepEqual((await list("target_environment=windows&release_track=beta")).result, []);
      const { body } = await put("windows/2026.7.1377.0", { release_track: "beta", package_url: null });
      assert.deepEqual(body.result, {
        target_environment: "windows",
        version: "2026.7.1377.0",
        release_track: "beta",
        release_date: full.release_date,
      });
      assert.deepEqual((await ask("GET", at)).body.result, body.result);
      assert.deepEqual((await ask("DELETE", at)).body.result, body.result);
      for (const method of ["GET", "DELETE"]) assert.equal((await ask(method, at)).status, 404);
      assert.deepEqual(await listed("target_environment=windows&release_track=beta"), []);
    });

    it("needs no body, and is of now and for everybody then", async () => {
      const { body } = await put("linux/1");
      assert.equal(body.result.release_track, "ga");
      assert.match(body.result.release_date, /^2026-11-21T09:00:0\d\.\d{6}Z$/);
      assert.deepEqual((await put("linux/1", {})).body.result, body.result);
    });

    it("changes nothing with equal values, and leaves one entry with others", async () => {
      await put("linux/2", full);
      const kept = () =>
        running.store.read((db) =>
          db.selectFrom("client_version").selectAll().where("version", "=", "2").executeTakeFirstOrThrow(),
        );
      const [row, count] = [await kept(), await entries()];
      const { release_date: _, ...rest } = full;
      const inOther = { ...full, release_date: "2026-07-01T12:00:00+02:00" };
      for (const body of [full, rest, inOther]) assert.equal((await put("linux/2", body)).status, 200);
      assert.deepEqual([await kept(), await entries()], [row, count]);
      await put("linux/2", { ...full, package_size: 1 });
      const changed = await kept();
      assert.deepEqual([changed.created_at, await entries()], [row.created_at, count + 1]);
      assert.ok(changed.updated_at > row.updated_at);
    });

    it("keeps nothing of a dry run", async () => {
      const count = await entries();
      const told = await put("linux/3?dry_run=true", full);
      assert.equal(told.body.result.version, "3");
      assert.equal((await ask("GET", `${versions}/linux/3`)).status, 404);
      assert.equal((await ask("DELETE", `${versions}/linux/2?dry_run=true`)).status, 200);
      assert.equal((await ask("GET", `${versions}/linux/2`)).status, 200);
      assert.equal(await entries(), count);
    });

    it("knows an environment by all its names", async () => {
      const { body } = await put("Darwin/2026.6.836.0", full);
      assert.equal(body.result.target_environment, "macos");
      for (const name of ["mac", "macos", "MacOS", "darwin"]) {
        assert.deepEqual(await listed(`target_environment=${name}&release_track=ga`), ["2026.6.836.0"]);
        assert.deepEqual((await ask("GET", `${versions}/${name}/2026.6.836.0`)).body.result, body.result);
      }
      await put("mac/2026.6.836.0", { ...full, package_size: 5 });
      assert.equal((await ask("GET", `${versions}/macos/2026.6.836.0`)).body.result.package_size, 5);
    });

    it("says which environments there are", async () => {
      await put("Toaster%20OS/1");
      await put("target-environments/1");
      const told = await ask("GET", environments);
      assert.deepEqual(told.body.result, [
        { target_environment: "linux", display_name: "Linux" },
        { target_environment: "macos", display_name: "macOS" },
        { target_environment: "target-environments", display_name: "target-environments" },
        { target_environment: "toaster os", display_name: "toaster os" },
      ]);
      assert.deepEqual((await ask("GET", `${environments}?page=2`)).body.result, []);
    });

    it("is listed by number, the newest first, in pages", async () => {
      for (const version of ["9.0", "10.0", "v10.0.0", "2026.10.1.0", "2026.9.30.0"])
        await put(`android/${version}`);
      await put("android/11", { release_track: "beta" });
      const query = "target_environment=android&release_track=ga";
      const inOrder = ["2026.10.1.0", "2026.9.30.0", "v10.0.0", "10.0", "9.0"];
      assert.deepEqual(await listed(query), inOrder);
      assert.deepEqual(await listed(query.replace("ga", "beta")), ["11"]);
      const second = await list(`${query}&page=2&per_page=2`);
      assert.deepEqual(second.result_info, {
        page: 2,
        per_page: 2,
        count: 2,
        total_count: 5,
        total_pages: 3,
      });
      assert.deepEqual(await listed(`${query}&page=2&per_page=2`), inOrder.slice(2, 4));
      assert.equal((await list(query)).result_info.per_page, 20);
      assert.equal((await list(`${query}&per_page=1000`)).result_info.per_page, 100);
      const past = await list(`${query}&page=99999999999999999999`);
      assert.deepEqual([past.success, past.result, past.result_info.total_count], [true, [], 5]);
    });

    it("is refused by the name of the member", async () => {
      const right = { target_environment: "windows", release_track: "ga" };
      for (const [more, pointer] of [
        [{ release_track: "rc" }, "/release_track"],
        [{ release_track: "GA" }, "/release_track"],
        [{ release_track: undefined }, "/release_track"],
        [{ target_environment: undefined }, "/target_environment"],
        [{ target_environment: "" }, "/target_environment"],
        [{ page: "0" }, "/page"],
      ] as const) {
        const wanted = Object.entries({ ...right, ...more }).filter(([, value]) => value !== undefined);
        const query = new URLSearchParams(wanted as [string, string][]);
        assert.deepEqual(refusedAt(await ask("GET", `${versions}?${query}`)), [400, pointer]);
      }
      for (const [path, pointer] of [
        ["windows/latest", "/version"],
        [`windows/${"1".repeat(256)}`, "/version"],
        ["windows/1%0A2", "/version"],
        ["windows/%00", "/version"],
        [`${"w".repeat(65)}/1`, "/environment"],
        ["a%2Fb/1", "/environment"],
        ["%20/1", "/environment"],
        ["a%07/1", "/environment"],
      ] as const)
        assert.deepEqual(refusedAt(await put(path)), [400, pointer], path);
      assert.equal((await put(`ios/${"1".repeat(255)}`)).status, 200);
      assert.equal((await put(`${"😀".repeat(64)}/1`)).status, 200);
    });
  });

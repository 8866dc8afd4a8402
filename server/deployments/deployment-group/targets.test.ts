import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { engines } from "../../../test/engines.ts";
import { first, type Running, startServer } from "../../../test/server.ts";

const devices = `/client/v4/accounts/${first.accountId}/devices`;
const groups = `${devices}/deployment-groups`;
type Entry = readonly [environment: string | null, version: string];

for (const engine of engines)
  describe(`the versions of deployment groups on ${engine.name}`, () => {
    let running: Running;
    before(async () => {
      running = await startServer(await engine.open());
    });
    after(() => running.stop());

    const ask = (method: string, path: string, body?: object, token?: string) =>
      running.ask(method, path, { ...(body && { body }), ...(token && { token }) });
    const config = (entries: readonly Entry[]) => ({
      version_config: entries.map(([target_environment, version]) => ({ target_environment, version })),
    });
    const post = (...entries: Entry[]) => ask("POST", groups, { name: "Ring", ...config(entries) });
    const patch = (id: string, ...entries: Entry[]) => ask("PATCH", `${groups}/${id}`, config(entries));
    const put = (path: string) => ask("PUT", `${devices}/client-versions/${path}`, {});

    it("may be any while the catalogue is empty", async () => {
      assert.equal((await post(["windows", "latest"], [null, "1"])).status, 200);
    });

    it("are checked where the catalogue holds the environment", async () => {
      const before = (await post(["macos", "1"], [null, "0.1"], ["linux", "1"])).body.result;
      for (const number of [1, 2, 3, 4, 5, 10]) await put(`macos/2026.${number}.0.0`);
      for (const entry of [
        ["macos", "2026.10.0.0"],
        ["Darwin", "2026.010"],
        ["linux", "anything"],
        [null, "2026.4"],
      ] as const)
        assert.equal((await post(entry)).status, 200, entry.join(" "));
      const refused = await post(["linux", "1"], ["mac", "2026.6.0.0"], [null, "2026.6.0.0"]);
      const [{ message, source }] = refused.body.errors;
      assert.deepEqual([refused.status, source], [400, { pointer: "/version_config/1/version" }]);
      assert.equal(
        message,
        "Invalid request: version_config/1/version: expected a client version of macos, such as " +
          "2026.10.0.0, 2026.5.0.0, 2026.4.0.0, 2026.3.0.0, 2026.2.0.0",
      );
      const everywhere = (await post(["linux", "1"], [null, "3"])).body.errors[0];
      assert.equal(everywhere.source.pointer, "/version_config/1/version");
      assert.match(everywhere.message, /a client version of any environment, such as 2026\.10\.0\.0, /);
      assert.equal((await post(["macos", "latest"])).status, 400);

      assert.equal((await ask("PATCH", `${groups}/${before.id}`, { name: "Other" })).status, 200);
      assert.equal((await patch(before.id, ["mac", "1"], [null, "0.1"], ["linux", "2"])).status, 200);
      for (const wrong of [
        ["macos", "0.1"],
        [null, "1"],
        ["macos", "1.0"],
      ] as const) {
        const told = await patch(before.id, ["linux", "2"], wrong);
        assert.deepEqual(
          [told.status, told.body.errors[0].source.pointer],
          [400, "/version_config/1/version"],
        );
      }
      assert.equal((await patch(before.id, ["linux", "2"])).status, 200);
      assert.equal((await patch(before.id, ["macos", "1"])).status, 400);
    });

    it("stay when they leave the catalogue", async () => {
      await put("windows/7");
      await put("windows/8");
      const { id } = (await post(["windows", "7"])).body.result;
      assert.equal((await ask("DELETE", `${devices}/client-versions/windows/7`)).status, 200);
      assert.equal((await patch(id, ["windows", "7"])).status, 200);
      assert.equal((await post(["windows", "7"])).status, 400);
      await ask("DELETE", `${devices}/client-versions/windows/8`);
      assert.equal((await post(["windows", "9"])).status, 200);
    });

    it("are named only as far as the caller may see them", async () => {
      const key = "com.cloudflare.api.account.client-version.macos/2026.10.0.0";
      const some = await running.tokenWith(
        { groups: ["Zero Trust Write"] },
        { effect: "deny", groups: ["Zero Trust Read"], on: [key] },
      );
      const none = await running.tokenWith({
        groups: ["Zero Trust Write"],
        on: ["com.cloudflare.api.account.deployment-group.*"],
      });
      const body = { name: "Ring", ...config([["macos", "3000"]]) };
      const told = async (token: string) =>
        (await ask("POST", groups, body, token)).body.errors[0].message.split(": ").at(-1);
      assert.equal(
        await told(some),
        "expected a client version of macos, such as 2026.5.0.0, 2026.4.0.0, 2026.3.0.0, 2026.2.0.0, 2026.1.0.0",
      );
      assert.equal(await told(none), "expected a client version of macos");
    });
  });

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { engines } from "../../../test/engines.ts";
import { first, type Running, startServer } from "../../../test/server.ts";

const versions = `/client/v4/accounts/${first.accountId}/devices/client-versions`;
const key = (id: string) => `com.cloudflare.api.account.client-version.${id}`;

for (const engine of engines)
  describe(`rights on client versions on ${engine.name}`, () => {
    let running: Running;
    let ask: Running["ask"];
    before(async () => {
      running = await startServer(await engine.open());
      ask = running.ask;
      for (const path of ["windows/1", "windows/2", "macos/1"]) await ask("PUT", `${versions}/${path}`);
    });
    after(() => running.stop());

    const shown = async (token: string) => {
      const { body } = await ask("GET", `${versions}?target_environment=windows&release_track=ga`, { token });
      assert.equal(body.result_info.total_count, body.result.length);
      return body.result.map(({ version }: { version: string }) => version);
    };
    const environments = async (token: string) => {
      const { body } = await ask("GET", `${versions}/target-environments`, { token });
      assert.equal(body.result_info.total_count, body.result.length);
      return body.result.map(({ target_environment }: any) => target_environment);
    };
    const status = async (token: string, method: string, path: string) =>
      (await ask(method, `${versions}/${path}`, { token })).status;

    it("let a reader read, and not write", async () => {
      const token = await running.tokenWith({ groups: ["Zero Trust Read"] });
      assert.deepEqual(await shown(token), ["2", "1"]);
      assert.equal(await status(token, "GET", "windows/1"), 200);
      for (const path of ["windows/1", "windows/9"]) assert.equal(await status(token, "PUT", path), 403);
      assert.equal(await status(token, "DELETE", "windows/1"), 403);
      assert.equal(await status(token, "DELETE", "windows/9"), 404);
    });

    it("show those that one may see, and their environments", async () => {
      const token = await running.tokenWith({ groups: ["Zero Trust Read"], on: [key("windows/1")] });
      assert.deepEqual([await shown(token), await environments(token)], [["1"], ["windows"]]);
      for (const path of ["windows/2", "macos/1", "windows/9"])
        assert.equal(await status(token, "GET", path), 404);
      const others = await running.tokenWith(
        { groups: ["Zero Trust Read"] },
        { effect: "deny", groups: ["Zero Trust Read"], on: [key("macos/1"), key("windows/2")] },
      );
      assert.deepEqual([await shown(others), await environments(others)], [["1"], ["windows"]]);
      const none = await running.tokenWith({ groups: ["Device Groups Read"] });
      for (const path of ["target-environments", "windows/1", "?target_environment=windows&release_track=ga"])
        assert.equal(await status(none, "GET", path), 403);
    });

    it("on one hold before it is there", async () => {
      const denied = await running.tokenWith(
        { groups: ["Zero Trust Write"] },
        { effect: "deny", groups: ["Zero Trust Write"], on: [key("macos/7")] },
      );
      assert.equal(await status(denied, "PUT", "mac/7"), 404);
      assert.equal(await status(denied, "PUT", "mac/8"), 200);
      const allowed = await running.tokenWith({ groups: ["Zero Trust Write"], on: [key("macos/7")] });
      assert.equal(await status(allowed, "PUT", "mac/9"), 404);
      assert.equal(await status(allowed, "PUT", "mac/7"), 200);
      assert.equal(await status(allowed, "DELETE", "mac/7"), 200);
    });
  });

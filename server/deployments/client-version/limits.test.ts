import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { engines } from "../../../test/engines.ts";
import { first, type Running, startServer } from "../../../test/server.ts";
import { environmentsMax, versionsMax } from "./client-version.ts";
import { insertClientVersion } from "./store.ts";

const versions = `/client/v4/accounts/${first.accountId}/devices/client-versions`;

for (const engine of engines)
  describe(`a full catalogue on ${engine.name}`, () => {
    let running: Running;
    before(async () => {
      running = await startServer(await engine.open());
    });
    after(() => running.stop());

    const fill = (environments: readonly string[], numbers: readonly number[]) =>
      running.store.write(async (db) => {
        const rest = { packageUrl: null, packageSize: null, releaseNotes: null, releaseDate: 1 };
        for (const environment of environments)
          for (const number of numbers)
            await insertClientVersion(db, first.accountId, {
              ...{ environment, version: `${number}`, releaseTrack: "ga", ...rest },
              ...{ createdAt: 1, updatedAt: 1 },
            });
      });
    const count = (length: number) => [...Array(length).keys()];
    const put = (path: string, body: object = {}) =>
      running.ask("PUT", `${versions}/${path}`, { body }).then(({ status }) => status);

    it("takes no more versions of one environment, and changes of those that it has", async () => {
      await fill(["windows"], count(versionsMax - 1));
      assert.equal(await put("windows/5000"), 200);
      assert.equal(await put("windows/5001"), 409);
      assert.equal(await put("windows/5000", { package_size: 1 }), 200);
      assert.equal(await put("macos/5001"), 200);
    });

    it("takes no more environments, and more versions for those that it has", async () => {
      await fill(
        count(environmentsMax - 3).map((number) => `environment ${number}`),
        [1],
      );
      assert.equal(await put("one%20more/1"), 200);
      assert.equal(await put("too%20many/1"), 409);
      assert.equal(await put("macos/5002"), 200);
      const { body } = await running.ask("GET", `${versions}/target-environments`);
      assert.equal(body.result.length, environmentsMax);
    });
  });

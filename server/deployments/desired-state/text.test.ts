import assert from "node:assert/strict";
import { it } from "node:test";
import { engines } from "../../../test/engines.ts";
import { first, startServer } from "../../../test/server.ts";

for (const engine of engines)
  it(`a desired state out of memory is the same text as one that is written, on ${engine.name}`, async () => {
    const running = await startServer(await engine.open(), { checkAnswers: false });
    try {
      const body = { device_identifier: 'a "quoted" one', platform: "linux" };
      const { id } = (await running.ask("POST", "/api/v1/devices/register", { body })).body;
      const v4 = `/client/v4/accounts/${first.accountId}/devices/deployment-groups`;
      const config = [{ target_environment: null, version: 'v"1' }];
      const { result } = (await running.ask("GET", `/client/v4/accounts/${first.accountId}/devices/policy`))
        .body;
      const group = { name: 'Ring "0"', version_config: config, policy_ids: [result.policy_id] };
      await running.ask("POST", v4, { body: group });
      const path = `${running.url}/api/v1/devices/${id}/desired-state`;
      const ask = async (query = "") => {
        const answer = await fetch(path + query, { headers: { authorization: `Bearer ${first.apiToken}` } });
        return { text: await answer.text(), type: answer.headers.get("content-type") };
      };
      const written = await ask();
      assert.match(written.text, /v\\"1/);
      assert.deepEqual(await ask(), written);
      assert.deepEqual(await ask("?explain=false"), written);
    } finally {
      await running.stop();
    }
  });

import assert from "node:assert/strict";
import { it } from "node:test";
import { engines } from "../../../test/engines.ts";
import { first, startServer } from "../../../test/server.ts";

for (const engine of engines)
  it(`a device sees which groups it is in, and not what fills them, on ${engine.name}`, async () => {
    const running = await startServer(await engine.open());
    const { ask } = running;
    try {
      const rules = { matchLabels: { ring: "1" } };
      const body = {
        ...{ org_id: first.orgId, name: "Ring 1", group_type: "dynamic" },
        auto_assignment_rules: rules,
      };
      assert.equal((await ask("POST", "/api/v1/device-groups", { body })).status, 201);
      const device = { device_identifier: "device", platform: "linux", labels: { ring: "1" } };
      const { id, api_key: token } = (await ask("POST", "/api/v1/devices/register", { body: device })).body;
      const path = `/api/v1/devices/${id}/groups`;
      const [whole] = (await ask("GET", path)).body.groups;
      assert.deepEqual(whole.auto_assignment_rules, rules);
      const told = await ask("GET", path, { token });
      assert.equal(told.status, 200);
      assert.deepEqual(told.body.groups, [{ ...whole, auto_assignment_rules: null }]);
      assert.equal(told.body.groups[0].device_count, 1);
    } finally {
      await running.stop();
    }
  });

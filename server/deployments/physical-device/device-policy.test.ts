import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { engines } from "../../../test/engines.ts";
import { first, type Running, startServer } from "../../../test/server.ts";

const devices = `/client/v4/accounts/${first.accountId}/devices`;
const physical = `${devices}/physical-devices`;
const registrations = `${devices}/registrations`;
const member = "last_seen_registration.policy";
const platforms = ["macos", "windows", "linux", "ios"];

for (const engine of engines)
  describe(`the device policies of physical devices on ${engine.name}`, () => {
    let running: Running;
    let ask: Running["ask"];
    const ids: Record<string, string> = {};
    let standard = "";
    before(async () => {
      running = await startServer(await engine.open());
      ask = running.ask;
      standard = (await ask("GET", `${devices}/policy`)).body.result.policy_id;
      const group = await ask("POST", "/api/v1/device-groups", {
        body: { org_id: first.orgId, name: "Pilot" },
      });
      for (let place = 0; place < 24; place++) {
        const body = {
          org_id: first.orgId,
          device_identifier: `device ${place}`,
          platform: platforms[place % 4],
          client_version: `1.${place % 5}`,
          labels: place % 3 === 0 ? { ring: String(place % 2) } : {},
          user: {
            email: `u${place % 6}@example.com`,
            groups: [{ name: place % 8 < 2 ? "Staff" : "Guests" }],
          },
        };
        const { body: made } = await ask("POST", "/api/v1/devices/register", { body });
        if (place % 7 === 0) await ask("POST", `/api/v1/device-groups/${group.body.id}/devices/${made.id}`);
      }
      const policies = [
        ["disabled", 'os.name == "linux" or not (os.name == "linux")', 1, false],
        ["pilot", 'any(device.groups[*] == "Pilot")', 2, true],
        ["ring", 'device.labels["ring"] == "1" or identity.email == "u5@example.com"', 3, true],
        ["staff", 'any(identity.groups.name[*] == "Staff") and not (os.name == "ios")', 4, true],
        ["old", 'device.client_version < "1.2"', 5, true],
        ["behind", 'device.client_version < "1.2"', 6, true],
        ["mac", 'os.name == "mac"', 7, true],
      ] as const;
      for (const [name, match, precedence, enabled] of policies) {
        const { status, body } = await ask("POST", `${devices}/policy`, {
          body: { name, match, precedence, enabled },
        });
        assert.equal(status, 200, JSON.stringify(body));
        ids[name] = body.result.policy_id;
      }
      ids.Default = standard;
    });
    after(() => running.stop());

    const all = async (path: string): Promise<any[]> => {
      const shown: any[] = [];
      for (let cursor = ""; ; ) {
        const { status, body } = await ask("GET", `${path}&per_page=5&cursor=${cursor}`);
        assert.equal(status, 200, `${path}: ${JSON.stringify(body)}`);
        shown.push(...body.result);
        cursor = body.result_info.cursor;
        if (cursor === "") assert.equal(body.result_info.total_count, shown.length, path);
        if (cursor === "") return shown;
      }
    };

    it("are told where they are asked for, and are those that their desired states name", async () => {
      const found = new Set<string>();
      const told = await all(`${physical}?include=${member}`);
      assert.equal(told.length, 24);
      for (const { id, last_seen_registration: of } of told) {
        const { body } = await ask("GET", `/api/v1/devices/${id}/desired-state`);
        const { device_policy } = body.client.reason;
        assert.deepEqual({ id: of.policy.id, name: of.policy.name }, device_policy);
        assert.deepEqual([of.policy.default, of.policy.deleted], [of.policy.id === standard, false]);
        const one = (await ask("GET", `${physical}/${id}?include=${member}`)).body.result;
        assert.deepEqual(one.last_seen_registration, of);
        const { policy } = (await ask("GET", `${registrations}/${id}?include=policy`)).body.result;
        assert.deepEqual(policy, of.policy);
        found.add(of.policy.name);
      }
      assert.deepEqual([...found].sort(), ["Default", "mac", "old", "pilot", "ring", "staff"]);
      const bare = await all(`${physical}?`);
      assert.ok(bare.every((device) => !("last_seen_registration" in device)));
      assert.ok((await all(`${registrations}?`)).every((one) => !("policy" in one)));
    });

    it("narrow both lists, by either spelling", async () => {
      const told = await all(`${physical}?include=${member}`);
      for (const [name, id] of Object.entries(ids)) {
        const wanted = told
          .filter(({ last_seen_registration: of }) => of.policy.id === id)
          .map((device) => device.id);
        for (const path of [
          `${physical}?${member}=${id}`,
          `${physical}?${member}.id=${id}`,
          `${physical}?${member}=${id}&${member}.id=${id}&include=${member}`,
          `${registrations}?policy.id=${id}`,
          `${registrations}?policy.id=${id}&include=policy&sort_by=created_at`,
        ])
          assert.deepEqual(
            (await all(path)).map((one) => one.id),
            wanted,
            `${name}: ${path}`,
          );
      }
      for (const none of [
        `${physical}?${member}=none`,
        `${physical}?${member}=${ids.mac}&${member}.id=${ids.old}`,
        `${registrations}?policy.id=`,
      ])
        assert.deepEqual(await all(none), [], none);
    });

    it("are as they are now", async () => {
      const { id } = (await all(`${physical}?${member}=${ids.mac}`))[0];
      const at = `${devices}/policy/${ids.mac}`;
      const now = async () =>
        (await ask("GET", `${physical}/${id}?include=${member}`)).body.result.last_seen_registration.policy
          .id;
      assert.equal(await now(), ids.mac);
      await ask("PATCH", at, { body: { enabled: false } });
      assert.equal(await now(), standard);
      assert.deepEqual(await all(`${physical}?${member}=${ids.mac}`), []);
      await ask("DELETE", at);
      assert.equal(await now(), standard);
    });

    it("is the default one of everybody where there is no other", async () => {
      for (const [name, id] of Object.entries(ids))
        if (name !== "Default") await ask("DELETE", `${devices}/policy/${id}`);
      const told = await all(`${physical}?include=${member}&${member}=${standard}`);
      assert.equal(told.length, 24);
      assert.ok(told.every(({ last_seen_registration: of }) => of.policy.default));
    });
  });

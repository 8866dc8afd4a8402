/** What looks odd in a device policy and is none the less taken: nothing comes of it that was not meant. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { buildSystem, type System } from "../attack/system.ts";
import { engines } from "../engines.ts";
import { first, startServer } from "../server.ts";
import { stateOf } from "../state.ts";

const devices = `/client/v4/accounts/${first.accountId}/devices`;
const policy = `${devices}/policy`;
const network = "F174E90A-FAFE-4643-BBBC-4A0ED4FC8415";
const networks = [
  network,
  ...Array.from({ length: 999 }, (_, index) => `f174e90a-fafe-4643-bbbc-${String(index).padStart(12, "0")}`),
];

/** The most, the least and the longest that each setting takes. */
const limits: Readonly<Record<string, unknown>>[] = [
  {
    ...{ auto_connect: 86_400, captive_portal: 86_400, lan_allow_minutes: 1_000_000 },
    ...{ lan_allow_subnet_size: 128, support_url: "😀".repeat(2048), tunnel_protocol: "x".repeat(64) },
    service_mode_v2: { mode: "x".repeat(64), port: 65_535 },
    dns_search_suffixes: Array(1000).fill({ suffix: "x".repeat(255), description: "é".repeat(100) }),
    exclude: Array(1000).fill({ address: "x".repeat(255), description: "é".repeat(100) }),
    virtual_networks: { allowed: networks, default: network },
    global_acceleration: {
      enabled: false,
      ...{ api_endpoints: Array(5).fill("x".repeat(255)), wireguard_endpoints: [], masque_endpoints: ["x"] },
    },
  },
  {
    ...{ auto_connect: 0, captive_portal: 0, lan_allow_minutes: 0, lan_allow_subnet_size: 0 },
    ...{ support_url: "", tunnel_protocol: "", service_mode_v2: { mode: "x", port: 0 } },
    ...{ dns_search_suffixes: [], exclude: [], include: [{ host: "x", description: "" }] },
  },
];
const names = [...new Set(limits.flatMap(Object.keys))];

for (const engine of engines)
  describe(`odd input about device policies that is taken on ${engine.name}`, () => {
    let system: System;
    let own: string;
    before(async () => {
      system = await buildSystem(await startServer(await engine.open()));
      own = `${policy}/${system.things["device-policy"]?.own.id}`;
    });
    after(() => system.running.stop());

    const told = async (method: string, path: string, body?: unknown) => {
      const answer = await system.running.ask(method, path, body === undefined ? {} : { body });
      assert.equal(
        answer.status,
        200,
        `${JSON.stringify(body)?.slice(0, 300)}: ${JSON.stringify(answer.body)}`,
      );
      return answer.body.result;
    };
    const unchangedBy = async (path: string, body: object) => {
      const result = await told("GET", path);
      const untouched = await stateOf(system.running.store);
      assert.deepEqual(await told("PATCH", path, body), result);
      assert.deepEqual(await stateOf(system.running.store), untouched, `${path} ${JSON.stringify(body)}`);
    };

    it("nothing, unknown members, and null for what can't be taken away", async () => {
      const unknown = { policy_id: "another", default: true, target_tests: 5, profile_type: [], x: { y: 1 } };
      const inherited = { toString: 1, hasOwnProperty: null };
      for (const path of [own, policy])
        for (const body of [{}, unknown, inherited]) await unchangedBy(path, body);
      await unchangedBy(own, { name: null, match: null, precedence: null, enabled: null });
      // To the default one these are unknown, whatever they are.
      await unchangedBy(policy, { name: 5, match: "nothing", precedence: -1, description: [], enabled: 0 });
    });

    it("members that are not known within what is", async () => {
      const more = { since: 1, autoswitch: true, x: [{}] };
      const on = { enabled: true, api_endpoints: [], wireguard_endpoints: [], masque_endpoints: [] };
      const sent = {
        service_mode_v2: { mode: "proxy", port: 1 },
        global_acceleration: on,
        virtual_networks: { allowed: [network], default: network },
      };
      const lists = {
        exclude: [{ address: "192.0.2.0/24" }, { host: "a", description: "A" }],
        dns_search_suffixes: [{ suffix: "a" }],
      };
      const body = {
        ...Object.fromEntries(Object.entries(sent).map(([name, value]) => [name, { ...value, ...more }])),
        ...Object.fromEntries(
          Object.entries(lists).map(([name, items]) => [name, items.map((item) => ({ ...item, ...more }))]),
        ),
      };
      for (const path of [own, policy]) {
        const result = await told("PATCH", path, body);
        for (const [name, value] of Object.entries({ ...sent, ...lists }))
          assert.deepEqual(result[name], value);
        await unchangedBy(path, body);
      }
    });

    it("what is just within the limits, and null that takes it away again", async () => {
      const cleared = Object.fromEntries(names.map((name) => [name, null]));
      for (const path of [own, policy]) {
        const bare = await told("PATCH", path, cleared);
        for (const most of limits) {
          const full = await told("PATCH", path, most);
          for (const [name, value] of Object.entries(most)) assert.deepEqual(full[name], value, name);
          let left = full;
          for (const name of Object.keys(most)) {
            left = await told("PATCH", path, { [name]: null });
            assert.deepEqual(left[name], bare[name], name);
          }
          assert.deepEqual(left, bare);
          await told("PATCH", path, most);
          assert.deepEqual(await told("PATCH", path, cleared), bare);
        }
      }
    });

    it("null in a new one for all that it need not have", async () => {
      const required = {
        name: "é".repeat(100),
        match: 'network == "x"'.padEnd(500),
        precedence: 999_999_999,
      };
      const rest = Object.fromEntries([...names, "description", "enabled"].map((name) => [name, null]));
      const made = await told("POST", policy, { ...required, ...rest });
      const { policy_id, gateway_unique_id, ...shown } = made;
      assert.deepEqual([shown.match, shown.enabled, shown.description], [required.match, true, ""]);
      await told("DELETE", `${policy}/${policy_id}`);
      const again = await told("POST", policy, required);
      const { policy_id: _id, gateway_unique_id: _gateway, ...same } = again;
      assert.deepEqual(same, shown);
    });

    it("what was read, sent back whole", async () => {
      const exclude = [{ address: "192.0.2.0/24" }];
      for (const path of [own, policy]) {
        const read = await told("PATCH", path, { exclude, include: null, captive_portal: 1 });
        assert.deepEqual(await told("PATCH", path, read), read);
        await unchangedBy(path, read);
      }
    });

    // What is excluded by default is answered beside what was included, and both at once are refused.
    it("what was read where something is included, sent back whole", async () => {
      const read = await told("PATCH", own, { exclude: null, include: [{ host: "a.example" }] });
      assert.deepEqual(await told("PATCH", own, read), read);
    });
  });

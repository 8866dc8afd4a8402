/** Every operation on device policies answers as it is published, when it succeeds and when it fails. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { engines } from "./engines.ts";
import { first, type Running, startServer } from "./server.ts";
import { expectShape, publishedOperations, routeOf } from "./shapes.ts";

const devices = `/client/v4/accounts/${first.accountId}/devices`;
const policy = `${devices}/policy`;
const policies = `${devices}/policies`;
const none = "00000000-0000-7000-8000-000000000000";
const network = "f174e90a-fafe-4643-bbbc-4a0ed4fc8415";
const family = publishedOperations.filter((one) => /\/devices\/polic/.test(one));

/** Every setting as something else than what holds without it. */
const settings = {
  allow_mode_switch: true,
  allow_updates: true,
  allowed_to_leave: false,
  auto_connect: 30,
  captive_portal: 60,
  disable_auto_fallback: true,
  dns_search_suffixes: [{ suffix: "corp.example" }, { suffix: "a.example", description: "A" }],
  exclude: [{ address: "10.0.0.0/8", description: "Office" }, { host: "*.example.com" }],
  exclude_office_ips: true,
  global_acceleration: {
    enabled: true,
    api_endpoints: ["192.0.2.1:443"],
    wireguard_endpoints: [],
    masque_endpoints: ["[2001:db8::1]:443"],
  },
  lan_allow_minutes: 30,
  lan_allow_subnet_size: 24,
  register_interface_ip_with_dns: false,
  sccm_vpn_boundary_support: true,
  service_mode_v2: { mode: "proxy", port: 3000 },
  support_url: "https://support.example",
  switch_locked: true,
  tunnel_protocol: "masque",
  virtual_networks: { allowed: [network], default: network },
};
const routes = {
  exclude: [],
  include: [{ address: "192.0.2.0/24" }, { host: "b.example", description: "B" }],
};
const cleared = Object.fromEntries([...Object.keys(settings), "include"].map((name) => [name, null]));

for (const engine of engines)
  describe(`device policies' operations on ${engine.name}`, () => {
    let running: Running;
    const answered = new Set<string>();
    before(async () => {
      running = await startServer(await engine.open());
    });
    after(() => running.stop());

    /** Asks, and checks status and shape. */
    const told = async (status: number, method: string, path: string, body?: unknown, token?: string) => {
      const ask = { ...(body !== undefined && { body }), ...(token && { token }) };
      const answer = await running.ask(method, path, ask);
      assert.equal(answer.status, status, `${method} ${path}: ${JSON.stringify(answer.body)}`);
      expectShape(method, path, status, answer.body);
      answered.add(`${status < 400} ${method} ${routeOf(path)}`);
      return answer.body;
    };
    const right = (precedence: number) => ({ name: "One", match: 'os.name == "linux"', precedence });

    it("on the default one", async () => {
      const standard = (await told(200, "GET", policy)).result;
      for (const body of [{}, settings, routes])
        for (const query of ["?dry_run=true", ""]) await told(200, "PATCH", policy + query, body);
      const changed = (await told(200, "GET", policy)).result;
      for (const [name, value] of Object.entries({ ...settings, ...routes }))
        assert.deepEqual(changed[name], value, name);
      await told(200, "PATCH", policy, cleared);
      assert.deepEqual((await told(200, "GET", policy)).result, standard);
      await told(400, "PATCH", policy, { captive_portal: -1 });
      await told(400, "PATCH", policy);
      await told(409, "DELETE", `${policy}/${standard.policy_id}`);
    });

    it("on the others", async () => {
      const bare = (await told(200, "POST", policy, right(1))).result;
      const full = { ...right(2), ...settings, description: "All", enabled: false };
      await told(200, "POST", `${policy}?dry_run=true`, full);
      const made = (await told(200, "POST", policy, full)).result;
      const { policy_id, default: isDefault, ...rest } = made;
      assert.equal(isDefault, false);
      for (const [name, value] of Object.entries(full)) assert.deepEqual(rest[name], value, name);
      const at = `${policy}/${policy_id}`;
      await told(200, "GET", at);
      for (const body of [{}, routes, cleared])
        for (const query of ["?dry_run=true", ""]) await told(200, "PATCH", at + query, body);
      for (const query of ["", "?profile_type=warp", "?page=2", "?per_page=1"])
        await told(200, "GET", policies + query);
      await told(400, "PATCH", at, { precedence: 1 });
      await told(400, "POST", policy, right(1));
      await told(400, "POST", policy, { ...right(3), match: "nothing" });
      await told(400, "GET", `${policies}?page=0`);
      await told(200, "DELETE", `${at}?dry_run=true`);
      await told(200, "DELETE", at);
      await told(200, "DELETE", `${policy}/${bare.policy_id}`);
      for (const method of ["GET", "PATCH", "DELETE"])
        await told(404, method, at, method === "PATCH" ? {} : undefined);
    });

    it("by somebody who may not", async () => {
      const may = await running.tokenWith({ groups: ["Devices Read"] });
      for (const operation of family) {
        const [method = "", route = ""] = operation.split(" ");
        const path = `/client/v4${route}`.replace("{account_id}", first.accountId).replace(/\{\w+\}/g, none);
        const body = method === "POST" || method === "PATCH" ? {} : undefined;
        await told(403, method, path, body, may);
      }
    });

    it("all of them, when they succeed and when they fail", () => {
      assert.equal(family.length, 7);
      const wanted = family.flatMap((one) => [`true ${one}`, `false ${one}`]);
      assert.deepEqual(
        wanted.filter((one) => !answered.has(one)),
        [],
      );
    });
  });

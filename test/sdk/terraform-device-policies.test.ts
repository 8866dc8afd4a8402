import assert from "node:assert/strict";
import { it } from "node:test";
import { account, planned, type Send, withTerraform } from "./terraform.ts";

const policy = `${account}/devices/policy`;

/** What the provider plans, and sends, where a configuration says nothing: other answers would be drift. */
const planDefaults = {
  allow_mode_switch: false,
  allow_updates: false,
  allowed_to_leave: true,
  auto_connect: 0,
  captive_portal: 180,
  disable_auto_fallback: false,
  exclude_office_ips: false,
  register_interface_ip_with_dns: true,
  sccm_vpn_boundary_support: false,
  support_url: "",
  switch_locked: false,
  tunnel_protocol: "",
};
const itself = { name: "tf", match: 'identity.email == "test@cloudflare.com"', precedence: 10 };
const ofCustom = { ...planDefaults, enabled: true, description: "" };
const network = "f174e90a-fafe-4643-bbbc-4a0ed4fc8415";
const further = {
  description: "Managed",
  dns_search_suffixes: [{ suffix: "b.example", description: "B" }, { suffix: "a.example" }],
  exclude: [{ host: "z.example" }, { address: "10.0.0.0/8", description: "Office" }],
  service_mode_v2: { mode: "proxy", port: 3000 },
  lan_allow_minutes: 30,
  lan_allow_subnet_size: 24,
  virtual_networks: { allowed: [network], default: network },
};
/** What is answered of what is only computed, and so must be there, and stay. */
const computed = ["default", "gateway_unique_id", "fallback_domains", "target_tests", "policy_id", "exclude"];

withTerraform("custom device profiles", (send) => customProfiles(send));
withTerraform("the default device profile", (send) => defaultProfile(send));

/** Reads as a plan does: it is empty when all that is configured is there, and what was computed stays. */
async function emptyPlan(send: Send, path: string, config: object, state: any): Promise<any> {
  const { result, text } = await planned(send, path);
  for (const [name, value] of Object.entries(config)) assert.deepEqual(result[name], value, name);
  for (const name of computed) assert.deepEqual([name, result[name]], [name, state[name]]);
  assert.ok(computed.every((name) => result[name] !== undefined));
  assert.equal(JSON.stringify(result), JSON.stringify(state));
  assert.ok(text.includes(JSON.stringify(state)));
  return result;
}

/** Sends what changed, after which the plan is empty. */
async function applied(send: Send, path: string, patch: object, config: object): Promise<any> {
  const updated = await send("PATCH", path, patch);
  assert.equal(updated.status, 200, updated.text);
  return emptyPlan(send, path, config, updated.result);
}

async function created(send: Send, config: object): Promise<{ path: string; state: any }> {
  const made = await send("POST", policy, config);
  assert.equal(made.status, 200, made.text);
  const path = `${policy}/${made.result.policy_id}`;
  return { path, state: await emptyPlan(send, path, config, made.result) };
}

/** Destroys, after which reading is 404, and so is destroying again. */
async function destroyed(send: Send, path: string): Promise<void> {
  const { status, result } = await send("DELETE", path);
  assert.equal(status, 200);
  assert.ok(result.every(({ policy_id }: { policy_id: string }) => !path.endsWith(policy_id)));
  assert.equal((await send("GET", path)).status, 404);
  assert.equal((await send("DELETE", path)).status, 404);
}

function customProfiles(send: Send): void {
  it("create, read and destroy one that says the least", async () => {
    const { path, state } = await created(send, { ...ofCustom, ...itself });
    assert.deepEqual([state.include, state.dns_search_suffixes], [[], []]);
    for (const name of ["lan_allow_minutes", "lan_allow_subnet_size", "virtual_networks"])
      assert.equal(name in state, false, name);
    await destroyed(send, path);
  });

  it("create one that says all, change it, and take each attribute away again", async () => {
    const bare = { ...ofCustom, ...itself };
    const { path, state } = await created(send, { ...bare, ...further });
    assert.deepEqual(await applied(send, path, {}, { ...bare, ...further }), state);
    const changed = {
      ...{ name: "tf renamed", precedence: 20, enabled: false, match: 'os.name == "linux"\n' },
      exclude: further.exclude.toReversed(),
      dns_search_suffixes: further.dns_search_suffixes.toReversed(),
      service_mode_v2: { mode: "proxy", port: 4000 },
    };
    await applied(send, path, changed, { ...bare, ...further, ...changed });
    for (const [name, value] of Object.entries({
      switch_locked: true,
      captive_portal: 90,
      auto_connect: 5,
    })) {
      await applied(send, path, { [name]: value }, { [name]: value });
      const planDefault = (planDefaults as Record<string, unknown>)[name];
      await applied(send, path, { [name]: planDefault }, { [name]: planDefault });
    }
    for (const name of Object.keys(further)) {
      const { [name]: before, ...rest } = await applied(send, path, {}, {});
      assert.notEqual(before, undefined);
      const { [name]: after, ...same } = await applied(send, path, { [name]: null }, {});
      assert.deepEqual(same, rest, name);
      assert.notDeepEqual(after, before, name);
    }
    const { name, precedence, enabled, match } = changed;
    const left = await applied(send, path, {}, { ...bare, name, precedence, enabled, match });
    assert.ok(!("lan_allow_minutes" in left) && left.exclude.length === 16);
    await destroyed(send, path);
  });

  it("keep an empty list and one that is not configured apart from the other", async () => {
    const { path } = await created(send, { ...itself, exclude: [], dns_search_suffixes: [] });
    const include = [{ address: "192.0.2.0/24" }, { host: "a.example" }];
    await applied(send, path, { include }, { exclude: [], include });
    await applied(send, path, { include: [] }, { exclude: [], include: [] });
    await destroyed(send, path);
  });

  it("import one, list those there are, and find it gone when it was deleted elsewhere", async () => {
    const { path, state } = await created(send, { ...ofCustom, ...itself, ...further });
    assert.deepEqual((await planned(send, path)).result, state);
    const listed = await send("GET", `${account}/devices/policies`);
    assert.deepEqual(
      listed.result.filter(({ policy_id }: { policy_id: string }) => path.endsWith(policy_id)),
      [state],
    );
    await destroyed(send, path);
    assert.equal((await send("PATCH", path, { name: "late" })).status, 404);
  });
}

function defaultProfile(send: Send): void {
  const kept = Object.fromEntries(Object.entries(further).filter(([name]) => name !== "description"));

  it("create by editing, read, plan nothing, change, and import by the account", async () => {
    const untouched = (await planned(send, policy)).result;
    await emptyPlan(send, policy, { ...planDefaults, enabled: true, default: true }, untouched);
    assert.deepEqual(await applied(send, policy, planDefaults, planDefaults), untouched);
    const config = { ...planDefaults, ...kept, captive_portal: 90, switch_locked: true };
    const state = await applied(send, policy, config, config);
    assert.deepEqual(await applied(send, policy, {}, config), state);
    assert.deepEqual((await planned(send, policy)).result, state);
    const back = Object.fromEntries(Object.keys(kept).map((name) => [name, null]));
    assert.deepEqual(await applied(send, policy, { ...planDefaults, ...back }, planDefaults), untouched);
  });

  it("is in the state only: destroying sends nothing, and could not", async () => {
    const { policy_id } = (await planned(send, policy)).result;
    assert.equal((await send("DELETE", `${policy}/${policy_id}`)).status, 409);
    assert.equal((await planned(send, policy)).result.policy_id, policy_id);
  });
}

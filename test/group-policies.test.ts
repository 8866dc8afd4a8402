/** Device policies in deployment groups: which ids a group takes, and what becomes of those that it has. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { engines } from "./engines.ts";
import { first, type Running, startServer } from "./server.ts";
import { stateOf } from "./state.ts";

const devices = `/client/v4/accounts/${first.accountId}/devices`;
const policy = `${devices}/policy`;
const groups = `${devices}/deployment-groups`;
const none = "00000000-0000-7000-8000-000000000000";
const version_config = [{ target_environment: "macos", version: "2026.7.1" }];

for (const engine of engines)
  describe(`device policies in deployment groups on ${engine.name}`, () => {
    let running: Running;
    let precedence = 0;
    before(async () => {
      running = await startServer(await engine.open(), { config: { unknownPolicyIds: "refuse" } });
    });
    after(() => running.stop());

    const told = async (method: string, path: string, body?: unknown, token?: string) => {
      const answer = await running.ask(method, path, {
        ...(body !== undefined && { body }),
        ...(token && { token }),
      });
      assert.equal(answer.status, 200, `${method} ${path}: ${JSON.stringify(answer.body)}`);
      return answer.body.result;
    };
    const refused = async (method: string, path: string, body: object, pointer: string, token?: string) => {
      const untouched = await stateOf(running.store);
      const answer = await running.ask(method, path, { body, ...(token && { token }) });
      assert.equal(answer.status, 400, JSON.stringify(answer.body));
      const [{ code, message, source }] = answer.body.errors;
      assert.deepEqual([code, source], [1001, { pointer }]);
      assert.deepEqual(await stateOf(running.store), untouched);
      return message as string;
    };
    const aPolicy = async (): Promise<string> => {
      precedence += 1;
      const body = { name: "Policy", match: 'os.name == "mac"', precedence };
      return (await told("POST", policy, body)).policy_id;
    };
    const aGroup = (policy_ids: string[]) =>
      told("POST", groups, { name: "Ring", version_config, policy_ids });
    /** The default device policy of an account that is made for it. */
    const inAnotherAccount = async (): Promise<string> => {
      const headers = { "x-auth-email": first.email, "x-auth-key": first.apiKey };
      const asOwner = async (method: string, path: string, body?: object) =>
        (await running.ask(method, path, { token: null, headers, ...(body && { body }) })).body.result;
      const { id } = await asOwner("POST", "/client/v4/accounts", { name: "Second" });
      return (await asOwner("GET", `/client/v4/accounts/${id}/devices/policy`)).policy_id;
    };
    const hiding = (...ids: string[]) =>
      running.tokenWith(
        { groups: ["Zero Trust Write"] },
        {
          effect: "deny",
          groups: ["Zero Trust Read"],
          on: ids.map((id) => `com.cloudflare.api.account.device-policy.${id}`),
        },
      );

    it("are refused where there is none of that id, by the place of the first", async () => {
      const [one, two] = [await aPolicy(), await aPolicy()];
      const group = await aGroup([one]);
      const foreign = await inAnotherAccount();
      for (const unknown of [none, "no such", one.toUpperCase(), ` ${two}`, foreign]) {
        const body = { name: "New", version_config, policy_ids: [two, unknown, "nor this"] };
        await refused("POST", groups, body, "/policy_ids/1");
        const policy_ids = [unknown, one];
        await refused("PATCH", `${groups}/${group.id}`, { name: "Lost", policy_ids }, "/policy_ids/0");
      }
      await refused("POST", groups, { name: "New", version_config, policy_ids: [two, two] }, "/policy_ids/1");
      assert.deepEqual(await told("GET", `${groups}/${group.id}`), group);
    });

    it("stay in it through a change of theirs, the default one like any other", async () => {
      const [id, standard] = [await aPolicy(), (await told("GET", policy)).policy_id];
      const group = await aGroup([standard, id]);
      const change = { name: "Renamed", match: 'os.name == "linux"', precedence: 5000, enabled: false };
      await told("PATCH", `${policy}/${id}`, change);
      await told("PATCH", policy, { captive_portal: 1 });
      assert.deepEqual(await told("GET", `${groups}/${group.id}`), group);
      assert.deepEqual(await told("PATCH", `${groups}/${group.id}`, { policy_ids: [standard, id] }), group);
      await told("DELETE", `${groups}/${group.id}`);
      assert.equal((await told("GET", `${policy}/${id}`)).name, "Renamed");
      await told("DELETE", `${groups}/${(await aGroup([standard])).id}`);
    });

    it("leave it when they are deleted, in whose order the others stay, and may then be had by none", async () => {
      const [a, b, c] = [await aPolicy(), await aPolicy(), await aPolicy()];
      const group = await aGroup([c, a, b]);
      const other = await aGroup([await aPolicy()]);
      const at = `${groups}/${group.id}`;
      await told("DELETE", `${policy}/${a}?dry_run=true`);
      assert.deepEqual(await told("GET", at), group);
      await told("DELETE", `${policy}/${a}`);
      const left = await told("GET", at);
      assert.deepEqual(left, { ...group, policy_ids: [c, b], updated_at: left.updated_at });
      assert.ok(left.updated_at > group.updated_at);
      assert.deepEqual(await told("GET", `${groups}/${other.id}`), other);
      await refused("PATCH", at, { policy_ids: [c, a, b] }, "/policy_ids/1");
      for (const id of [b, c]) await told("DELETE", `${policy}/${id}`);
      assert.deepEqual((await told("GET", at)).policy_ids, []);
    });

    it("are not there for who may not see them, but stay where they are already", async () => {
      const [seen, hidden, further] = [await aPolicy(), await aPolicy(), await aPolicy()];
      const token = await hiding(hidden, further);
      const unknown = { name: "New", version_config, policy_ids: [seen, none] };
      const about = { ...unknown, policy_ids: [seen, hidden] };
      const said = await refused("POST", groups, unknown, "/policy_ids/1", token);
      assert.equal(await refused("POST", groups, about, "/policy_ids/1", token), said);
      const group = await aGroup([hidden]);
      const at = `${groups}/${group.id}`;
      assert.equal((await running.ask("GET", `${policy}/${hidden}`, { token })).status, 404);
      assert.deepEqual(await told("PATCH", at, { policy_ids: [hidden] }, token), group);
      const both = await told("PATCH", at, { policy_ids: [seen, hidden] }, token);
      assert.deepEqual(both.policy_ids, [seen, hidden]);
      await refused("PATCH", at, { policy_ids: [hidden, seen, further] }, "/policy_ids/2", token);
      await told("PATCH", at, { policy_ids: [seen] }, token);
      await refused("PATCH", at, { policy_ids: [seen, hidden] }, "/policy_ids/1", token);
    });
  });

for (const engine of engines)
  describe(`ids of device policies that there are not, taken before they were refused, on ${engine.name}`, () => {
    it("may be sent again by the group that has them, and by no other", async () => {
      const store = await engine.open();
      // One store, that outlives the first of its servers.
      const kept = { ...store, close: async () => {} };
      const earlier = await startServer(kept, { config: { unknownPolicyIds: "allow" } });
      const body = { name: "Ring", version_config, policy_ids: ["from elsewhere", none] };
      const group = (await earlier.ask("POST", groups, { body })).body.result;
      await earlier.stop();
      const later = await startServer(store, { config: { unknownPolicyIds: "refuse" } });
      const edit = async (policy_ids: string[], path = `${groups}/${group.id}`) => {
        const { status, body } = await later.ask("PATCH", path, { body: { policy_ids } });
        return [status, body.result?.policy_ids ?? body.errors[0].source.pointer];
      };
      const standard = (await later.ask("GET", policy)).body.result.policy_id;
      assert.deepEqual(await edit(group.policy_ids), [200, group.policy_ids]);
      const three = [none, standard, "from elsewhere"];
      assert.deepEqual(await edit(three), [200, three]);
      assert.deepEqual(await edit([...three, "new"]), [400, "/policy_ids/3"]);
      assert.deepEqual(await edit([none]), [200, [none]]);
      assert.deepEqual(await edit(three), [400, "/policy_ids/2"]);
      const another = { name: "Another", version_config, policy_ids: [none] };
      const { status, body: said } = await later.ask("POST", groups, { body: another });
      assert.deepEqual([status, said.errors[0].source.pointer], [400, "/policy_ids/0"]);
      await later.stop();
    });
  });

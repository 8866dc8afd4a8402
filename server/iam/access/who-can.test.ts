/**
 * Who may do what, as it is listed and explained, against what real requests are answered: in an account full of
 * policies that were drawn once and for all.
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import { engines } from "../../../test/engines.ts";
import {
  account,
  type People,
  peopleOf,
  permissionGroup,
  scopeOf,
  sentPolicy,
  wholeAccount,
} from "../../../test/people.ts";
import { type Ask, first, type Running, startServer } from "../../../test/server.ts";

type Caller = { type: "member" | "token"; id: string; as: Ask };
/** A permission on a resource, and a request that takes it; writes are rehearsed. */
type Pair = { permission: string; resource: string; method: string; path: string; body?: unknown };
/** A policy as it is drawn: permission groups, and scope keys of what was made. */
type Drawn = { access: "allow" | "deny"; groups: readonly string[]; on: readonly string[] };

const key = (kind: string, id: string) => `com.cloudflare.api.account.${kind}.${id}`;
const zeroTrustWrite = "181b7a7fda6ea2de8f654df3e7dfb33c";
const deviceGroupsWrite = "f02be391651970f1c015909b62f85e54";
const drawnGroups = [
  ...[permissionGroup.devicesRead, permissionGroup.devicesWrite, permissionGroup.deviceGroupsRead],
  ...[deviceGroupsWrite, zeroTrustWrite, permissionGroup.settingsRead, permissionGroup.administratorReadOnly],
];

/** Draws policies about these keys, the same ones every time; allows are twice as many, or little were allowed. */
function draw(keys: readonly string[], count: number): Drawn[][] {
  const policy = fc.record({
    access: fc.constantFrom("allow" as const, "allow" as const, "deny" as const),
    groups: fc.subarray(drawnGroups, { minLength: 1, maxLength: 3 }),
    on: fc.array(fc.constantFrom(wholeAccount, ...keys), { minLength: 1, maxLength: 2 }),
  });
  return fc.sample(fc.array(policy, { minLength: 1, maxLength: 3 }), { seed: 20260, numRuns: count });
}

for (const engine of engines)
  describe(`who can, on ${engine.name}`, () => {
    let running: Running;
    let people: People;
    let pairs: Pair[];
    let keys: string[];
    before(async () => {
      running = await startServer(await engine.open());
      people = peopleOf(running);
      ({ pairs, keys } = await things());
    });
    after(() => running.stop());

    const must = async (method: string, path: string, body?: unknown) => {
      const told = await running.ask(method, path, { body });
      assert.ok(told.status < 300, `${method} ${path}: ${JSON.stringify(told.body)}`);
      return told.body.result ?? told.body;
    };
    const sent = (policies: readonly Drawn[]) =>
      policies.map(({ access, groups, on }) =>
        sentPolicy(access, groups, ...on.map((each) => scopeOf(each))),
      );
    const sentOfToken = (policies: readonly Drawn[]) =>
      policies.map(({ access, groups, on }) => ({
        effect: access,
        permission_groups: groups.map((id) => ({ id })),
        resources: Object.fromEntries(on.map((each) => [each, "*"])),
      }));
    const device = async (name: string) =>
      (await must("POST", "/api/v1/devices/register", { device_identifier: name, org_id: first.orgId })).id;
    const deviceGroup = async (name: string, ...devices: string[]) => {
      const { id } = await must("POST", "/api/v1/device-groups", { org_id: first.orgId, name });
      for (const each of devices) await must("POST", `/api/v1/device-groups/${id}/devices/${each}`, {});
      return id as string;
    };

    /** Devices in no group, in one and in two, and what is asked of them. */
    async function things(): Promise<{ pairs: Pair[]; keys: string[] }> {
      const devices = [await device("alone"), await device("in-one"), await device("in-two")];
      const [, inOne = "", inTwo = ""] = devices;
      const groups = [await deviceGroup("one", inOne, inTwo), await deviceGroup("two", inTwo)];
      const made = await must("POST", `${account}/devices/deployment-groups`, {
        name: "Ring",
        version_config: [{ target_environment: "linux", version: "2026.1.1.0" }],
      });
      const ring = `${account}/devices/deployment-groups/${made.id}`;
      const onKey =
        (resource: string) => (permission: string, method: string, path: string, body?: unknown) => ({
          ...{ permission, resource, method, path },
          ...(body !== undefined && { body }),
        });
      const pairs = [
        ...devices.flatMap((id) => [
          onKey(key("device", id))("device.read", "GET", `/api/v1/devices/${id}`),
          onKey(key("device", id))("device.write", "DELETE", `/api/v1/devices/${id}?dry_run=true`),
        ]),
        ...groups.flatMap((id) => {
          const path = `/api/v1/device-groups/${id}`;
          const [on, body] = [onKey(key("device-group", id)), { device_ids: ["nothing"] }];
          return [
            on("device-group.read", "GET", path),
            on("device-group.write", "PATCH", `${path}?dry_run=true`, { description: "Other" }),
            on("device-group.change-members", "DELETE", `${path}/devices?dry_run=true`, body),
          ];
        }),
        onKey(key("deployment-group", made.id))("deployment-group.read", "GET", ring),
        onKey(key("deployment-group", made.id))("deployment-group.write", "DELETE", `${ring}?dry_run=true`),
        onKey(wholeAccount)("account.read", "GET", account),
      ];
      const kinds = ["device", "device-group", "deployment-group"].map((kind) => key(kind, "*"));
      return { pairs, keys: [...new Set([...kinds, ...pairs.map(({ resource }) => resource)])] };
    }

    /** Members with policies of their own and of user groups, and tokens; the first ones of the account among them. */
    async function callers(): Promise<Caller[]> {
      const drawn = draw(keys, 14);
      const made: Caller[] = [];
      for (const policies of drawn.slice(0, 6)) {
        const { id, headers } = await people.person(sent(policies));
        made.push({ type: "member", id, as: { token: null, headers } });
      }
      for (const [index, policies] of drawn.slice(6, 10).entries()) {
        const body = { name: `Group ${index}`, policies: sent(policies) };
        const { id } = await must("POST", `${account}/iam/user_groups`, body);
        const members = made.filter((_, at) => (at * 7 + index * 3) % 4 === 0).map(({ id }) => ({ id }));
        await must("POST", `${account}/iam/user_groups/${id}/members`, members);
      }
      for (const [index, policies] of drawn.slice(10).entries()) {
        const body = { name: `Token ${index}`, policies: sentOfToken(policies) };
        const { id, value } = await must("POST", `${account}/tokens`, body);
        made.push({ type: "token", id, as: { token: value } });
      }
      return made;
    }

    /** Whether a request is let through; anything but an answer or a refusal is a mistake in this test. */
    async function passes({ as }: Pick<Caller, "as">, { method, path, body }: Pair): Promise<boolean> {
      const { status } = await running.ask(method, path, { ...as, ...(body !== undefined && { body }) });
      assert.ok([200, 204, 403, 404].includes(status), `${method} ${path}: ${status}`);
      return status < 300;
    }

    it("lists and explains exactly those whose requests are let through", async () => {
      const all = await callers();
      const counts = { passed: 0, refused: 0 };
      for (const pair of pairs) {
        const { permission, resource } = pair;
        const path = `/api/v1/access/who-can?permission=${permission}&resource=${resource}&limit=1000`;
        const { items } = await must("GET", path);
        const listed = new Set(items.map((item: any) => (item.member ?? item.token).id));
        for (const caller of all) {
          const told = `${caller.type} ${caller.id}: ${permission} on ${resource}`;
          const real = await passes(caller, pair);
          assert.equal(listed.has(caller.id), real, told);
          const body = { caller: { [`${caller.type}_id`]: caller.id }, permission, resource };
          const { decision } = await must("POST", "/api/v1/access/explain", body);
          assert.equal(decision, real ? "allowed" : "denied", told);
          counts[real ? "passed" : "refused"]++;
        }
        // Nobody else but the account's first member and first token, who may do everything.
        assert.equal(items.length, all.filter(({ id }) => listed.has(id)).length + 2);
      }
      assert.ok(counts.passed > 20 && counts.refused > 20, JSON.stringify(counts));
    });

    it("is explained to a person's token as its own requests are answered", async () => {
      const drawn = draw(keys, 10);
      const counts = { passed: 0, refused: 0 };
      const broad = { access: "allow", groups: [permissionGroup.administrator], on: [wholeAccount] } as const;
      for (let at = 0; at < drawn.length; at += 2) {
        const { headers } = await people.person(sent([broad, ...(drawn[at] ?? [])]));
        const body = { name: "mine", policies: sentOfToken([...(drawn[at + 1] ?? []), broad].slice(0, 2)) };
        const made = await people.as({ headers }, "POST", "/client/v4/user/tokens", body);
        const as = { token: made.body.result.value as string };
        for (const pair of pairs) {
          const { permission, resource } = pair;
          const asked = { ...as, body: { permission, resource } };
          const { decision } = (await running.ask("POST", "/api/v1/access/explain", asked)).body;
          const real = await passes({ as }, pair);
          // A device that a deny on a group hides must look to its holder like one that there is not.
          if (real || !resource.includes("account.device."))
            assert.equal(decision, real ? "allowed" : "denied", `${permission} on ${resource}`);
          counts[real ? "passed" : "refused"]++;
        }
      }
      assert.ok(counts.passed > 10 && counts.refused > 10, JSON.stringify(counts));
    });
  });

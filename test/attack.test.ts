/**
 * Every operation of the served OpenAPI document, asked by everybody, about a thing of one's own, a hidden one,
 * one of another account and one that is not there. What must come of it is worked out from the rules anew, in
 * `attack/`, which knows nothing of the server's code. What must be refused is really tried; what must be
 * allowed is only rehearsed, so that nothing may ever change. A noun joins in once its permissions stand in
 * `attack/rights.ts`.
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type Caller, makeCallers } from "./attack/callers.ts";
import { type Expected, expected, namesAccount, noPlace } from "./attack/expected.ts";
import { everything, insideOf, pagesOf, visibleTo } from "./attack/lists.ts";
import { type Operation, operationsOf, requestTo } from "./attack/operations.ts";
import { groupsWith, isPutDown, publicOperations, type Thing } from "./attack/rights.ts";
import { buildSystem, type System, type Things } from "./attack/system.ts";
import { engines } from "./engines.ts";
import { first, startServer, type Told } from "./server.ts";
import { stateOf } from "./state.ts";

/** What only looks, but at more than fits into an address. */
const readByPost = ["device-group.preview"];
const four = ["own", "hidden", "foreign", "missing"] as const;

for (const engine of engines)
  describe(`who may do what on ${engine.name}`, () => {
    let system: System;
    let operations: Operation[];
    let callers: Caller[];
    let all: Record<string, Thing[]>;
    let untouched: Awaited<ReturnType<typeof stateOf>>;
    before(async () => {
      system = await buildSystem(await startServer(await engine.open()));
      operations = operationsOf((await system.running.ask("GET", "/openapi.json")).body).filter(isPutDown);
      callers = await makeCallers(system);
      const kinds = Object.keys(system.things);
      all = Object.fromEntries(
        await Promise.all(kinds.map(async (kind) => [kind, await everything(system, kind)] as const)),
      );
      untouched = await kept();
    });
    after(() => system.running.stop());

    /** Reports can't be rehearsed: those that are tried here change nothing but when a device was heard of. */
    const kept = async () => {
      const { device_seen, ...state } = await stateOf(system.running.store);
      return state;
    };

    const ask = (caller: Caller, { method, path, body }: ReturnType<typeof requestTo>) => {
      // Without it, whoever is in several accounts would find things in all of them.
      const unsaid = caller.several && path.startsWith("/api") && !path.includes("org_id");
      const asked = unsaid ? `${path}&org_id=${first.orgId}` : path;
      return system.running.ask(method, asked, { token: null, headers: { ...caller.headers }, body });
    };

    it("is told by the document as it was meant", () => {
      for (const { id, name, method, permission, accepted } of operations) {
        assert.equal(permission === null, publicOperations.includes(name), id);
        if (permission === null) continue;
        assert.deepEqual(accepted.toSorted(), groupsWith(permission).sort(), id);
        const looks = method === "GET" || readByPost.includes(name);
        assert.equal(permission.endsWith(".read"), looks, id);
      }
    });

    it("is what the rules say, for everybody", async (context) => {
      for (const caller of callers)
        await context.test(caller.name, async () => {
          await Promise.all(operations.map((operation) => tryOut(operation, caller)));
          assert.deepEqual(await kept(), untouched);
        });
    });

    const tryOut = async (operation: Operation, caller: Caller) => {
      const about = operation.names === undefined ? [undefined] : four;
      const looks = await Promise.all(
        about.map(async (which) => {
          const wanted = expected({ system, operation, caller, which });
          const told = await ask(caller, requestTo(system, operation, which, wanted.status < 400));
          const label = `${caller.name}: ${operation.id} ${which ?? ""}: ${JSON.stringify(told.body)}`;
          checkAnswer(told, wanted, operation, caller, label);
          if (wanted.status === 200) await checkShown(told, operation, caller, which, label);
          return wanted.hidden ? lookOf(told) : undefined;
        }),
      );
      const alike = new Set(looks.filter((look) => look !== undefined));
      assert.ok(alike.size < 2, `${caller.name}: ${operation.id}: ${[...alike].join(" but ")}`);
    };

    const checkShown = async (
      { body }: Told,
      operation: Operation,
      caller: Caller,
      which: keyof Things | undefined,
      label: string,
    ) => {
      const things = all[operation.kind];
      const isOfKind =
        operation.name.startsWith(operation.kind) || /^(physical-device|registration)\./.test(operation.name);
      if (operation.isList && operation.permission && isOfKind && things) {
        const shown = await pagesOf(system.running.ask, operation, caller);
        const visible = visibleTo(caller, things);
        assert.deepEqual(shown.ids.sort(), visible, label);
        assert.ok(
          shown.totals.every((total) => total === visible.length),
          label,
        );
      }
      const inside = which && insideOf(system, operation, caller, which);
      if (!inside) return;
      const items = body.devices ?? body.groups ?? body.exclusions ?? body.result;
      const listed = items.map(({ device_id, id = device_id }: any) => id);
      const total = body.total ?? body.count ?? body.result_info.total_count;
      assert.deepEqual([listed.sort(), total], [inside, inside.length], label);
    };

    it("does not tell whether there is an account in which one has no place", async () => {
      const none = { accountId: "00000000000000000000000000000000", orgId: "org_none" };
      const outside = callers.filter(({ type, standing }) => type === "token" && standing === "active");
      const naming = operations.filter(
        ({ name, ...rest }) => namesAccount(rest as Operation) && !publicOperations.includes(name),
      );
      for (const caller of outside.filter(({ name }) => /^(Administrator|the first token)$/.test(name)))
        for (const operation of naming) {
          const wanted = noPlace(operation);
          const told = await Promise.all(
            [system.other, none].map((account) =>
              ask(caller, requestTo(system, operation, operation.names ? "own" : undefined, false, account)),
            ),
          );
          for (const one of told)
            checkAnswer(one, wanted, operation, caller, `${caller.name} ${operation.id}`);
          assert.equal(new Set(told.map(lookOf)).size, 1, operation.id);
        }
    });

    it("keeps every account to itself for who is in several", async () => {
      const owner = callers.find(({ ownsInstallation }) => ownsInstallation) as Caller;
      const inOther = `/client/v4/accounts/${system.other.accountId}`;
      const { own, foreign } = system.things["device-group"] as Things;
      for (const [path, status] of [
        [`/api/v1/device-groups/${own.id}?`, 200],
        [`/api/v1/device-groups/${foreign.id}?org_id=${system.other.orgId}`, 200],
        [`/api/v1/device-groups/${own.id}?org_id=${system.other.orgId}`, 404],
        [`${inOther}/devices/deployment-groups/${system.things["deployment-group"]?.foreign.id}?`, 200],
        [`${inOther}/devices/deployment-groups/${system.things["deployment-group"]?.own.id}?`, 404],
        [`${inOther}/devices/policy/${system.things["device-policy"]?.foreign.id}?`, 200],
        [`${inOther}/devices/policy/${system.things["device-policy"]?.own.id}?`, 404],
        [`${inOther}/devices/policy/${system.standard.id}?`, 404],
        [`${inOther}/devices/physical-devices/${system.things.device?.foreign.id}?`, 200],
        [`${inOther}/devices/physical-devices/${system.things.device?.own.id}?`, 404],
        [`${inOther}/devices/registrations/${system.things.device?.foreign.id}?`, 200],
        [`${inOther}/devices/registrations/${system.things.device?.own.id}?`, 404],
        [`${inOther}/tokens/${system.things["api-token"]?.own.id}?`, 404],
        [`${inOther}/members/${system.things.member?.foreign.id}?`, 200],
        [`${inOther}/members/${system.things.member?.own.id}?`, 404],
        [`${inOther}/iam/user_groups/${system.things["user-group"]?.foreign.id}?`, 200],
        [`${inOther}/iam/user_groups/${system.things["user-group"]?.own.id}?`, 404],
        [`${inOther}/iam/resource_groups/${system.things["resource-group"]?.foreign.id}?`, 200],
        [`${inOther}/iam/resource_groups/${system.things["resource-group"]?.own.id}?`, 404],
      ] as const) {
        const told = await system.running.ask("GET", path, { token: null, headers: { ...owner.headers } });
        assert.equal(told.status, status, path);
      }
    });
  });

/** An answer but for what is different in every answer. */
function lookOf({ status, body, headers }: Told): string {
  const { request_id, ...rest } = body ?? {};
  const always = ["date", "connection", "keep-alive", "content-length", "x-request-id"];
  return JSON.stringify([status, rest, [...headers].filter(([name]) => !always.includes(name))]);
}

function checkAnswer(
  told: Told,
  wanted: Expected,
  operation: Operation,
  caller: Caller,
  label: string,
): void {
  assert.equal(told.status, wanted.status, `${label}, expected ${JSON.stringify(wanted)}`);
  const known = ["person", "token"].includes(caller.type);
  const accepted = known && operation.permission ? operation.accepted.join(", ") : null;
  assert.equal(told.headers.get("x-accepted-permissions"), accepted, label);
  if (wanted.code !== undefined) assert.equal(told.body.errors[0].code, wanted.code, label);
  if (wanted.refusal) checkRefusal(told, wanted.refusal, label);
}

/** A refusal names the permission, the permission groups that contain it, and what decided. */
function checkRefusal(
  { body }: Told,
  { permission, decidedBy }: { permission: string; decidedBy: string },
  label: string,
): void {
  const groups = permission === "" ? [] : groupsWith(permission);
  if (body.details) {
    const { accepted_permissions = [], ...rest } = body.details;
    assert.deepEqual(rest, { ...(permission && { permission }), decided_by: decidedBy }, label);
    assert.deepEqual(accepted_permissions.toSorted(), groups.toSorted(), label);
  }
  const { message } = body.details ? body : body.errors[0];
  for (const word of [permission, ...groups, decisions[decidedBy] ?? ""])
    assert.ok(message.includes(word), `${label}: ${word} is not named`);
}

const decisions: Readonly<Record<string, string>> = {
  deny: "a policy denies it",
  "no-allow": "no policy allows it",
  "no-membership": "no place in that account",
};

/**
 * Every operation of the served OpenAPI document, asked with a device's own credential and with an enrolment token,
 * about things that are not the caller's: all of it is refused but what this file says, nothing is kept, and no answer
 * names anything of others.
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type Operation, operationsOf } from "./attack/operations.ts";
import { buildSystem, type System, type Things } from "./attack/system.ts";
import { engines } from "./engines.ts";
import { first, startServer } from "./server.ts";
import { stateOf } from "./state.ts";

type Enrolled = { readonly type: "device" | "enrolment"; readonly token: string; readonly id: string };

/** What is open to whoever has an invitation, with or without a credential of any kind. */
const forStrangers = ["member.accept-invitation"];

/** What answers without having been refused, and about nothing but the caller. */
function isOwn({ type }: Enrolled, { name, kind, isList, path }: Operation): boolean {
  if (type === "enrolment") return name === "device.register";
  return kind === "device" && isList && !path.includes("{device_id}");
}

for (const engine of engines)
  describe(`what devices may do on ${engine.name}`, () => {
    let system: System;
    let operations: Operation[];
    let callers: Enrolled[];
    before(async () => {
      system = await buildSystem(await startServer(await engine.open()));
      operations = operationsOf((await system.running.ask("GET", "/openapi.json")).body);
      const token = await system.owner("POST", "/api/v1/enrolment-tokens", {
        org_id: first.orgId,
        name: "Tills",
      });
      const device = await system.running.ask("POST", "/api/v1/devices/register", {
        token: token.body.token,
        body: { device_identifier: "the caller" },
      });
      callers = [
        { type: "enrolment", token: token.body.token, id: token.body.id },
        { type: "device", token: device.body.api_key, id: device.body.id },
      ];
    });
    after(() => system.running.stop());

    const idFor = (operation: Operation, name: string): string => {
      const { things, loose } = system;
      if (name === "account_id") return first.accountId;
      if (name === "device_id") return (things.device as Things).own.id;
      if (name === operation.names) return things[operation.kind]?.own.id ?? loose.id;
      return things[name.replace(/_id$/, "").replace("group", "device-group")]?.own.id ?? loose.id;
    };
    const bodyFor = ({ method }: Operation) => {
      const { id } = (system.things.device as Things).own;
      if (method === "GET") return {};
      return { body: { org_id: first.orgId, device_identifier: "own", device_id: id, name: "New" } };
    };
    const ask = (operation: Operation, { token }: Enrolled) => {
      const path = operation.path
        .replace("{environment}/{version}", "windows/2026.1.0.0")
        .replace(/\{(\w+)\}/g, (_, name) => idFor(operation, name));
      const query = operation.dialect === "rest" ? `?org_id=${first.orgId}` : "";
      return system.running.ask(operation.method, path + query, { token, ...bodyFor(operation) });
    };

    it("is what is theirs, and nothing else", async (context) => {
      assert.ok(operations.length > 60);
      for (const caller of callers)
        await context.test(caller.type, async () => {
          const untouched = await stateOf(system.running.store);
          for (const operation of operations) {
            if (forStrangers.includes(operation.name)) continue;
            const told = await ask(operation, caller);
            const text = JSON.stringify(told.body ?? "");
            const label = `${operation.id}: ${told.status} ${text}`;
            const verifies = operation.name.endsWith("-token.verify") && [400, 401].includes(told.status);
            const refused = verifies || [403, 404].includes(told.status);
            assert.ok(refused || isOwn(caller, operation), label);
            for (const { own, hidden } of Object.values(system.things))
              for (const { id, kind } of [own, hidden])
                if (!["permission-group", "client-version"].includes(kind) && !operation.path.includes("{"))
                  assert.ok(!text.includes(id), `${label} names ${kind} ${id}`);
            if (operation.method !== "GET")
              assert.deepEqual(await stateOf(system.running.store), untouched, label);
          }
        });
    });

    it("is no list of others", async () => {
      for (const caller of callers) {
        const { body: listed } = await system.running.ask("GET", `/api/v1/devices?org_id=${first.orgId}`, {
          token: caller.token,
        });
        assert.deepEqual(
          listed.devices?.map(({ id }: { id: string }) => id),
          caller.type === "device" ? [caller.id] : undefined,
        );
      }
    });
  });

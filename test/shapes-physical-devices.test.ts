/** Every operation on physical devices and registrations answers as it is published, when it succeeds and when it fails. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { engines } from "./engines.ts";
import { first, type Running, startServer } from "./server.ts";
import { expectShape, publishedOperations, routeOf } from "./shapes.ts";

const devices = `/client/v4/accounts/${first.accountId}/devices`;
const physical = `${devices}/physical-devices`;
const registrations = `${devices}/registrations`;
const family = publishedOperations.filter((one) => /\/devices\/(physical-devices|registrations)/.test(one));

/** What is said of a device, so that answers have every member that they can have. */
const everything = {
  ...{ platform: "macos", manufacturer: "Acme", model: "M1", os_version: "15.1", client_version: "1.2" },
  ...{ labels: { ring: "0" }, metadata: { serial_number: "SN1" } },
  user: { id: "u1", email: "user@example.com", name: "User" },
};

for (const engine of engines)
  describe(`physical devices' operations on ${engine.name}`, () => {
    let running: Running;
    const answered = new Set<string>();
    before(async () => {
      running = await startServer(await engine.open());
      for (const [device_identifier, more] of [
        ["full", everything],
        ["bare", {}],
      ] as const) {
        const body = { org_id: first.orgId, device_identifier, ...more };
        await running.ask("POST", "/api/v1/devices/register", { body });
      }
    });
    after(() => running.stop());

    /** Asks, and checks status and shape. */
    const told = async (status: number, method: string, path: string, token?: string) => {
      const answer = await running.ask(method, path, token ? { token } : {});
      assert.equal(answer.status, status, `${method} ${path}: ${JSON.stringify(answer.body)}`);
      expectShape(method, path, status, answer.body);
      answered.add(`${status < 400} ${method} ${routeOf(path)}`);
      return answer.body;
    };

    it("on several of them", async () => {
      for (const query of ["", "?per_page=1", "?include=last_seen_registration.policy", "?id=none"])
        await told(200, "GET", physical + query);
      for (const query of ["", "?per_page=1", "?include=policy&status=all", "?status=revoked"])
        await told(200, "GET", registrations + query);
      for (const path of [physical, registrations])
        for (const query of ["sort_by=color", "cursor=x", "per_page=x", "include=color"])
          await told(400, "GET", `${path}?${query}`);
    });

    it("on one of them", async () => {
      for (const name of ["full", "bare"]) {
        const { id } = (await told(200, "GET", `${physical}?search=${name}`)).result[0];
        const at = `${physical}/${id}`;
        await told(200, "GET", at);
        await told(200, "GET", `${at}?include=last_seen_registration.policy`);
        await told(200, "GET", `${registrations}/${id}`);
        await told(200, "GET", `${registrations}/${id}?include=policy`);
        await told(400, "GET", `${at}?include=color`);
        for (const query of ["?dry_run=true", "", ""]) await told(200, "POST", `${at}/revoke${query}`);
        await told(200, "GET", `${registrations}/${id}?include=policy`);
        for (const query of ["?dry_run=true", ""]) await told(200, "DELETE", at + query);
        for (const method of ["GET", "DELETE"]) await told(404, method, at);
        await told(404, "POST", `${at}/revoke`);
        await told(404, "GET", `${registrations}/${id}`);
      }
    });

    it("by somebody who may not", async () => {
      const may = await running.tokenWith({ groups: ["Account Settings Read"] });
      for (const operation of family) {
        const [method = "", route = ""] = operation.split(" ");
        const path = `/client/v4${route}`
          .replace("{account_id}", first.accountId)
          .replace(/\{\w+\}/g, "none");
        await told(403, method, path, may);
      }
    });

    it("all of them, when they succeed and when they fail", () => {
      assert.equal(family.length, 6);
      const wanted = family.flatMap((one) => [`true ${one}`, `false ${one}`]);
      assert.deepEqual(
        wanted.filter((one) => !answered.has(one)),
        [],
      );
    });
  });

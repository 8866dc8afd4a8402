/**
 * Every operation on user groups, members, resource groups and permission groups answers as it is published,
 * when it succeeds and when it fails.
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { engines } from "./engines.ts";
import { first, type Running, startServer } from "./server.ts";
import { expectShape, publishedOperations, routeOf } from "./shapes.ts";

const account = `/client/v4/accounts/${first.accountId}`;
const groups = `${account}/iam/user_groups`;
const members = `${account}/members`;
const resourceGroups = `${account}/iam/resource_groups`;
const permissionGroups = `${account}/iam/permission_groups`;
const none = "00000000000000000000000000000000";
const zoneRead = "c8fed203ed3043cba015a93ad1616f1f";
const scope = { key: `com.cloudflare.api.account.${first.accountId}`, objects: [{ key: "*" }] };
const families = publishedOperations.filter((one) => /\/iam\/|\/members/.test(one));

for (const engine of engines)
  describe(`people's operations on ${engine.name}`, () => {
    let running: Running;
    const answered = new Set<string>();
    before(async () => {
      running = await startServer(await engine.open());
    });
    after(() => running.stop());

    /** Asks, and checks status and shape. */
    const told = async (status: number, method: string, path: string, body?: unknown, token?: string) => {
      const answer = await running.ask(method, path, {
        ...(body !== undefined && { body }),
        ...(token && { token }),
      });
      assert.equal(answer.status, status, `${method} ${path}: ${JSON.stringify(answer.body)}`);
      expectShape(method, path, status, answer.body);
      answered.add(`${status < 400} ${method} ${routeOf(path)}`);
      if (method === "GET" || answer.status >= 400)
        assert.ok(!("invitation_token" in (answer.body.result ?? {})));
      return answer.body;
    };
    const made = async (path: string, body: unknown) => (await told(200, "POST", path, body)).result;
    const policyOn = (...resource_groups: object[]) => ({
      access: "allow",
      permission_groups: [{ id: zoneRead }],
      resource_groups,
    });

    it("on user groups", async () => {
      const bare = await made(groups, { name: "Bare" });
      assert.ok(!("policies" in bare));
      const policies = [policyOn({ id: first.resourceGroupId }, { scope }), policyOn({ scope: [scope] })];
      const full = await made(groups, { name: "Full", policies });
      const at = `${groups}/${full.id}`;
      for (const query of ["", "?per_page=1", "?page=99", "?fuzzyName=fu&direction=desc"])
        await told(200, "GET", groups + query);
      await told(200, "GET", at);
      await told(200, "PUT", at, {});
      await told(200, "PUT", at, { policies: [] });
      await told(200, "PUT", `${at}?dry_run=true`, { name: "Fuller", policies });
      await told(200, "POST", `${groups}?dry_run=true`, { name: "Never", policies });
      await told(200, "DELETE", `${at}?dry_run=true`);
      await told(200, "DELETE", at);
      await told(400, "GET", `${groups}?direction=up`);
      await told(400, "POST", groups, { name: "" });
      for (const method of ["GET", "PUT", "DELETE"])
        await told(404, method, at, method === "PUT" ? {} : undefined);
      await told(400, "PUT", `${groups}/${bare.id}`, { policies: [policyOn({ id: none })] });
    });

    it("on who is in them", async () => {
      const { id } = await made(groups, { name: "Group", policies: [policyOn({ scope })] });
      const at = `${groups}/${id}/members`;
      const one = await made(members, { email: "one@example.com", status: "accepted", policies: [] });
      const two = await made(members, { email: "two@example.com", policies: [] });
      await told(200, "POST", `${at}?dry_run=true`, [{ id: one.id }]);
      await told(200, "POST", at, [{ id: one.id }]);
      await told(200, "PUT", `${at}?dry_run=true`, [{ id: two.id }]);
      await told(200, "PUT", at, [{ id: two.id }, { id: one.id }]);
      for (const query of ["", "?per_page=1&page=2", "?fuzzyEmail=ONE", "?page=99"])
        await told(200, "GET", at + query);
      await told(200, "GET", `${at}/${one.id}`);
      await told(200, "GET", `${at}/${two.id}`);
      await told(200, "DELETE", `${at}/${one.id}?dry_run=true`);
      await told(200, "DELETE", `${at}/${one.id}`);
      await told(200, "PUT", at, []);
      await told(400, "POST", at, [{ id: none }]);
      await told(400, "PUT", at, [{ id: two.id }, { id: two.id }]);
      await told(404, "GET", `${groups}/${none}/members`);
      for (const method of ["GET", "DELETE"]) await told(404, method, `${at}/${one.id}`);
    });

    it("on members", async () => {
      const right = { email: "three@example.com", policies: [policyOn({ id: first.resourceGroupId })] };
      const pending = await made(members, right);
      assert.match(pending.invitation_token, /^fli_/);
      const role = (await told(200, "GET", `${permissionGroups}?label=admin`)).result[0].id;
      const accepted = await made(members, { email: "four@example.com", roles: [role], status: "accepted" });
      const at = `${members}/${accepted.id}`;
      for (const query of ["", "?per_page=5&order=status", "?status=pending", "?status=rejected", "?page=99"])
        await told(200, "GET", members + query);
      await told(200, "GET", at);
      await told(200, "PUT", at, {});
      await told(200, "PUT", at, { roles: [{ id: role }] });
      await told(200, "PUT", `${at}?dry_run=true`, { policies: right.policies });
      await told(200, "POST", `${members}?dry_run=true`, { ...right, email: "never@example.com" });
      await told(200, "DELETE", `${at}?dry_run=true`);
      await told(200, "DELETE", at);
      await told(409, "POST", members, right);
      await told(400, "POST", members, { email: "nobody" });
      await told(400, "GET", `${members}?order=age`);
      for (const method of ["GET", "PUT", "DELETE"])
        await told(404, method, at, method === "PUT" ? {} : undefined);
      await told(409, "POST", `${members}/${pending.id}/key`);
      await told(404, "POST", `${members}/${none}/invitation`);
    });

    it("on resource groups", async () => {
      const one = await made(resourceGroups, { name: "One", scope });
      const two = await made(resourceGroups, { name: "Two", scope: [scope] });
      const at = `${resourceGroups}/${one.id}`;
      await made(groups, { name: "Uses two", policies: [policyOn({ id: two.id })] });
      for (const query of ["", "?name=One", `?id=${two.id}`, "?page=2"])
        await told(200, "GET", resourceGroups + query);
      await told(200, "GET", at);
      await told(200, "PUT", at, {});
      await told(200, "PUT", `${at}?dry_run=true`, { name: "Won" });
      await told(200, "PUT", at, { name: "Won", scope });
      await told(200, "POST", `${resourceGroups}?dry_run=true`, { name: "Never", scope });
      await told(200, "DELETE", `${at}?dry_run=true`);
      await told(200, "DELETE", at);
      await told(409, "DELETE", `${resourceGroups}/${two.id}`);
      await told(409, "PUT", `${resourceGroups}/${first.resourceGroupId}`, { name: "Ours" });
      await told(400, "POST", resourceGroups, { name: "Three", scope: [] });
      await told(400, "GET", `${resourceGroups}?id=%00`);
      await told(404, "GET", at);
    });

    it("on permission groups", async () => {
      for (const query of ["", "?per_page=5&page=2", "?name=Zone%20Read", "?label=admin", "?page=99"])
        await told(200, "GET", permissionGroups + query);
      await told(200, "GET", `${permissionGroups}/${zoneRead}`);
      await told(400, "GET", `${permissionGroups}?page=0`);
      await told(404, "GET", `${permissionGroups}/${none}`);
    });

    it("by somebody who may not", async () => {
      const may = await running.tokenWith({ groups: ["Devices Read"] });
      for (const operation of families.filter((one) => !one.includes("permission_groups"))) {
        const [method = "", route = ""] = operation.split(" ");
        const path = `/client/v4${route}`.replace("{account_id}", first.accountId).replace(/\{\w+\}/g, none);
        const body = method === "POST" || method === "PUT" ? {} : undefined;
        await told(403, method, path, body, may);
      }
    });

    it("all of them, when they succeed and when they fail", () => {
      const wanted = families.flatMap((one) => [`true ${one}`, `false ${one}`]);
      assert.deepEqual(
        wanted.filter((one) => !answered.has(one)),
        [],
      );
    });
  });

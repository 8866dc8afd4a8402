/** What was right when a request began, and isn't any more when it is done. */
import assert from "node:assert/strict";
import { request } from "node:http";
import { after, before, describe, it } from "node:test";
import { engines } from "./engines.ts";
import { account, allow, ownerPair, type People, peopleOf, permissionGroup } from "./people.ts";
import { first, type Running, startServer } from "./server.ts";

for (const engine of engines)
  describe(`what comes late on ${engine.name}`, () => {
    let running: Running;
    let people: People;
    before(async () => {
      running = await startServer(await engine.open());
      people = peopleOf(running);
    });
    after(() => running.stop());

    const ask: Running["ask"] = (...asked) => running.ask(...asked);
    const asOwner = (method: string, path: string, body?: object) =>
      ask(method, path, { token: null, headers: ownerPair, ...(body && { body }) });

    /** Sends a request but for the end of its body; what is answered sends that, and answers the status. */
    async function begun(headers: Record<string, string>, method: string, path: string, body: object) {
      const text = JSON.stringify(body);
      const sent = { ...headers, "content-type": "application/json", "content-length": text.length };
      const open = request(running.url + path, { method, headers: sent });
      const answered = new Promise<number>((resolve, reject) => {
        open.once("error", reject);
        open.once("response", (response) => {
          response.resume();
          response.once("end", () => resolve(response.statusCode ?? 0));
        });
      });
      await new Promise<void>((resolve) => open.write(text.slice(0, 1), () => resolve()));
      // Another request on the way behind it: when that is answered, the headers of the first were read.
      await ask("GET", account);
      return () => {
        open.end(text.slice(1));
        return answered;
      };
    }

    it("from somebody who was demoted meanwhile is refused", async () => {
      const who = await people.person([allow(permissionGroup.superAdministrator)]);
      const wanted = { email: people.email(), roles: [permissionGroup.superAdministrator] };
      const finish = await begun(who.headers, "POST", `${account}/members`, wanted);
      assert.equal((await asOwner("PUT", `${account}/members/${who.id}`, { policies: [] })).status, 200);
      assert.equal(await finish(), 403);
    });

    it("with a key that was rotated meanwhile is refused, and the new key stays good", async () => {
      const who = await people.person();
      const finish = await begun(who.headers, "POST", `${account}/members/${who.id}/key`, {});
      const { key } = (await asOwner("POST", `${account}/members/${who.id}/key`)).body.result;
      assert.equal(await finish(), 403);
      const headers = { "X-Auth-Email": who.email, "X-Auth-Key": key };
      assert.equal((await ask("GET", "/client/v4/accounts", { token: null, headers })).status, 200);
    });

    it("from somebody who was forgotten meanwhile makes no token", async () => {
      const who = await people.person();
      const resources = { [`com.cloudflare.api.account.${first.accountId}`]: "*" };
      const granted = [{ id: permissionGroup.devicesRead }];
      const policies = [{ effect: "allow", permission_groups: granted, resources }];
      const finish = await begun(who.headers, "POST", "/client/v4/user/tokens", { name: "late", policies });
      assert.equal((await asOwner("DELETE", `${account}/members/${who.id}`)).status, 200);
      assert.equal(await finish(), 403);
    });

    it("with a token that was deleted meanwhile is refused", async () => {
      const name = `token ${people.email()}`;
      const resources = { [`com.cloudflare.api.account.${first.accountId}`]: "*" };
      const granted = [{ id: permissionGroup.superAdministrator }];
      const body = { name, policies: [{ effect: "allow", permission_groups: granted, resources }] };
      const { id, value } = (await ask("POST", `${account}/tokens`, { body })).body.result;
      const headers = { authorization: `Bearer ${value}` };
      const finish = await begun(headers, "POST", `${account}/iam/user_groups`, { name: "Late" });
      assert.equal((await ask("DELETE", `${account}/tokens/${id}`)).status, 200);
      assert.equal(await finish(), 403);
    });

    it("by an enrolment token that was deleted or disabled meanwhile registers nothing", async () => {
      const tokens = "/api/v1/enrolment-tokens";
      for (const [method, body] of [["DELETE"], ["PATCH", { disabled: true }]] as const) {
        const made = await ask("POST", tokens, { body: { org_id: first.orgId, name: "Tills" } });
        const { id, token } = made.body;
        const wanted = { device_identifier: `late ${method}` };
        const headers = { authorization: `Bearer ${token}` };
        const finish = await begun(headers, "POST", "/api/v1/devices/register", wanted);
        assert.ok((await ask(method, `${tokens}/${id}`, { ...(body && { body }) })).status < 300);
        assert.equal(await finish(), 401);
        assert.equal((await ask("GET", `/api/v1/devices/late%20${method}`)).status, 404);
      }
    });

    it("from a device that was revoked meanwhile is not kept", async () => {
      for (const path of ["heartbeat", "observed-state", "desired-state"]) {
        const body = { device_identifier: `late ${path}`, platform: "linux" };
        const { id, api_key } = (await ask("POST", "/api/v1/devices/register", { body })).body;
        const headers = { authorization: `Bearer ${api_key}` };
        const device = `/api/v1/devices/${id}`;
        // Said once before, so that whatever is remembered of the device is.
        assert.equal((await ask("POST", `${device}/heartbeat`, { token: null, headers })).status, 200);
        const finish = await begun(headers, "POST", `${device}/${path}`, { client_version: "9.9.9" });
        assert.equal((await ask("POST", `${device}/revoke`)).status, 200);
        assert.equal(await finish(), 403, path);
        assert.equal((await ask("GET", device)).body.client_version, null, path);
      }
    });

    describe("an invitation that its maker kept", () => {
      const kept = async () => {
        const maker = await people.person([allow(permissionGroup.provisioning)]);
        const body = { email: people.email() };
        const told = await people.as(maker, "POST", `${account}/members`, body);
        return { ...told.body.result, maker } as { id: string; invitation_token: string };
      };
      const accept = (token: string) =>
        ask("POST", "/api/v1/invitations/accept", { token: null, body: { token } });

      it("opens nothing of what others gave the member since", async () => {
        const { id, invitation_token: token } = await kept();
        const roles = [{ id: permissionGroup.superAdministrator }];
        assert.equal((await asOwner("PUT", `${account}/members/${id}`, { roles })).status, 200);
        const told = await accept(token);
        assert.equal(told.status, 400);
        assert.match(told.body.message, /have it invited again/);
        const { invitation_token: fresh } = (await asOwner("POST", `${account}/members/${id}/invitation`))
          .body.result;
        assert.equal((await accept(fresh)).status, 200);
      });

      it("opens nothing of what a user group gave it since", async () => {
        const { id, invitation_token: token } = await kept();
        const groups = `${account}/iam/user_groups`;
        const body = { name: "Administrators", policies: [allow(permissionGroup.administrator)] };
        const group = (await asOwner("POST", groups, body)).body.result.id;
        await asOwner("POST", `${groups}/${group}/members`, [{ id }]);
        assert.equal((await accept(token)).status, 400);
        await asOwner("DELETE", `${groups}/${group}/members/${id}`);
        assert.equal((await accept(token)).status, 200);
      });

      it("is good where its maker may give all that is held now", async () => {
        const invited = await asOwner("POST", `${account}/members`, { email: people.email() });
        const { id, invitation_token: token } = invited.body.result;
        const policies = [allow(permissionGroup.devicesRead)];
        assert.equal((await asOwner("PUT", `${account}/members/${id}`, { policies })).status, 200);
        assert.equal((await accept(token)).status, 200);
      });
    });
  });

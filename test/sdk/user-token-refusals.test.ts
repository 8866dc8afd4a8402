import assert from "node:assert/strict";
import { it } from "node:test";
import { BadRequestError, NotFoundError, PermissionDeniedError } from "cloudflare";
import type { TokenCreateParams } from "cloudflare/resources/user/tokens/tokens";
import { first } from "../server.ts";
import { allow, group } from "./grants.ts";
import { person } from "./people.ts";
import { fails, last, type Setting, withClient } from "./recorded.ts";

const policy = allow(group.devicesRead);
const minimal: TokenCreateParams = { name: "my token", policies: [policy] };
const invalid = { is: BadRequestError, status: 400, code: 1001 };
const absent = { is: NotFoundError, status: 404, code: 1404 };
const refused = { is: PermissionDeniedError, status: 403, code: 1002 };

const owner = (at: Setting) => at.with({ apiEmail: first.email, apiKey: first.apiKey });

withClient("user tokens refused to the official client", (at) => {
  it("say which member is wrong, on creating and on updating", async () => {
    const { client, wire } = owner(at);
    const { tokens } = client.user;
    const { id = "" } = await tokens.create(minimal);
    await tokens.get(id);
    const { text } = last(wire);
    for (const [body, pointer] of [
      [{ name: "" }, "/name"],
      [{ name: "x".repeat(121) }, "/name"],
      [{ name: undefined }, "/name"],
      [{ policies: [] }, "/policies"],
      [{ policies: undefined }, "/policies"],
      [{ policies: [{ ...policy, effect: "maybe" }] }, "/policies/0/effect"],
      [{ policies: [allow("0".repeat(32))] }, "/policies/0/permission_groups/0/id"],
      [{ policies: [{ ...policy, resources: {} }] }, "/policies/0/resources"],
      [{ expires_on: "tomorrow" }, "/expires_on"],
      [{ condition: { request_ip: { in: ["everywhere"] } } }, "/condition/request_ip/in/0"],
    ] as [object, string][]) {
      const sent = { ...minimal, ...body } as TokenCreateParams;
      await fails(tokens.create(sent), { ...invalid, pointer });
      await fails(tokens.update(id, sent), { ...invalid, pointer });
    }
    for (const [query, pointer] of [
      [{ page: 0 }, "/page"],
      [{ direction: "sideways" }, "/direction"],
      [{ include_expired: "maybe" }, "/include_expired"],
    ] as [object, string][])
      await fails(tokens.list(query), { ...invalid, pointer });
    await tokens.get(id);
    assert.equal(last(wire).text, text);
  });

  it("are found by their own person alone", async () => {
    const { tokens } = owner(at).client.user;
    const { id: gone = "" } = await tokens.create(minimal);
    await tokens.delete(gone);
    const { apiEmail, apiKey } = await person(at.running, "another@x.test");
    const { client } = at.with({ apiEmail, apiKey });
    const { id: others = "" } = await client.user.tokens.create(minimal);
    for (const id of [gone, others, "0".repeat(32), "token_id"]) {
      await fails(tokens.get(id), absent);
      await fails(tokens.update(id, minimal), absent);
      await fails(tokens.value.update(id), absent);
      await fails(tokens.delete(id), absent);
    }
    assert.equal((await client.user.tokens.get(others)).id, others);
  });

  it("are closed to tokens, those of people included", async () => {
    const { id = "", value = "" } = await owner(at).client.user.tokens.create(minimal);
    for (const { client } of [at, at.with({ apiToken: value })]) {
      const { tokens } = client.user;
      const says = /X-Auth-Email and X-Auth-Key/;
      await fails(tokens.list(), { ...refused, says });
      await fails(tokens.get(id), { ...refused, says });
      await fails(tokens.create(minimal), { ...refused, says });
      await fails(tokens.update(id, minimal), { ...refused, says });
      await fails(tokens.value.update(id), { ...refused, says });
      await fails(tokens.delete(id), { ...refused, says });
      await fails(tokens.permissionGroups.list(), { ...refused, says });
    }
  });
});

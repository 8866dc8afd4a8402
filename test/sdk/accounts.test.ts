import assert from "node:assert/strict";
import { it } from "node:test";
import { BadRequestError, PermissionDeniedError } from "cloudflare";
import { first } from "../server.ts";
import { fails, last, type Recorded, raw, type Setting, withClient } from "./recorded.ts";

const account_id = first.accountId;
const apiEmail = first.email;
const apiKey = first.apiKey;

/** The installation's owner, who may make accounts. */
const owner = (at: Setting): Recorded => at.with({ apiEmail, apiKey });

withClient("accounts through the official client", (at) => {
  listing(at);
  creating(at);
  updating(at);
  refusing(at);
});

function listing(at: Setting): void {
  it("lists the account of a token, by the name asked for too", async () => {
    const listed = [];
    for await (const account of at.client.accounts.list()) listed.push(account);
    assert.deepEqual(
      listed.map(({ id }) => id),
      [account_id],
    );
    const named = await at.client.accounts.list({ name: listed[0]?.name ?? "" });
    assert.deepEqual(named.result, listed);
    assert.deepEqual((await at.client.accounts.list({ name: "no such account" })).result, []);
  });

  it("gets the account as it is listed, with the members of its type", async () => {
    const { result } = await at.client.accounts.list();
    const account = await at.client.accounts.get({ account_id });
    assert.deepEqual(account, result[0]);
    assert.equal(account.type, "standard");
    assert.equal(account.settings?.enforce_twofactor, false);
    assert.match(account.created_on ?? "", /^2026-11-21T09:00:00\.\d{6}Z$/);
  });

  it("pages through the accounts of a user and ends after the last page", async () => {
    const { client, wire } = owner(at);
    const made = [];
    for (const name of ["page f", "page b", "page d", "page a", "page e", "page c"])
      made.push((await client.accounts.create({ name })).name);
    const before = wire.length;
    const listed: string[] = [];
    for await (const { name } of client.accounts.list({ per_page: 5, direction: "asc" }))
      if (name.startsWith("page ")) listed.push(name);
    assert.deepEqual(listed, made.toSorted());
    const pages = wire.slice(before).map(({ url, text }) => [url.search, JSON.parse(text).result.length]);
    assert.deepEqual(pages.at(0), ["?per_page=5&direction=asc", 5]);
    assert.equal(pages.at(-1)?.[1], 0);
    const { total_count } = JSON.parse(last(wire).text).result_info;
    assert.equal(pages.length, Math.ceil(total_count / 5) + 1);
    const backwards = await client.accounts.list({ per_page: 50, direction: "desc" });
    const names = backwards.result.map(({ name }) => name);
    assert.deepEqual(names, names.toSorted().reverse());
  });

  it("answers a page past the end with an empty page, and clamps the size of pages", async () => {
    const page = await at.client.accounts.list({ page: 9, per_page: 1000 });
    assert.deepEqual(page.result, []);
    assert.equal(page.hasNextPage(), false);
    assert.deepEqual(JSON.parse(last(at.wire).text).result_info, {
      page: 9,
      per_page: 50,
      count: 0,
      total_count: 1,
      total_pages: 1,
    });
  });
}

function creating(at: Setting): void {
  it("creates an account that its maker may then read and change", async () => {
    const { client, wire } = owner(at);
    const made = await client.accounts.create({ name: "  Второй счёт 🚀", type: "enterprise" });
    assert.match(made.id, /^[0-9a-f]{32}$/);
    assert.deepEqual([made.name, made.type], ["  Второй счёт 🚀", "enterprise"]);
    const created = raw(wire);
    await client.accounts.get({ account_id: made.id });
    assert.deepEqual(raw(wire), created);
    assert.equal((await client.accounts.create({ name: "a default" })).type, "standard");
  });

  it("takes what newer clients send beside the name", async () => {
    const { client, wire } = owner(at);
    await client.accounts.create({ name: "standalone", standalone: true, "Idempotency-Key": "once" });
    assert.equal(last(wire).sent.get("idempotency-key"), "once");
    assert.equal(last(wire).status, 200);
  });

  it("lets nobody but the installation's owner create one", async () => {
    await fails(at.client.accounts.create({ name: "not mine to make" }), {
      is: PermissionDeniedError,
      status: 403,
      code: 1002,
    });
  });
}

function updating(at: Setting): void {
  it("renames an account and changes its settings, and answers what is then read", async () => {
    const { client, wire } = owner(at);
    const { id, created_on } = await client.accounts.create({ name: "before" });
    const settings = { enforce_twofactor: true, abuse_contact_email: "abuse@example.com" };
    const after = await client.accounts.update({
      account_id: id,
      id,
      name: "after",
      type: "standard",
      settings,
    });
    assert.deepEqual([after.name, after.settings, after.created_on], ["after", settings, created_on]);
    const updated = last(wire).text;
    await client.accounts.get({ account_id: id });
    assert.equal(last(wire).text, updated);
    await client.accounts.update({ account_id: id, id, name: "after", type: "standard" });
    assert.equal(last(wire).text, updated);
  });

  it("takes the members that Terraform leaves out or nulls as left out", async () => {
    const { client, wire } = owner(at);
    const { id: account_id } = await client.accounts.create({ name: "terraformed" });
    const put = (body: object) => client.put(`/accounts/${account_id}`, { body });
    await put({ name: "terraformed", settings: { abuse_contact_email: "a@b.c" } });
    const before = last(wire).text;
    for (const more of [
      {},
      { type: null, settings: null, managed_by: null },
      { settings: { enforce_twofactor: null } },
    ]) {
      await put({ name: "terraformed", ...more });
      assert.equal(last(wire).text, before);
    }
    await put({ name: "terraformed", settings: { abuse_contact_email: null } });
    assert.deepEqual(raw(wire).settings, { enforce_twofactor: false });
  });
}

function refusing(at: Setting): void {
  it("names the member that is wrong", async () => {
    const name = "x".repeat(101);
    const wrong: [object, string][] = [
      [{}, "/name"],
      [{ name }, "/name"],
      [{ name: "fine", type: "gratis" }, "/type"],
      [{ name: "fine", id: "0".repeat(32) }, "/id"],
      [{ name: "fine", settings: { enforce_twofactor: "yes" } }, "/settings/enforce_twofactor"],
    ];
    for (const [body, pointer] of wrong)
      await fails(at.client.put(`/accounts/${account_id}`, { body }), {
        is: BadRequestError,
        status: 400,
        code: 1001,
        pointer,
      });
    await fails(owner(at).client.accounts.create({ name: "" }), {
      is: BadRequestError,
      status: 400,
      code: 1001,
      pointer: "/name",
    });
  });

  it("keeps accounts from callers that have no place in them, whether or not they exist", async () => {
    const { id } = await owner(at).client.accounts.create({ name: "theirs" });
    for (const elsewhere of [id, "0".repeat(32), "account_id"])
      await fails(at.client.accounts.get({ account_id: elsewhere }), {
        is: PermissionDeniedError,
        status: 403,
        code: 9109,
      });
  });

  it("lets readers read and not write", async () => {
    const reader = at.with({ apiToken: await at.running.tokenWith({ groups: ["Account Settings Read"] }) });
    assert.equal((await reader.client.accounts.get({ account_id })).id, account_id);
    const update = reader.client.accounts.update({
      account_id,
      id: account_id,
      name: "no",
      type: "standard",
    });
    await fails(update, {
      is: PermissionDeniedError,
      status: 403,
      code: 9109,
      says: /Account Settings Write/,
    });
    assert.equal(reader.wire.length, 2);
  });
}

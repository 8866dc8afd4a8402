import assert from "node:assert/strict";
import { it } from "node:test";
import { ConflictError, PermissionDeniedError } from "cloudflare";
import { first } from "../server.ts";
import { allowPeople, group } from "./grants.ts";
import { type Person, person } from "./people.ts";
import { fails, last, type Recorded, type Setting, withClient } from "./recorded.ts";

const refused = { is: PermissionDeniedError, status: 403, code: 9109 };

/** The owner of the installation: super administrator of every account that it makes. */
const owner = (at: Setting): Recorded => at.with({ apiEmail: first.email, apiKey: first.apiKey });

/** Makes a second account, and answers its ids. */
async function secondAccount(at: Setting) {
  const { client, wire } = owner(at);
  const { id } = await client.accounts.create({ name: "second" });
  const { org_id } = JSON.parse(last(wire).text).result;
  const { result } = await client.iam.resourceGroups.list({ account_id: id });
  assert.equal(result.length, 1);
  return { id, orgId: org_id as string, resourceGroupId: result[0]?.id ?? "" };
}

/** The status that somebody's key gets for devices of an account on `/api/v1`. */
async function devicesOf(at: Setting, who: Person, orgId: string): Promise<number> {
  const headers = { "X-Auth-Email": who.apiEmail, "X-Auth-Key": who.apiKey };
  return (await at.running.ask("GET", `/api/v1/devices?org_id=${orgId}`, { token: null, headers })).status;
}

withClient("one person in two accounts", (at) => {
  joining(at);
  rights(at);
  apart(at);
});

function joining(at: Setting): void {
  it("accepts an invitation to the second with the key of the first, and keeps that key", async () => {
    const who = await person(at.running, "both@x.test", [allowPeople(group.settingsRead)]);
    const { id: account_id, resourceGroupId } = await secondAccount(at);
    const { client, wire } = owner(at);
    const resource_groups = [{ id: resourceGroupId }];
    const policies = [{ ...allowPeople(group.administratorReadOnly), resource_groups }];
    const email = who.apiEmail.toUpperCase();
    const invited = await client.accounts.members.create({ account_id, email, policies });
    const { invitation_token: token } = JSON.parse(last(wire).text).result;
    const { client: own } = at.with({ apiEmail: who.apiEmail, apiKey: who.apiKey });
    await fails(own.accounts.get({ account_id }), refused);
    const headers = { "X-Auth-Email": who.apiEmail, "X-Auth-Key": who.apiKey };
    const accept = () =>
      at.running.ask("POST", "/api/v1/invitations/accept", { token: null, headers, body: { token } });
    const stranger = { token: null, body: { token } };
    assert.equal((await at.running.ask("POST", "/api/v1/invitations/accept", stranger)).status, 401);
    const accepted = await accept();
    assert.equal(accepted.body.member_id, invited.id, JSON.stringify(accepted.body));
    assert.equal("api_key" in accepted.body, false);
    assert.equal((await accept()).status, 400);
    const listed = [];
    for await (const account of own.accounts.list()) listed.push(account.id);
    assert.deepEqual(listed.toSorted(), [first.accountId, account_id].toSorted());
  });
}

function rights(at: Setting): void {
  it("has the rights of each in each, and through a group there only there", async () => {
    const who = await person(at.running, "two-sets@x.test", [allowPeople(group.settingsRead)]);
    const { id: account_id, orgId, resourceGroupId } = await secondAccount(at);
    const { client } = owner(at);
    const resource_groups = [{ id: resourceGroupId }];
    const { id = "" } = await joined(at, who, account_id);
    const { client: own } = at.with({ apiEmail: who.apiEmail, apiKey: who.apiKey });
    const groups = own.zeroTrust.devices.deploymentGroups;
    const product = { ...refused, code: 10000 };
    assert.equal((await own.accounts.get({ account_id: first.accountId })).id, first.accountId);
    await fails(own.accounts.get({ account_id }), refused);

    const readers = await client.iam.userGroups.create({
      account_id,
      name: "Readers of devices",
      policies: [{ ...allowPeople(group.devicesRead), resource_groups }],
    });
    await client.iam.userGroups.members.create(readers.id, { account_id, members: [{ id }] });
    assert.equal(await devicesOf(at, who, orgId), 200);
    assert.equal(await devicesOf(at, who, first.orgId), 403);
    await fails(groups.list({ account_id }), product);
    await fails(groups.list({ account_id: first.accountId }), product);

    const policies = [{ ...allowPeople(group.zeroTrustRead), resource_groups }];
    await client.accounts.members.update(id, { account_id, policies });
    assert.deepEqual((await groups.list({ account_id })).result, []);
    await fails(groups.list({ account_id: first.accountId }), product);
    const denied = [{ ...policies[0], access: "deny" }] as never;
    await client.iam.userGroups.update(readers.id, { account_id, policies: denied });
    await fails(groups.list({ account_id }), product);
    assert.equal((await own.accounts.get({ account_id: first.accountId })).id, first.accountId);
  });

  it("loses the one account with the membership, and keeps the other and the key", async () => {
    const who = await person(at.running, "leaves-one@x.test", [allowPeople(group.settingsRead)]);
    const { id: account_id } = await secondAccount(at);
    const { id = "" } = await joined(at, who, account_id);
    const { client: own } = at.with({ apiEmail: who.apiEmail, apiKey: who.apiKey });
    await owner(at).client.accounts.members.delete(id, { account_id });
    await fails(own.accounts.get({ account_id }), refused);
    assert.equal((await own.accounts.get({ account_id: first.accountId })).id, first.accountId);
    const listed = [];
    for await (const account of own.accounts.list()) listed.push(account.id);
    assert.deepEqual(listed, [first.accountId]);
  });
}

/** Makes somebody who is there already a member of another account, without policies. */
async function joined(at: Setting, who: Person, account_id: string) {
  const { client } = owner(at);
  const status = "accepted" as const;
  return client.accounts.members.create({ account_id, email: who.apiEmail, policies: [], status });
}

function apart(at: Setting): void {
  it("finds nothing of the one account in the other", async () => {
    const who = await person(at.running, "apart@x.test", [allowPeople(group.administratorReadOnly)]);
    const { id: account_id, resourceGroupId } = await secondAccount(at);
    const { client } = owner(at);
    const { id: groupId } = await at.client.iam.userGroups.create({
      account_id: first.accountId,
      name: "First's",
    });
    const absent = { status: 404 };
    await assert.rejects(client.iam.userGroups.get(groupId, { account_id }), absent);
    await assert.rejects(client.accounts.members.get(who.id, { account_id }), absent);
    await assert.rejects(client.iam.resourceGroups.get(first.resourceGroupId, { account_id }), absent);
    const { id } = await client.iam.userGroups.create({ account_id, name: "Second's" });
    const members = [{ id: who.id }];
    await assert.rejects(client.iam.userGroups.members.create(id, { account_id, members }), { status: 400 });
    const policies = [allowPeople(group.devicesRead)];
    const foreign = client.iam.userGroups.create({ account_id, name: "Foreign", policies });
    await assert.rejects(foreign, { status: 400 });
    const own = [{ ...allowPeople(group.devicesRead), resource_groups: [{ id: resourceGroupId }] }];
    assert.ok((await client.iam.userGroups.create({ account_id, name: "Own", policies: own })).id);
  });

  it("is accepted at once by nobody who is not super administrator of both", async () => {
    const who = await person(at.running, "elsewhere@x.test", []);
    const { id: account_id, resourceGroupId } = await secondAccount(at);
    const lead = await person(at.running, "lead@x.test", []);
    const resource_groups = [{ id: resourceGroupId }];
    const policies = [{ ...allowPeople(group.superAdministrator), resource_groups }];
    const { id = "" } = await joined(at, lead, account_id);
    await owner(at).client.accounts.members.update(id, { account_id, policies });
    const { client, wire } = at.with({ apiEmail: lead.apiEmail, apiKey: lead.apiKey });
    const { members } = client.accounts;
    const status = "accepted" as const;
    await fails(members.create({ account_id, email: who.apiEmail, policies: [], status }), {
      ...{ is: ConflictError, status: 409, code: 1409, pointer: "/status" },
    });
    assert.equal(wire.length, 1);
    assert.equal((await members.create({ account_id, email: who.apiEmail, policies: [] })).status, "pending");
  });
}

import assert from "node:assert/strict";
import type { Cloudflare } from "cloudflare";
import { first, type Running } from "../server.ts";

/** Somebody who is an accepted member of the first account, with a global key. */
export type Person = { readonly id: string; readonly apiEmail: string; readonly apiKey: string };

const members = `/client/v4/accounts/${first.accountId}/members`;

/** Makes an accepted member of the first account, with policies of its own and a key. */
export async function person(running: Running, email: string, policies: object[] = []): Promise<Person> {
  const { ask } = running;
  const { status, body } = await ask("POST", members, { body: { email, status: "accepted", policies } });
  assert.equal(status, 200, JSON.stringify(body));
  const issued = await ask("POST", `${members}/${body.result.id}/key`);
  assert.equal(issued.status, 200, JSON.stringify(issued.body));
  return { id: body.result.id, apiEmail: email, apiKey: issued.body.result.key };
}

/** Invites people by their addresses through the client, and answers the ids of these members in the same order. */
export async function invited(client: Cloudflare, ...emails: string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const email of emails) {
    const { id = "" } = await client.accounts.members.create({
      account_id: first.accountId,
      email,
      policies: [],
    });
    ids.push(id);
  }
  return ids;
}

import { first, type Running, type Told } from "./server.ts";

/** The first account on `/client/v4`. */
export const account = `/client/v4/accounts/${first.accountId}`;

/** The scope key of the first account and everything in it. */
export const wholeAccount = `com.cloudflare.api.account.${first.accountId}`;

/** The key pair of the user of the first start. */
export const ownerPair = { "X-Auth-Email": first.email, "X-Auth-Key": first.apiKey };

/** Ids of permission groups, which are part of the contract and never change. */
export const permissionGroup = {
  settingsRead: "98c68da43e00b0a3bffab176b992e4df",
  settingsWrite: "2a78df7b22948a2ddc8213fb0b54adf2",
  provisioning: "01a88f8ed35efdec56caa1214e03ab3b",
  devicesRead: "68bb091808b85a39a9322c9458dc5b56",
  devicesWrite: "9f582aedb69f8578676a74f65988c677",
  deviceGroupsRead: "0d3f703b77f14b6571ae13da280ce3d7",
  zoneRead: "c8fed203ed3043cba015a93ad1616f1f",
  administrator: "bc7450ea8867e1700582cf6066fc2bb7",
  administratorReadOnly: "58a0957d026d3c815435b6e85bcd1bd3",
  superAdministrator: "3f267360400b650078a01363304f1cdc",
} as const;

/** Where a policy of people holds: the id of a resource group, or the scope keys that are meant in the first account. */
export type Where = { id: string } | { scope: object };

/** A policy of people, on the whole account where nothing else is said. */
export function sentPolicy(access: "allow" | "deny", groups: readonly string[], ...on: Where[]) {
  return {
    access,
    permission_groups: groups.map((id) => ({ id })),
    resource_groups: on.length > 0 ? on : [{ id: first.resourceGroupId }],
  };
}

/** An allowing policy of people on the whole account. */
export function allow(...groups: string[]) {
  return sentPolicy("allow", groups);
}

/** A denying policy of people on the whole account. */
export function deny(...groups: string[]) {
  return sentPolicy("deny", groups);
}

/** Some objects of an account, as a scope that is spelled out. */
export function scopeOf(...keys: string[]): { scope: { key: string; objects: { key: string }[] } } {
  return { scope: { key: wholeAccount, objects: keys.map((key) => ({ key })) } };
}

/** Somebody with a key pair. */
export type Person = { id: string; email: string; headers: Record<string, string> };

/** Makes people, and lets them ask. */
export type People = {
  /** An accepted member with a key, and with policies or roles of its own. */
  person(rights?: object[], account?: string): Promise<Person>;
  /** A member who is invited: the member and the invitation. */
  invited(email?: string, rights?: object[]): Promise<{ id: string; email: string; invitation: string }>;
  /** An e-mail address that nobody has. */
  email(): string;
  /** Asks with a key pair instead of the first token. */
  as(who: Pick<Person, "headers">, method: string, path: string, body?: unknown): Promise<Told>;
};

/** People of a running server, all made by the owner of the installation. */
export function peopleOf({ ask }: Running): People {
  let count = 0;
  const email = () => `person-${count++}@example.com`;
  const as: People["as"] = (who, method, path, body) =>
    ask(method, path, { token: null, headers: who.headers, ...(body !== undefined && { body }) });
  const must = async (method: string, path: string, body?: unknown) => {
    const told = await as({ headers: ownerPair }, method, path, body);
    if (told.status !== 200) throw new Error(`${method} ${path}: ${JSON.stringify(told.body)}`);
    return told.body.result;
  };
  return {
    email,
    as,
    async person(policies = [], at = account) {
      const address = email();
      const { id } = await must("POST", `${at}/members`, { email: address, status: "accepted", policies });
      const { key } = await must("POST", `${at}/members/${id}/key`);
      return { id, email: address, headers: { "X-Auth-Email": address, "X-Auth-Key": key } };
    },
    async invited(address = email(), policies = []) {
      const made = await must("POST", `${account}/members`, { email: address, policies });
      return { id: made.id, email: address, invitation: made.invitation_token };
    },
  };
}

/** How many answers had each status. */
export function statuses(told: readonly Told[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const { status } of told) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

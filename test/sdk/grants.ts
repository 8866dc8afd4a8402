import { first } from "../server.ts";

/** Ids of permission groups, by their names. They are part of the contract and never change. */
export const group = {
  tokensWrite: "9e4b0ad92f9f5f2228350595ad3ed060",
  settingsRead: "98c68da43e00b0a3bffab176b992e4df",
  settingsWrite: "2a78df7b22948a2ddc8213fb0b54adf2",
  scim: "01a88f8ed35efdec56caa1214e03ab3b",
  zeroTrustRead: "e320a579e7817d2291a9065227f974df",
  administrator: "bc7450ea8867e1700582cf6066fc2bb7",
  administratorReadOnly: "58a0957d026d3c815435b6e85bcd1bd3",
  superAdministrator: "3f267360400b650078a01363304f1cdc",
  devicesRead: "68bb091808b85a39a9322c9458dc5b56",
  devicesWrite: "9f582aedb69f8578676a74f65988c677",
  zeroTrustWrite: "181b7a7fda6ea2de8f654df3e7dfb33c",
  zoneRead: "c8fed203ed3043cba015a93ad1616f1f",
  magicNetworkMonitoring: "82e64a83756745bbbb1c9c2701bf816b",
} as const;

/** The scope key of the first account and everything in it. */
export const wholeAccount = `com.cloudflare.api.account.${first.accountId}`;

/** A policy that allows permission groups on the whole first account. */
export function allow(...ids: string[]) {
  return {
    effect: "allow" as const,
    permission_groups: ids.map((id) => ({ id })),
    resources: { [wholeAccount]: "*" },
  };
}

/** A policy of a member or a user group that allows permission groups on the whole first account. */
export function allowPeople(...ids: string[]) {
  return {
    access: "allow" as const,
    permission_groups: ids.map((id) => ({ id })),
    resource_groups: [{ id: first.resourceGroupId }],
  };
}

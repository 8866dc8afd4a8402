import { first } from "../server.ts";

/** Ids of permission groups, by their names. They are part of the contract and never change. */
export const group = {
  tokensWrite: "9e4b0ad92f9f5f2228350595ad3ed060",
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

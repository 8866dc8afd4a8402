import ipaddr from "ipaddr.js";
import { invalid } from "../../failure.ts";
import type { Condition } from "./api-token.ts";

type Block = [ipaddr.IPv4 | ipaddr.IPv6, number];

/** May a token with this condition be used from this address? IPv4 within IPv6 counts as IPv4. */
export function addressAllowed(condition: Condition | null, address: string): boolean {
  const { in: within = [], not_in: without = [] } = condition?.request_ip ?? {};
  if (within.length === 0 && without.length === 0) return true;
  if (!ipaddr.isValid(address)) return false;
  const caller = ipaddr.process(address);
  const inside = (cidr: string) => {
    const block = blockOf(cidr);
    return block !== undefined && block[0].kind() === caller.kind() && caller.match(block as never);
  };
  return (within.length === 0 || within.some(inside)) && !without.some(inside);
}

/** Refuses a condition in which something is no CIDR block or address. */
export function checkCondition(condition: Condition | null): void {
  for (const side of ["in", "not_in"] as const)
    for (const [index, cidr] of (condition?.request_ip?.[side] ?? []).entries())
      if (!blockOf(cidr))
        throw invalid(
          `/condition/request_ip/${side}/${index}`,
          `condition/request_ip/${side}/${index}: expected a CIDR block such as 192.0.2.0/24 or 2001:db8::/32`,
        );
}

function blockOf(cidr: string): Block | undefined {
  try {
    if (cidr.includes("/")) return normal(ipaddr.parseCIDR(cidr));
    const single = ipaddr.process(cidr);
    return [single, single.kind() === "ipv4" ? 32 : 128];
  } catch {
    return undefined;
  }
}

function normal([base, bits]: Block): Block {
  if (base instanceof ipaddr.IPv6 && base.isIPv4MappedAddress() && bits >= 96)
    return [base.toIPv4Address(), bits - 96];
  return [base, bits];
}

import { invalid } from "../../failure.ts";
import type { Context } from "../../operation/operation.ts";
import { matters, telling } from "../difference.ts";
import { accountKey, chainOf, kindKey, kindOfKey } from "../scope.ts";

/** A permission on a resource, as somebody asks about it. */
export type Asked = { readonly permission: string; readonly resource: string };

/**
 * What is looked at to answer: the chain of the resource, and, for a permission that does more than read, also the
 * permission to see it, which a deny takes away together with everything else.
 */
export type Question = {
  readonly permission: string;
  readonly chain: readonly string[];
  readonly sight: { readonly permission: string; readonly chain: readonly string[] } | null;
};

/**
 * Looks a question up. What a resource is read through (a device's groups) is looked at only where the caller sees
 * the resource: for others a hidden one must look like a missing one.
 *
 * @throws Failure `invalid` for a permission that there is not, or for what is no scope key of the account
 */
export async function questionOf(context: Context, { permission, resource }: Asked): Promise<Question> {
  const { account, groupsContaining } = context;
  if (groupsContaining(permission).length === 0)
    throw invalid("/permission", `permission: there is no permission ${permission}`);
  const whole = accountKey(account.accountId);
  const kind = kindOfKey(resource);
  if (resource !== whole && (kind === null || kind === "" || resource.endsWith(".")))
    throw invalid("/resource", `resource: expected ${whole}, or a key such as ${kindKey("device-group")}`);
  const chain = matters(permission, resource)
    ? telling(permission, resource, account.accountId)
    : [whole, resource];
  // Making a new one of a kind takes no right to see those that there are.
  if (kind === null || resource === kindKey(kind)) return { permission, chain, sight: null };
  const seeing = `${kind}.read`;
  const through = await throughKeys(context, kind, resource);
  if (permission === seeing) return { permission, chain: [...chain, ...through], sight: null };
  const seen = groupsContaining(seeing).length > 0;
  const sight = { permission: seeing, chain: [whole, resource, ...through] };
  return { permission, chain, sight: seen ? sight : null };
}

async function throughKeys(context: Context, kind: string, resource: string): Promise<readonly string[]> {
  const { account } = context;
  const id = resource.slice(kindKey(kind).length - 1);
  const through = await context.keysThrough(kind, id);
  const sees = account.authorize(`${kind}.read`, chainOf(account.accountId, kind, id, ...through)).allowed;
  return sees ? through : [];
}

import type { Handle } from "../../db/database.ts";
import { Failure } from "../../failure.ts";
import type { Membership } from "../../operation/caller.ts";
import {
  type Change,
  type Context,
  type CountImpact,
  list,
  type Path,
  read,
  type Target,
  write,
} from "../../operation/operation.ts";
import type { Page } from "../../operation/page.ts";
import { asHeld } from "../holding.ts";
import type { IamPolicy } from "../iam-policy/index.ts";
import { cameAndWent, nobodyMoves, type RightsChange, weigh } from "../rights-change.ts";
import { chainOf } from "../scope.ts";
import { hashSecret, mintSecret } from "../secret.ts";
import { type ApiToken, at, kind, permission, type TokenNow } from "./api-token.ts";
import { blank, changed, type Wanted } from "./change.ts";
import { deleteToken, findToken, insertToken, listTokens, replaceSecret, updateToken } from "./store.ts";

type Secret = { token: TokenNow; value: string };

const declared = { resource: kind, sees: permission.read } as const;

async function target(db: Handle, account: Membership, path: Path): Promise<Target<ApiToken>> {
  const token = await findToken(db, account.accountId, path.token_id ?? "");
  return token
    ? { chain: chainOf(account.accountId, kind, token.id), noun: token }
    : { missing: "API token" };
}

/** The API tokens of the account. */
export const listApiTokens = list<
  { direction: "asc" | "desc"; includeExpired: boolean; page: Page },
  TokenNow
>({
  name: "api-token.list",
  summary: "List the account's API tokens",
  access: { permission: permission.read },
  resource: kind,
  async run({ db, account, now }, { direction, includeExpired, page }, visible) {
    const filter = { direction, ...(!includeExpired && { validAt: now }) };
    const listed = await listTokens(db, account.accountId, filter, visible, page);
    return { ...listed, items: listed.items.map((token) => at(token, now)) };
  },
});

/** One API token. */
export const getApiToken = read<unknown, TokenNow, ApiToken>({
  ...declared,
  name: "api-token.get",
  summary: "Get an API token",
  access: { permission: permission.read },
  target,
  run: async ({ now }, _input, token) => at(token, now),
});

/** Makes an API token and shows its secret once. */
export const createApiToken = write<Wanted, Secret>({
  ...declared,
  name: "api-token.create",
  summary: "Create an API token",
  access: { permission: permission.write },
  raises: "rights",
  async run(context, wanted) {
    const { db, account, ids, now } = context;
    const token = changed({ ...blank, id: ids.hex(), issuedOn: now }, wanted, context);
    const impact = await weighToken(context, null, token, { from: [] });
    const value = mintSecret("flat");
    await insertToken(db, account.accountId, token, hashSecret(value));
    return { result: { token: at(token, now), value }, changes: [changeOf(null, token)], impact };
  },
});

/** Changes an API token; members that are left out stay as they are, `null` clears. */
export const updateApiToken = write<Wanted, TokenNow, ApiToken>({
  ...declared,
  name: "api-token.update",
  summary: "Change an API token",
  access: { permission: permission.write },
  raises: "rights",
  target,
  async run(context, wanted, before) {
    const after = changed(before, wanted, context);
    if (essence(after) === essence(before)) {
      const impact = await weigh(context, nobodyMoves);
      return { result: at(before, context.now), changes: [], impact };
    }
    // What the token could do before needs no right to give, unless it becomes usable longer or from elsewhere.
    const from = isWider(before, after) ? [] : before.iamPolicies;
    const impact = await weighToken(context, before, after, { from });
    await updateToken(context.db, context.account.accountId, after);
    return { result: at(after, context.now), changes: [changeOf(before, after)], impact };
  },
});

/** Deletes an API token: its secret opens nothing from then on. */
export const deleteApiToken = write<unknown, ApiToken, ApiToken>({
  ...declared,
  name: "api-token.delete",
  summary: "Delete an API token",
  access: { permission: permission.write },
  raises: "rights",
  target,
  async run(context, _input, token) {
    const { db, account } = context;
    const impact = await weighToken(context, token, null, { from: token.iamPolicies });
    await deleteToken(db, account.accountId, token.id);
    return { result: token, changes: [changeOf(token, null)], impact };
  },
});

/** Gives an API token another secret, shown once; the present one opens nothing from then on. */
export const rollApiToken = write<unknown, string, ApiToken>({
  ...declared,
  name: "api-token.roll",
  summary: "Roll an API token",
  access: { permission: permission.write },
  raises: "rights",
  target,
  async run(context, _input, before) {
    const { db, account, now } = context;
    // Whoever has the new secret holds all that the token may do.
    const impact = await weighToken(context, before, before, { from: [] });
    const value = mintSecret("flat");
    const after = { ...before, modifiedOn: now };
    await replaceSecret(db, account.accountId, before.id, hashSecret(value));
    await updateToken(db, account.accountId, after);
    return { result: value, changes: [changeOf(before, after)], impact };
  },
});

/** Says whether the token that asks is usable. */
export const verifyApiToken = read<{ account?: string }, TokenNow>({
  name: "api-token.verify",
  summary: "Verify the API token that asks",
  access: { to: "itself", reason: "a token may always ask about itself" },
  resource: kind,
  sees: permission.read,
  within: "installation",
  run: verify,
});

/** The account's token that asks, in any account or in the one that is named. Throws `unauthenticated` for others. */
export async function verify(
  { db, caller, now }: Context,
  { account }: { account?: string },
): Promise<TokenNow> {
  const [own] = caller.memberships;
  if (caller.type !== "token")
    throw new Failure(
      "unauthenticated",
      "only an API token can be verified, with the request that it comes with",
      { reason: "token-wanted" },
    );
  const token = caller.userId === undefined && own && (await findToken(db, own.accountId, caller.id));
  if (!token || (account !== undefined && account !== own.accountId))
    throw new Failure("unauthenticated", "Invalid API Token", { reason: "unknown-token" });
  return at(token, now);
}

/** May the token be usable when or where it was not before? One condition in another's place may be wider. */
function isWider(before: ApiToken, after: ApiToken): boolean {
  const ever = Number.POSITIVE_INFINITY;
  return (
    (before.disabled && !after.disabled) ||
    (after.expiresOn ?? ever) > (before.expiresOn ?? ever) ||
    (after.notBefore ?? -ever) < (before.notBefore ?? -ever) ||
    (before.condition !== null && JSON.stringify(before.condition) !== JSON.stringify(after.condition))
  );
}

/**
 * Keeps the grant rule for what a token held before and holds afterwards. What is counted in a dry run is what it can
 * do: nothing while it is disabled.
 */
function weighToken(
  context: Context,
  before: ApiToken | null,
  after: ApiToken | null,
  given: { readonly from: readonly IamPolicy[] },
): Promise<CountImpact | undefined> {
  const { id, name } = (after ?? before) as ApiToken;
  const owner = { kind, id } as const;
  const moving = (was: readonly IamPolicy[], is: readonly IamPolicy[]): RightsChange => {
    const holder = { type: "token", id, name } as const;
    const shift = { holder, before: asHeld(owner, was), after: asHeld(owner, is) };
    return { ...cameAndWent(was, is), shifts: async () => [shift] };
  };
  const usable = (token: ApiToken | null) => (token && !token.disabled ? token.iamPolicies : []);
  return weigh(context, moving(given.from, after?.iamPolicies ?? []), moving(usable(before), usable(after)));
}

function essence({ modifiedOn, lastUsedOn, ...token }: ApiToken): string {
  return JSON.stringify(token);
}

function changeOf(before: ApiToken | null, after: ApiToken | null): Change {
  const { id, name } = (after ?? before) as ApiToken;
  return { resource: { kind, id, name }, before, after };
}

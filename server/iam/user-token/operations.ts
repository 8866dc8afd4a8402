import { holdUser } from "../../accounts/user/index.ts";
import type { Handle } from "../../db/database.ts";
import { Failure, missing } from "../../failure.ts";
import type { Caller } from "../../operation/caller.ts";
import { type Change, type Context, list, read, write } from "../../operation/operation.ts";
import type { Page } from "../../operation/page.ts";
import { at, blank, changed, type TokenNow, verify, type Wanted } from "../api-token/index.ts";
import { accountsOf } from "../member/index.ts";
import { type PermissionGroup, selectableBy } from "../permission-group/index.ts";
import { hashSecret, mintSecret } from "../secret.ts";
import {
  deleteUserToken,
  findUserToken,
  insertUserToken,
  listUserTokens,
  replaceUserTokenSecret,
  updateUserToken,
} from "./store.ts";
import { kind, type UserToken } from "./user-token.ts";

type Named = { readonly tokenId: string };

const own = {
  access: { to: "everyone", reason: "a person's own tokens, which can do no more than the person" },
  resource: kind,
  sees: "",
  within: "installation",
} as const;
const changing = { ...own, raises: "rights" } as const;

/** The caller's own tokens. */
export const listOwnTokens = list<
  { direction: "asc" | "desc"; includeExpired: boolean; page: Page },
  TokenNow
>({
  ...own,
  name: "user-token.list",
  summary: "List one's own API tokens",
  async run({ db, caller, now }, { direction, includeExpired, page }) {
    const filter = { direction, ...(!includeExpired && { validAt: now }) };
    const listed = await listUserTokens(db, personIn(caller), filter, page);
    return { ...listed, items: listed.items.map((token) => at(token, now)) };
  },
});

/** One of the caller's own tokens. */
export const getOwnToken = read<Named, TokenNow>({
  ...own,
  name: "user-token.get",
  summary: "Get one of one's own API tokens",
  run: async (context, { tokenId }) => at(await theToken(context, tokenId), context.now),
});

/** Makes a token and shows its secret once. It needs no right to give: whatever it says, it is cut by the person's. */
export const createOwnToken = write<Wanted, { token: TokenNow; value: string }>({
  ...changing,
  name: "user-token.create",
  summary: "Create an API token of one's own",
  async run(context, wanted) {
    const { db, ids, now } = context;
    const userId = await thePerson(context);
    const token = { ...changed({ ...blank, id: ids.hex(), issuedOn: now }, wanted, context), userId };
    const value = mintSecret("flut");
    await insertUserToken(db, token, hashSecret(value));
    return { result: { token: at(token, now), value }, ...(await told(context, null, token)) };
  },
});

/** Changes a token; members that are left out stay as they are, `null` clears. */
export const updateOwnToken = write<Wanted & Named, TokenNow>({
  ...changing,
  name: "user-token.update",
  summary: "Change one of one's own API tokens",
  async run(context, { tokenId, ...wanted }) {
    const { db, now } = context;
    const before = await theToken(context, tokenId);
    await thePerson(context);
    const after = { ...changed(before, wanted, context), userId: before.userId };
    if (essence(after) === essence(before)) return { result: at(before, now), changes: [] };
    await updateUserToken(db, after);
    return { result: at(after, now), ...(await told(context, before, after)) };
  },
});

/** Deletes a token: its secret opens nothing from then on. */
export const deleteOwnToken = write<Named, UserToken>({
  ...changing,
  name: "user-token.delete",
  summary: "Delete one of one's own API tokens",
  async run(context, { tokenId }) {
    const token = await theToken(context, tokenId);
    await thePerson(context);
    await deleteUserToken(context.db, token.id);
    return { result: token, ...(await told(context, token, null)) };
  },
});

/** Gives a token another secret, shown once; the present one opens nothing from then on. */
export const rollOwnToken = write<Named, string>({
  ...changing,
  name: "user-token.roll",
  summary: "Roll one of one's own API tokens",
  async run(context, { tokenId }) {
    const { db, now } = context;
    const before = await theToken(context, tokenId);
    await thePerson(context);
    const value = mintSecret("flut");
    const after = { ...before, modifiedOn: now };
    await replaceUserTokenSecret(db, before.id, hashSecret(value));
    await updateUserToken(db, after);
    return { result: value, ...(await told(context, before, after)) };
  },
});

/** Says whether the token that asks is usable, be it a person's or an account's. */
export const verifyToken = read<unknown, TokenNow>({
  name: "user-token.verify",
  summary: "Verify the API token that asks",
  access: { to: "itself", reason: "a token may always ask about itself" },
  resource: kind,
  sees: "",
  within: "installation",
  async run(context) {
    const { db, caller, now } = context;
    if (caller.type !== "token" || caller.userId === undefined) return verify(context, {});
    return at(await theOne(db, caller.userId, caller.id), now);
  },
});

/** The catalogue, as whoever makes tokens of their own needs it. */
export const listForOwnTokens = list<{ name?: string; scope?: string; page: Page }, PermissionGroup>({
  ...own,
  name: "user-token.list-permission-groups",
  summary: "List the permission groups that tokens of one's own can name",
  async run({ caller }, { name, scope, page }) {
    personIn(caller);
    return selectableBy({ name, scope }, page);
  },
});

/** Only the person itself: a token that could make tokens would be as good as the key. */
function personIn({ type, id }: Caller): string {
  if (type === "user") return id;
  throw new Failure("forbidden", "only a person, by X-Auth-Email and X-Auth-Key, has tokens of its own", {
    needs: { permission: "user-token.write", permissionGroups: [], decidedBy: "not-owner" },
  });
}

function theToken({ db, caller }: Context, tokenId: string): Promise<UserToken> {
  return theOne(db, personIn(caller), tokenId);
}

async function theOne(db: Handle, userId: string, tokenId: string): Promise<UserToken> {
  const token = await findUserToken(db, userId, tokenId);
  if (!token) throw missing("API token");
  return token;
}

/** The person, who can neither be forgotten nor join or leave an account until this transaction ends. */
async function thePerson({ db, caller }: Context): Promise<string> {
  const user = await holdUser(db, personIn(caller));
  if (!user)
    throw new Failure("unauthenticated", "Unknown X-Auth-Key or X-Auth-Email", { reason: "unknown-key" });
  return user.id;
}

/** Every account of the person learns of it: the token may act in all of them. */
async function told({ db }: Context, before: UserToken | null, after: UserToken | null) {
  const { id, name, userId } = (after ?? before) as UserToken;
  const changes: Change[] = [{ resource: { kind, id, name }, before, after }];
  return { changes, accountIds: await accountsOf(db, userId) };
}

function essence({ modifiedOn, lastUsedOn, ...token }: UserToken): string {
  return JSON.stringify(token);
}

import type { Handle } from "../../db/database.ts";
import { chainOf } from "../../iam/scope.ts";
import { hashSecret, mintSecret } from "../../iam/secret.ts";
import type { Membership } from "../../operation/caller.ts";
import { type Change, list, type Path, read, type Target, write } from "../../operation/operation.ts";
import type { Page } from "../../operation/page.ts";
import { changed, type Wanted } from "./change.ts";
import { atTime, type EnrolmentToken, kind, permission, type TokenNow } from "./enrolment-token.ts";
import { deleteToken, findToken, insertToken, listTokens, updateToken } from "./store.ts";

const declared = { resource: kind, sees: permission.read } as const;

async function target(db: Handle, account: Membership, path: Path): Promise<Target<EnrolmentToken>> {
  const token = await findToken(db, account.accountId, path.enrolment_token_id ?? "");
  return token
    ? { chain: chainOf(account.accountId, kind, token.id), noun: token }
    : { missing: "enrolment token" };
}

/** The enrolment tokens of the account. */
export const listEnrolmentTokens = list<{ page: Page }, TokenNow>({
  name: "enrolment-token.list",
  summary: "List enrolment tokens",
  access: { permission: permission.read },
  resource: kind,
  async run({ db, account, now }, { page }, visible) {
    const listed = await listTokens(db, account.accountId, visible, page);
    return { ...listed, items: listed.items.map((token) => atTime(token, now)) };
  },
});

/** One enrolment token. */
export const getEnrolmentToken = read<unknown, TokenNow, EnrolmentToken>({
  ...declared,
  name: "enrolment-token.get",
  summary: "Get an enrolment token",
  access: { permission: permission.read },
  target,
  run: async ({ now }, _input, token) => atTime(token, now),
});

/** Makes an enrolment token and shows its secret once. */
export const createEnrolmentToken = write<Wanted & { name: string }, { token: TokenNow; secret: string }>({
  ...declared,
  name: "enrolment-token.create",
  summary: "Create an enrolment token",
  access: { permission: permission.write },
  raises: "rights",
  async run(context, wanted) {
    const { db, account, ids, now } = context;
    const blank = { fixed: {}, disabled: false, expiresAt: null, lastUsedAt: null };
    const given = { ...blank, ...wanted, id: ids.hex(), createdAt: now, updatedAt: now };
    const token = changed(context, null, given);
    const secret = mintSecret("fle");
    await insertToken(db, account.accountId, token, hashSecret(secret));
    return { result: { token: atTime(token, now), secret }, changes: [changeOf(null, token)] };
  },
});

/** Changes an enrolment token; devices that enrolled by it stay as they are. */
export const editEnrolmentToken = write<Wanted, TokenNow, EnrolmentToken>({
  ...declared,
  name: "enrolment-token.update",
  summary: "Change an enrolment token",
  access: { permission: permission.write },
  raises: "rights",
  target,
  async run(context, edit, before) {
    const { db, account, now } = context;
    const wanted = changed(context, before, { ...before, ...edit });
    if (JSON.stringify(wanted) === JSON.stringify(before))
      return { result: atTime(before, now), changes: [] };
    const after = { ...wanted, updatedAt: now };
    await updateToken(db, account.accountId, after);
    return { result: atTime(after, now), changes: [changeOf(before, after)] };
  },
});

/** Deletes an enrolment token: its secret opens nothing from then on. */
export const removeEnrolmentToken = write<unknown, TokenNow, EnrolmentToken>({
  ...declared,
  name: "enrolment-token.delete",
  summary: "Delete an enrolment token",
  access: { permission: permission.write },
  raises: "rights",
  target,
  async run({ db, account, now }, _input, token) {
    await deleteToken(db, account.accountId, token.id);
    return { result: atTime(token, now), changes: [changeOf(token, null)] };
  },
});

function changeOf(before: EnrolmentToken | null, after: EnrolmentToken | null): Change {
  const { id, name } = (after ?? before) as EnrolmentToken;
  return { resource: { kind, id, name }, before, after };
}

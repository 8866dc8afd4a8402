import { Failure, invalid } from "../../failure.ts";
import { list, read, write } from "../../operation/operation.ts";
import type { Page } from "../../operation/page.ts";
import { type Account, type AccountSettings, type AccountType, kind, permission } from "./account.ts";
import { findAccount, insertAccount, listAccounts, updateAccount } from "./store.ts";

type Filter = { name?: string; direction?: "asc" | "desc"; page: Page };
type Creation = { name: string; type?: AccountType };
type Edit = { id?: string; name?: string; type?: AccountType; settings?: Partial<AccountSettings> };

/** An account, without its settings where whoever asks may not read it. */
export type Listing = Omit<Account, "settings"> & { readonly settings: AccountSettings | null };

/** The accounts that the caller belongs to; their settings take the permission to read them. */
export const listOwnAccounts = list<Filter, Listing>({
  name: "account.list",
  summary: "List the accounts that the caller belongs to",
  access: { to: "everyone", reason: "every caller may know which accounts it belongs to" },
  resource: kind,
  within: "installation",
  async run({ db, caller }, { page, ...filter }) {
    const own = new Map(caller.memberships.map((membership) => [membership.accountId, membership]));
    const listed = await listAccounts(db, [...own.keys()], filter, page);
    const readable = (id: string) => own.get(id)?.holds(permission.read, kind) ?? false;
    const items = listed.items.map((each) => ({
      ...each,
      settings: readable(each.id) ? each.settings : null,
    }));
    return { ...listed, items };
  },
});

/** One account. */
export const getAccount = read<unknown, Account>({
  name: "account.get",
  summary: "Get an account",
  access: { permission: permission.read },
  resource: kind,
  sees: permission.read,
  run: ({ db, account }) => theAccount(findAccount(db, account.accountId)),
});

/** Makes an account; its maker becomes its first super administrator. */
export const createAccount = write<Creation, Account>({
  name: "account.create",
  summary: "Create an account",
  access: {
    to: "everyone",
    reason: "only the owner of the installation may, which is no permission in any account",
  },
  resource: kind,
  sees: permission.read,
  raises: "nothing",
  within: "installation",
  async run(context, { name, type = "standard" }) {
    const { caller, ids, now } = context;
    if (!caller.ownsInstallation)
      throw new Failure(
        "forbidden",
        "Account creation is not allowed: only the owner of this installation may",
        {
          needs: { permission: "account.create", permissionGroups: [], decidedBy: "not-owner" },
        },
      );
    const settings = { enforceTwofactor: false, abuseContactEmail: null };
    const account = { id: ids.hex(), orgId: ids.prefixed("org"), name, type, settings, createdAt: now };
    await insertAccount(context.db, account);
    await context.accountCreated({
      id: account.id,
      name,
      founder: { userId: caller.id, email: caller.label },
    });
    const resource = { kind, id: account.id, name };
    return {
      result: account,
      accountIds: [account.id],
      changes: [{ resource, before: null, after: account }],
    };
  },
});

/** Changes an account's name and settings. */
export const updateOwnAccount = write<Edit, Account>({
  name: "account.update",
  summary: "Change an account",
  access: { permission: permission.update },
  resource: kind,
  sees: permission.read,
  raises: "nothing",
  async run({ db, account }, edit) {
    if (edit.id !== undefined && edit.id !== account.accountId)
      throw invalid("/id", "id: expected the id of the account in the path");
    const before = await theAccount(findAccount(db, account.accountId));
    if (edit.type !== undefined && edit.type !== before.type)
      throw invalid("/type", `type: can't be changed; expected ${before.type} or nothing`);
    const settings = { ...before.settings, ...edit.settings };
    const after = { ...before, name: edit.name ?? before.name, settings };
    if (JSON.stringify(after) === JSON.stringify(before)) return { result: before, changes: [] };
    await updateAccount(db, after);
    return {
      result: after,
      changes: [{ resource: { kind, id: after.id, name: after.name }, before, after }],
    };
  },
});

async function theAccount(found: Promise<Account | undefined>): Promise<Account> {
  const account = await found;
  if (!account) throw new Error("a caller's account is gone");
  return account;
}

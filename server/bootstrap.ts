import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { claimFirstStart, insertAccount } from "./accounts/account/index.ts";
import { insertUser } from "./accounts/user/index.ts";
import type { Bootstrap } from "./config.ts";
import type { Handle } from "./db/database.ts";
import { insertToken } from "./iam/api-token/index.ts";
import { superAdministratorGroup } from "./iam/permission-group/index.ts";
import { accountKey } from "./iam/scope.ts";
import { hashSecret, mintSecret } from "./iam/secret.ts";
import type { NewAccount } from "./operation/operation.ts";
import type { Maker } from "./operation/room.ts";

/** What the first start made, secrets included: they are shown and written down once. */
export type FirstStart = {
  readonly account_id: string;
  readonly org_id: string;
  readonly email: string;
  readonly api_key: string;
  readonly api_token: string;
};

/** The first account, as the audit trail keeps that it was made. */
export type FirstAccount = {
  readonly id: string;
  readonly name: string;
  readonly orgId: string;
  readonly owner: { readonly id: string; readonly email: string };
};

/**
 * On an empty store makes the first account, its super administrator, and their credentials: those that are
 * given, and new ones for what is not. Answers null where an account is there already, however many processes
 * start at once.
 */
export async function bootstrap(
  db: Handle,
  given: Bootstrap,
  maker: Maker,
  accountCreated: (account: NewAccount) => Promise<void>,
  record: (account: FirstAccount) => Promise<void>,
): Promise<FirstStart | null> {
  if (!(await claimFirstStart(db))) return null;
  const { ids, now } = maker;
  const first = {
    account_id: given.accountId ?? ids.hex(),
    org_id: given.orgId ?? ids.prefixed("org"),
    email: given.email ?? "admin@localhost",
    api_key: given.apiKey ?? mintSecret("flk"),
    api_token: given.apiToken ?? mintSecret("flat"),
  };
  const { account_id: id, org_id: orgId, email } = first;
  const name = given.accountName ?? "My account";
  const settings = { enforceTwofactor: false, abuseContactEmail: null };
  await insertAccount(db, { id, orgId, name, type: "standard", settings, createdAt: now });
  const userId = ids.hex();
  await insertUser(
    db,
    { id: userId, email, ownsInstallation: true, hasKey: true, createdAt: now },
    hashSecret(first.api_key),
  );
  await accountCreated({
    id,
    name,
    founder: { userId, email },
    ...(given.resourceGroupId && { resourceGroupId: given.resourceGroupId }),
  });
  await insertFirstToken(db, id, maker, first.api_token);
  await record({ id, name, orgId, owner: { id: userId, email } });
  return first;
}

async function insertFirstToken(
  db: Handle,
  accountId: string,
  { ids, now }: Maker,
  secret: string,
): Promise<void> {
  const everything = {
    id: ids.hex(),
    access: "allow",
    permissionGroupIds: [superAdministratorGroup],
    resources: { [accountKey(accountId)]: "*" },
    resourceGroups: [],
  } as const;
  const token = {
    ...{ id: ids.hex(), name: "First token", disabled: false, issuedOn: now, modifiedOn: now },
    ...{ lastUsedOn: null, expiresOn: null, notBefore: null, condition: null },
  };
  await insertToken(db, accountId, { ...token, iamPolicies: [everything] }, hashSecret(secret));
}

/** Writes the first start's credentials where only the owner of the process can read them. */
export async function keepCredentials(folder: string, first: FirstStart): Promise<void> {
  await mkdir(folder, { recursive: true });
  const file = credentialsFile(folder);
  const fresh = `${file}.new`;
  await rm(fresh, { force: true });
  await writeFile(fresh, `${JSON.stringify(first, null, 2)}\n`, { mode: 0o600, flag: "wx", flush: true });
  await rename(fresh, file);
}

/** The file that holds the first start's credentials. */
export function credentialsFile(folder: string): string {
  return join(folder, "credentials.json");
}

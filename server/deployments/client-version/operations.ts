import type { Handle } from "../../db/database.ts";
import { conflict } from "../../failure.ts";
import { chainOf } from "../../iam/scope.ts";
import type { Membership } from "../../operation/caller.ts";
import {
  type Change,
  type Context,
  list,
  type Path,
  read,
  type Target,
  write,
} from "../../operation/operation.ts";
import type { Page } from "../../operation/page.ts";
import { environmentKey } from "../../selector/environment.ts";
import {
  type ClientVersion,
  environmentsMax,
  idOf,
  kind,
  permission,
  type TargetEnvironment,
  versionsMax,
} from "./client-version.ts";
import {
  countClientVersions,
  deleteClientVersion,
  findClientVersion,
  insertClientVersion,
  listClientVersions,
  listTargetEnvironments,
  updateClientVersion,
} from "./store.ts";

/** What a client version is, but for its times; a release date that is not given stays, or is now. */
export type Setting = Omit<ClientVersion, "releaseDate" | "createdAt" | "updatedAt"> & {
  readonly releaseDate: number | null;
};

/** Which client versions are listed: those of one environment, by its key, on one track. */
export type Wanted = Pick<ClientVersion, "environment" | "releaseTrack">;

const declared = { resource: kind, sees: permission.read } as const;

function named({ environment = "", version = "" }: Path) {
  return { environment: environmentKey(environment), version };
}

async function target(db: Handle, { accountId }: Membership, path: Path): Promise<Target<ClientVersion>> {
  const { environment, version } = named(path);
  const found = await findClientVersion(db, accountId, environment, version);
  return found
    ? { chain: chainOf(accountId, kind, idOf(found)), noun: found }
    : { missing: "client version" };
}

/** Rights on a client version are there before it is: a deny on it keeps it from being made, too. */
async function place(
  db: Handle,
  { accountId }: Membership,
  path: Path,
): Promise<Target<ClientVersion | undefined>> {
  const { environment, version } = named(path);
  const noun = await findClientVersion(db, accountId, environment, version);
  return { chain: chainOf(accountId, kind, idOf({ environment, version })), noun };
}

/** The client versions of one environment on one track, the newest first. */
export const listAllClientVersions = list<Wanted & { page: Page }, ClientVersion>({
  name: "client-version.list",
  summary: "List client versions",
  access: { permission: permission.read },
  resource: kind,
  run: ({ db, account }, { page, ...wanted }, visible) =>
    listClientVersions(db, account.accountId, wanted, visible, page),
});

/** The environments that there are client versions for. */
export const listAllTargetEnvironments = list<{ page: Page }, TargetEnvironment>({
  name: "target-environment.list",
  summary: "List target environments",
  access: { permission: permission.read },
  resource: kind,
  run: ({ db, account }, { page }, visible) => listTargetEnvironments(db, account.accountId, visible, page),
});

/** One client version. */
export const getClientVersion = read<unknown, ClientVersion, ClientVersion>({
  ...declared,
  name: "client-version.get",
  summary: "Get a client version",
  access: { permission: permission.read },
  target,
  run: async (_context, _input, found) => found,
});

/** Puts a client version into the catalogue, or other values in the place of its own; equal values change nothing. */
export const setClientVersion = write<Setting, ClientVersion, ClientVersion | undefined>({
  ...declared,
  name: "client-version.set",
  summary: "Create or replace a client version",
  access: { permission: permission.write },
  raises: "fleet",
  target: place,
  async run(context, given, before) {
    const { db, account, now } = context;
    const releaseDate = given.releaseDate ?? before?.releaseDate ?? now;
    if (!before) {
      await checkRoom(context, given.environment);
      const created = { ...given, releaseDate, createdAt: now, updatedAt: now };
      await insertClientVersion(db, account.accountId, created);
      return { result: created, changes: [changeOf(null, created)] };
    }
    const wanted = { ...before, ...given, releaseDate };
    if (JSON.stringify(wanted) === JSON.stringify(before)) return { result: before, changes: [] };
    const after = { ...wanted, updatedAt: now };
    await updateClientVersion(db, account.accountId, after);
    return { result: after, changes: [changeOf(before, after)] };
  },
});

/** Takes a client version out of the catalogue; deployment groups that target it keep it. */
export const removeClientVersion = write<unknown, ClientVersion, ClientVersion>({
  ...declared,
  name: "client-version.delete",
  summary: "Delete a client version",
  access: { permission: permission.write },
  raises: "fleet",
  target,
  async run({ db, account }, _input, found) {
    await deleteClientVersion(db, account.accountId, found);
    return { result: found, changes: [changeOf(found, null)] };
  },
});

async function checkRoom({ db, account }: Context, environment: string): Promise<void> {
  const counts = await countClientVersions(db, account.accountId);
  if ((counts.get(environment) ?? 0) >= versionsMax)
    throw conflict(`an environment can have ${versionsMax} client versions`, "too-many");
  if (!counts.has(environment) && counts.size >= environmentsMax)
    throw conflict(`an account can have client versions for ${environmentsMax} environments`, "too-many");
}

function changeOf(before: ClientVersion | null, after: ClientVersion | null): Change {
  const { environment, version } = (after ?? before) as ClientVersion;
  const resource = { kind, id: idOf({ environment, version }), name: `${environment} ${version}` };
  return { resource, before, after };
}

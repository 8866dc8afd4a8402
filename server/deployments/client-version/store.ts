import { sql } from "kysely";
import type { Handle } from "../../db/database.ts";
import { alongside, valueList } from "../../db/value-list.ts";
import { type Listed, type Page, pageOf } from "../../operation/page.ts";
import { seen } from "../../operation/seen.ts";
import type { Visible } from "../../operation/visible.ts";
import { versionKey } from "../../selector/version.ts";
import {
  type ClientVersion,
  displayNameOf,
  type ReleaseTrack,
  type TargetEnvironment,
} from "./client-version.ts";

interface ClientVersionTable {
  account_id: string;
  environment: string;
  version: string;
  version_key: string;
  release_track: ReleaseTrack;
  package_url: string | null;
  release_notes: string | null;
  package_size: number | null;
  release_date: number;
  created_at: number;
  updated_at: number;
}

declare module "../../db/database.ts" {
  interface Rooms {
    client_version: ClientVersionTable;
  }
}

/** The client version of an environment, by its key and the version's exact text, or undefined. */
export async function findClientVersion(
  db: Handle,
  accountId: string,
  environment: string,
  version: string,
): Promise<ClientVersion | undefined> {
  const row = await db
    .selectFrom("client_version")
    .selectAll()
    .where("account_id", "=", accountId)
    .where("environment", "=", environment)
    .where("version", "=", version)
    .executeTakeFirst();
  return row && fromRow(row);
}

/** The client versions of an account with their ids, which no column holds, as far as they may be seen. */
function visibleIn(db: Handle, accountId: string, visible: Visible) {
  const withId = db
    .selectFrom("client_version")
    .selectAll()
    .select(sql<string>`environment || '/' || version`.as("id"))
    .where("account_id", "=", accountId)
    .as("c");
  return db.selectFrom(withId).where(seen(visible, "c.id"));
}

/** The client versions of one environment and track that may be seen, the newest version first. */
export async function listClientVersions(
  db: Handle,
  accountId: string,
  { environment, releaseTrack }: Pick<ClientVersion, "environment" | "releaseTrack">,
  visible: Visible,
  page: Page,
): Promise<Listed<ClientVersion>> {
  const query = visibleIn(db, accountId, visible)
    .where("c.environment", "=", environment)
    .where("c.release_track", "=", releaseTrack);
  const { total } = await query
    .select((eb) => eb.fn.countAll<number>().as("total"))
    .executeTakeFirstOrThrow();
  const rows = await query
    .selectAll()
    .orderBy("c.version_key", "desc")
    .orderBy("c.version", "desc")
    .limit(page.limit + 1)
    .offset(page.offset)
    .execute();
  return pageOf(rows.map(fromRow), total, page, ({ createdAt, version }) => [createdAt, version]);
}

/** The environments with a client version that may be seen, by their keys. */
export async function listTargetEnvironments(
  db: Handle,
  accountId: string,
  visible: Visible,
  page: Page,
): Promise<Listed<TargetEnvironment>> {
  const query = visibleIn(db, accountId, visible);
  const { total } = await query
    .select((eb) => eb.fn.count<number>("c.environment").distinct().as("total"))
    .executeTakeFirstOrThrow();
  const rows = await query
    .select("c.environment")
    .distinct()
    .orderBy("c.environment")
    .limit(page.limit + 1)
    .offset(page.offset)
    .execute();
  const environments = rows.map(({ environment }) => ({
    environment,
    displayName: displayNameOf(environment),
  }));
  return pageOf(environments, total, page, ({ environment }) => [0, environment]);
}

/** How many client versions each environment of an account has, by its key. */
export async function countClientVersions(db: Handle, accountId: string): Promise<Map<string, number>> {
  const rows = await db
    .selectFrom("client_version")
    .where("account_id", "=", accountId)
    .select(["environment", (eb) => eb.fn.countAll<number>().as("versions")])
    .groupBy("environment")
    .execute();
  return new Map(rows.map(({ environment, versions }) => [environment, versions]));
}

/** Keeps a new client version. */
export async function insertClientVersion(
  db: Handle,
  accountId: string,
  given: ClientVersion,
): Promise<void> {
  const { environment, version, createdAt } = given;
  const version_key = versionKey(version) ?? "";
  await db
    .insertInto("client_version")
    .values({
      account_id: accountId,
      environment,
      version,
      version_key,
      created_at: createdAt,
      ...toRow(given),
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Keeps the present state of a client version. */
export async function updateClientVersion(
  db: Handle,
  accountId: string,
  given: ClientVersion,
): Promise<void> {
  await db
    .updateTable("client_version")
    .set(toRow(given))
    .where("account_id", "=", accountId)
    .where("environment", "=", given.environment)
    .where("version", "=", given.version)
    .execute();
}

/** Forgets a client version. */
export async function deleteClientVersion(
  db: Handle,
  accountId: string,
  { environment, version }: Pick<ClientVersion, "environment" | "version">,
): Promise<void> {
  await db
    .deleteFrom("client_version")
    .where("account_id", "=", accountId)
    .where("environment", "=", environment)
    .where("version", "=", version)
    .execute();
}

/** A version for an environment by its key, or for every environment (`null`). */
export type Wanted = { readonly environment: string | null; readonly version: string };

/** No key of an environment comes behind it: they are shorter. */
const behindAll = "\u{10ffff}".repeat(256);

/**
 * The place among some versions of the first that the catalogue rules out: its environment has versions (for `null`:
 * any environment has), and none is that version, spelled the same or alike. Undefined where all are fine.
 */
export async function firstUnlisted(
  db: Handle,
  accountId: string,
  wanted: readonly Wanted[],
): Promise<number | undefined> {
  const versions = wanted.map(({ version }) => version);
  // A text without a digit has no key, and no client version has an empty one.
  const keys = versions.map((version) => versionKey(version) ?? "");
  // As a range, one environment and all of them are found by the same key of the table.
  const firsts = wanted.map(({ environment }) => environment ?? "");
  const lasts = wanted.map(({ environment }) => environment ?? behindAll);
  const row = await db
    .selectFrom(valueList(versions).as("v"))
    .innerJoin(alongside(keys).as("k"), "k.key", "v.key")
    .innerJoin(alongside(firsts).as("first"), "first.key", "v.key")
    .innerJoin(alongside(lasts).as("last"), "last.key", "v.key")
    .select("v.key")
    .where((eb) => {
      const listed = eb
        .selectFrom("client_version as c")
        .select("c.version")
        .where("c.account_id", "=", accountId)
        .whereRef("c.environment", ">=", "first.value")
        .whereRef("c.environment", "<=", "last.value");
      const alike = listed.where((of) =>
        of.or([of("c.version", "=", of.ref("v.value")), of("c.version_key", "=", of.ref("k.value"))]),
      );
      return eb.and([eb.exists(listed), eb.not(eb.exists(alike))]);
    })
    .orderBy("v.key")
    .limit(1)
    .executeTakeFirst();
  return row?.key;
}

/** The newest client versions of an environment, or of all (`null`), that may be seen, each version once. */
export async function newestVersions(
  db: Handle,
  accountId: string,
  environment: string | null,
  visible: Visible,
  limit: number,
): Promise<string[]> {
  let query = visibleIn(db, accountId, visible);
  if (environment !== null) query = query.where("c.environment", "=", environment);
  const rows = await query
    .select(["c.version_key", "c.version"])
    .distinct()
    .orderBy("c.version_key", "desc")
    .orderBy("c.version", "desc")
    .limit(limit)
    .execute();
  return rows.map(({ version }) => version);
}

function toRow(given: ClientVersion) {
  return {
    release_track: given.releaseTrack,
    package_url: given.packageUrl,
    release_notes: given.releaseNotes,
    package_size: given.packageSize,
    release_date: given.releaseDate,
    updated_at: given.updatedAt,
  };
}

function fromRow(row: ClientVersionTable): ClientVersion {
  return {
    environment: row.environment,
    version: row.version,
    releaseTrack: row.release_track,
    packageUrl: row.package_url,
    packageSize: row.package_size,
    releaseNotes: row.release_notes,
    releaseDate: row.release_date,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

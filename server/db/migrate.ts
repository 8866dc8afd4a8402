import { Migrator } from "kysely/migration";
import type { Store } from "./database.ts";
import * as migrations from "./migrations/index.ts";

/**
 * Brings the store's schema up to date: runs those entries of the log that it has not run yet, in one
 * transaction. Any number of processes may do so at once. Throws what a migration threw, with nothing kept.
 */
export async function migrate(store: Pick<Store, "migrator">): Promise<void> {
  await store.migrator(async (db) => {
    const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
    const { error } = await migrator.migrateToLatest();
    if (error) throw error;
  });
}

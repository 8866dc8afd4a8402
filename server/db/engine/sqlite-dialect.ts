import type { Dialect, Driver, Kysely } from "kysely";
import { SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler, sql } from "kysely";
import type { Portable } from "./portable.ts";

class Adapter extends SqliteAdapter implements Portable {
  readonly columnTypes = { text: sql`text`, integer: sql`integer`, flag: sql`integer` };
  readonly teaching = [];

  // Kysely says false because its own driver can't; `begin immediate` holds schema changes too.
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/** The embedded engine for Kysely, without a driver: the store hands out connections itself. */
export const dialect: Dialect = {
  createAdapter: () => new Adapter(),
  createQueryCompiler: () => new SqliteQueryCompiler(),
  createIntrospector: (db: Kysely<any>) => new SqliteIntrospector(db),
  createDriver: (): Driver => {
    const refuse = () => Promise.reject(new Error("handles of the embedded store have no driver"));
    return {
      init: async () => {},
      acquireConnection: refuse,
      beginTransaction: refuse,
      commitTransaction: refuse,
      rollbackTransaction: refuse,
      releaseConnection: refuse,
      destroy: refuse,
    };
  },
};

import type { CompiledQuery, DatabaseConnection, Dialect, QueryResult } from "kysely";
import { DefaultQueryExecutor, Kysely, Transaction } from "kysely";
import type { Handle, Rooms } from "../database.ts";

/** Makes handles of one engine; they share its adapter, by which compiled queries are kept (see `once`). */
export type Handles = {
  /** A handle for reading. */
  reader(connection: DatabaseConnection): Handle;
  /** A handle inside a transaction: it can neither begin another one nor be closed. */
  transaction(connection: DatabaseConnection): Handle;
};

/**
 * Handles over connections that are opened, closed and shared out by the store and not by Kysely, whose own way
 * to a connection costs a lock and four promises per statement.
 */
export function handlesOf(dialect: Dialect): Handles {
  const adapter = dialect.createAdapter();
  const compiler = dialect.createQueryCompiler();
  const driver = dialect.createDriver();
  const props = (connection: DatabaseConnection) => ({
    config: { dialect },
    driver,
    dialect,
    executor: new Executor(connection, compiler, adapter, {
      provideConnection: (consumer) => consumer(connection),
    }),
  });
  return {
    reader: (connection) => new Kysely<Rooms>(props(connection)),
    transaction: (connection) => new Transaction<Rooms>(props(connection)),
  };
}

/** Runs statements on its one connection directly: Kysely's way there makes a function and four promises for each. */
class Executor extends DefaultQueryExecutor {
  readonly #connection: DatabaseConnection;

  constructor(connection: DatabaseConnection, ...rest: ConstructorParameters<typeof DefaultQueryExecutor>) {
    super(...rest);
    this.#connection = connection;
  }

  override executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    return this.#connection.executeQuery<Row>(query);
  }
}

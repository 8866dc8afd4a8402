import type { DialectAdapter, Expression } from "kysely";

/** What migrations need to know of an engine: how it spells the few column types and what it has to be taught. */
export interface Portable extends DialectAdapter {
  readonly columnTypes: {
    /** Text that sorts and compares by its bytes. */
    readonly text: Expression<unknown>;
    /** A whole number of 64 bits. */
    readonly integer: Expression<unknown>;
    /** 0 or 1. */
    readonly flag: Expression<unknown>;
  };
  /** Statements that bring the engine's SQL up to the common subset; run once per database. */
  readonly teaching: readonly string[];
}

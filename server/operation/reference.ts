import type { Handle } from "../db/database.ts";
import type { Change } from "./change.ts";

/** A thing that names an object of another kind. */
export type Referrer = {
  readonly kind: string;
  readonly id: string;
  readonly name: string;
  readonly refersTo: string;
  /** It names the object by its name, so that another name makes it mean nothing. */
  readonly byName?: boolean;
};

/**
 * A room's word that some of its rows hold ids of another kind of thing. `find` says which do; `release` takes
 * the id out of them (in the transaction that deletes the thing) and answers what changed, for the same
 * audit entry.
 */
export interface Reference {
  /** The kind of thing that is named, e.g. `device-policy`. */
  readonly to: string;
  /** The kind of thing that names it. */
  readonly from: string;
  /** The columns, `table.column`, that hold the ids: a test finds columns that nobody declared. */
  readonly columns: readonly string[];
  find(db: Handle, accountId: string, ids: readonly string[]): Promise<readonly Referrer[]>;
  release(db: Handle, accountId: string, id: string, now: number): Promise<readonly Change[]>;
}

/** All references to one kind of thing, as one. */
export type Referrers = {
  find(db: Handle, accountId: string, ids: readonly string[]): Promise<readonly Referrer[]>;
  release(db: Handle, accountId: string, id: string, now: number): Promise<readonly Change[]>;
};

/** Joins the references to one kind of thing out of the list that all rooms declared. */
export function referrersTo(kind: string, references: readonly Reference[]): Referrers {
  const those = references.filter((reference) => reference.to === kind);
  return {
    async find(db, accountId, ids) {
      return (await Promise.all(those.map((reference) => reference.find(db, accountId, ids)))).flat();
    },
    async release(db, accountId, id, now) {
      const changes: Change[] = [];
      for (const reference of those) changes.push(...(await reference.release(db, accountId, id, now)));
      return changes;
    },
  };
}

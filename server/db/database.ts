import type { Kysely } from "kysely";

/** The tables of the rooms: each room's `store.ts` declares its own here by module augmentation. */
export interface Rooms {}

/** What stores speak SQL through. Whoever is given one must not keep it. */
export type Handle = Kysely<Rooms>;

/** What a transaction changed, for what is kept in memory beside the store: objects of a kind, by their ids, or all. */
export type News = {
  readonly accountId: string;
  readonly kind: string;
  readonly ids: readonly string[] | "all";
};

/** One open database, whichever engine it is. */
export interface Store {
  /** Runs a work that only reads; its statements don't share a transaction. Rejects as the work does. */
  read<T>(work: (db: Handle) => Promise<T>): Promise<T>;
  /**
   * Runs a work in one transaction and resolves after its commit. Rejects, with nothing kept, when the work
   * throws, when any of its statements failed, or when the commit did. The work may run more than once, so it
   * must do nothing but speak to the handle. Works of one store must not wait for each other.
   */
  write<T>(work: (db: Handle) => Promise<T>): Promise<T>;
  /**
   * As `read`, for a work that may read as much as a whole fleet: it keeps nobody waiting. Where the engine can, it
   * reads one snapshot.
   */
  scan<T>(work: (db: Handle) => Promise<T>): Promise<T>;
  /** As `write`, for what devices report: nothing that is remembered may depend on it, so `version` stands still. */
  report<T>(work: (db: Handle) => Promise<T>): Promise<T>;
  /** As `write`, but nothing is kept. */
  rehearse<T>(work: (db: Handle) => Promise<T>): Promise<T>;
  /**
   * A number that moves with every commit but those of reports, so that what was read while it stood still is still so; undefined where
   * other processes may write to the database, too.
   */
  version(): number | undefined;
  /**
   * Calls a listener with what each transaction told (see `tell`), right after its commit and before its answer; never
   * where `version` is undefined, for there others write, too.
   */
  listen(listener: (news: News) => void): void;
  /** Resolves when the database answers, else rejects. */
  alive(): Promise<void>;
  /** Waits for running works, then lets go of everything. Further calls do nothing. */
  close(): Promise<void>;
  /** The whole present schema as readable SQL, in an order that depends on nothing but the schema. */
  schema(): Promise<string>;
  /** For `migrate` alone: a handle that Kysely's migrator can work with. */
  migrator<T>(work: (db: Kysely<any>) => Promise<T>): Promise<T>;
}

/**
 * Where the data lives: a folder of the embedded store, or the URL of a server, or of several of which one takes
 * writes. Up to `poolSize` connections to it read and as many write; 10 where nothing is said.
 */
export type Settings = { readonly folder: string } | { readonly url: string; readonly poolSize?: number };

/** `durable` false gives up safety against a loss of power; for tests. It is true where nothing is said. */
export type Options = { readonly durable?: boolean };

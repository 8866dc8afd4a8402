import type { Handle } from "./database.ts";

/** What a transaction changed, for what is kept in memory beside the store: objects of a kind, by their ids, or all. */
export type News = {
  readonly accountId: string;
  readonly kind: string;
  readonly ids: readonly string[] | "all";
};

const told = new WeakMap<Handle, News[]>();

/** Tells of a change that is made with this handle; it is heard once the transaction is committed, or never. */
export function tell(db: Handle, news: News): void {
  const known = told.get(db);
  if (known) known.push(news);
  else told.set(db, [news]);
}

/** Everything that was told with a handle. */
export function toldWith(db: Handle): readonly News[] {
  return told.get(db) ?? [];
}

import type { Handle, News } from "./database.ts";

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

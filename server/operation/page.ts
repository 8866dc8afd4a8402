/** A place in a list sorted by a number and then an id: the sort key of the last row that was seen. */
export type Position = readonly [key: number, id: string];

/**
 * Which part of a list is wanted: `limit` rows, behind `after` if it is given, else from `offset` on. Lists that go by
 * cursor get it as it was sent: what is in it is for them to know.
 */
export type Page = {
  readonly limit: number;
  readonly offset: number;
  readonly after?: Position;
  readonly cursor?: string;
};

/** One page of a list, the number of rows on all pages, and where the next page begins (`null` at the end). */
export type Listed<Item> = {
  readonly items: readonly Item[];
  readonly total: number;
  readonly next: Position | null;
  /** What is said of all pages together, where the face of the list has a place for it. */
  readonly summary?: unknown;
};

/**
 * One page of a list in an order of the caller's choice: where the next page begins (`""` at the end), and the number
 * of rows on all pages, or null where counting them would cost far more than the page.
 */
export type ListedByCursor<Item> = {
  readonly items: readonly Item[];
  readonly total: number | null;
  readonly cursor: string;
};

/**
 * Makes a page out of rows of which one more than `page.limit` was asked for: the one too many only says
 * that there is a next page.
 */
export function pageOf<Item>(
  rows: readonly Item[],
  total: number,
  page: Page,
  position: (item: Item) => Position,
): Listed<Item> {
  const items = rows.slice(0, page.limit);
  const last = items.at(-1);
  return { items, total, next: rows.length > page.limit && last ? position(last) : null };
}

/** Rows that one read of an export takes. */
export const pageSize = 500;

/**
 * Goes through rows page by page, each beginning behind the last row of the one before: as long as whoever takes them
 * does not go on, nothing more is read.
 */
export async function* paged<Row>(
  read: (last: Row | undefined) => Promise<readonly Row[]>,
  size = pageSize,
): AsyncGenerator<Row> {
  let last: Row | undefined;
  for (;;) {
    const rows = await read(last);
    yield* rows;
    last = rows.at(-1);
    if (rows.length < size) return;
  }
}

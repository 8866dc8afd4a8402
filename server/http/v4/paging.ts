import Type, { type TObject } from "typebox";
import type { Paging } from "../../operation/face.ts";
import type { Page } from "../../operation/page.ts";
import { wholeNumber } from "../../operation/text.ts";

const countable = Number.MAX_SAFE_INTEGER;

/** The members of the query that every list has. */
export function pagingQuery({ default: perPage, max, by }: Paging): TObject {
  const most = `At most ${max}: more is taken for ${max}`;
  // Clients of lists that go by cursor send 0 for what the server takes by itself.
  if (by === "cursor")
    return Type.Object({
      cursor: Type.Optional(
        Type.String({
          maxLength: 4096,
          description: "`cursor` of the page before, asked in the same order.",
        }),
      ),
      per_page: Type.Optional(
        wholeNumber(0, countable, {
          default: perPage,
          expected: "a whole number from 0",
          description: `${most}, and 0 for ${perPage}.`,
        }),
      ),
    });
  return Type.Object({
    page: Type.Optional(wholeNumber(1, countable, { default: 1 })),
    per_page: Type.Optional(
      wholeNumber(1, countable, {
        default: perPage,
        expected: "a whole number from 1",
        description: `${most}.`,
      }),
    ),
  });
}

/** Reads them, once checked; an empty cursor is none. */
export function pageOf(
  query: Readonly<Record<string, unknown>>,
  { default: perPage, max, by }: Paging,
): Page {
  const { page = 1, per_page, cursor } = query as { page?: number; per_page?: number; cursor?: string };
  if (by === "cursor")
    return { limit: Math.min(per_page || perPage, max), offset: 0, ...(cursor && { cursor }) };
  const limit = Math.min(per_page ?? perPage, max);
  return { limit, offset: Math.min((page - 1) * limit, countable) };
}

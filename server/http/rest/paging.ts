import Type, { type TObject } from "typebox";
import { invalid } from "../../failure.ts";
import type { Paging } from "../../operation/face.ts";
import type { Page, Position } from "../../operation/page.ts";
import { wholeNumber } from "../../operation/text.ts";

/** The members of the query that every list has. */
export function pagingQuery({ default: limit, max }: Paging): TObject {
  return Type.Object({
    limit: Type.Optional(wholeNumber(1, max, { default: limit })),
    offset: Type.Optional(wholeNumber(0, Number.MAX_SAFE_INTEGER, { default: 0 })),
    cursor: Type.Optional(Type.String({ maxLength: 512, description: "`next_cursor` of the page before." })),
  });
}

/** Reads them, once checked. */
export function pageOf(query: Readonly<Record<string, unknown>>, paging: Paging): Page {
  const {
    limit = paging.default,
    offset = 0,
    cursor,
  } = query as { limit?: number; offset?: number; cursor?: string };
  return cursor === undefined ? { limit, offset } : { limit, offset: 0, after: readCursor(cursor) };
}

/** Writes where the next page begins, in a form that callers need not understand. */
export function writeCursor([key, id]: Position): string {
  return Buffer.from(JSON.stringify([key, id])).toString("base64url");
}

function readCursor(cursor: string): Position {
  try {
    const [key, id] = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
    if (Number.isSafeInteger(key) && typeof id === "string" && !id.includes("\0")) return [key, id];
  } catch {
    // Whatever is wrong with it, it is not one of ours.
  }
  throw invalid("/cursor", "cursor: expected the next_cursor of an earlier answer");
}

import Type from "typebox";
import type { Face, Outcome, Reply } from "../../operation/face.ts";
import type { Listed, Page } from "../../operation/page.ts";
import type { DialectAccent } from "../dialect.ts";
import { failureBody, wordBug, wordFailure } from "./failures.ts";
import { pageOf, pagingQuery, writeCursor } from "./paging.ts";

const statuses: Record<Outcome, number> = { done: 200, created: 201, added: 201, unchanged: 200, gone: 204 };

const page = {
  total: Type.Integer(),
  limit: Type.Integer(),
  offset: Type.Integer(),
  has_more: Type.Boolean(),
  next_cursor: Type.Union([Type.String(), Type.Null()]),
};

/** The plain REST API: bodies as they are, pages by offset or cursor. */
export const rest: DialectAccent = {
  prefix: "/api/v1",
  pagingQuery,
  page: pageOf,
  statusOf: (outcome) => statuses[outcome],
  one: (face, output, reply) => face.write(output, reply),
  list: listBody,
  bodySchema(face) {
    if (!face.paging) return face.answer;
    const beside = Object.fromEntries((face.paging.beside ?? []).map((name) => [name, Type.String()]));
    const items = { [face.paging.items ?? "items"]: Type.Array(face.answer) };
    return Type.Object({ ...beside, ...items, ...page }, { additionalProperties: false });
  },
  failureSchema: failureBody,
  failure: wordFailure,
  bug: wordBug,
  limitHeaders: ({ limit, remaining, resetS }) => ({
    "x-ratelimit-limit": String(limit),
    "x-ratelimit-remaining": String(remaining),
    "x-ratelimit-reset": String(resetS),
  }),
};

function listBody(
  { paging, write }: Face,
  listed: Listed<unknown>,
  reply: Reply<any, any>,
  { limit, offset }: Page,
) {
  const beside = Object.fromEntries((paging?.beside ?? []).map((name) => [name, reply.path[name]]));
  return {
    ...beside,
    [paging?.items ?? "items"]: listed.items.map((item) => write(item, reply)),
    total: listed.total,
    limit,
    offset,
    has_more: listed.next !== null,
    next_cursor: listed.next && writeCursor(listed.next),
  };
}

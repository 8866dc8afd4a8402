import Type, { type TObject, type TSchema } from "typebox";
import { canMove, type Face, type Outcome, type Reply } from "../../operation/face.ts";
import { impactMember } from "../../operation/impact.ts";
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
    if (!face.paging) return canMove(face.operation) ? withImpact(face.answer) : face.answer;
    const beside = Object.fromEntries((face.paging.beside ?? []).map((name) => [name, Type.String()]));
    const items = { [face.paging.items ?? "items"]: Type.Array(face.answer) };
    const { summary } = face.paging;
    const said = summary ? { [summary.name]: Type.Optional(summary.schema) } : {};
    return Type.Object({ ...beside, ...items, ...page, ...said }, { additionalProperties: false });
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

/** The schema of an answer that may say what a dry run would bring about. */
function withImpact(answer: TSchema): TSchema {
  const { type, properties, ...more } = answer as TObject;
  if (type !== "object") throw new Error("what can move rights or devices answers an object");
  return Type.Object({ ...properties, impact: Type.Optional(impactMember) }, more);
}

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
    ...summaryOf(paging, listed),
  };
}

function summaryOf(paging: Face["paging"], { summary }: Listed<unknown>): Record<string, unknown> {
  const said = paging?.summary;
  return said && summary !== undefined ? { [said.name]: said.write(summary) } : {};
}

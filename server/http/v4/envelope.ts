import Type, { type TSchema } from "typebox";
import { canMove, type Face } from "../../operation/face.ts";
import { impactMember } from "../../operation/impact.ts";
import type { Listed, ListedByCursor, Page } from "../../operation/page.ts";

const message = Type.Object(
  {
    code: Type.Integer({ minimum: 1000 }),
    message: Type.String(),
    source: Type.Optional(Type.Object({ pointer: Type.String() }, { additionalProperties: false })),
    error_chain: Type.Optional(
      Type.Array(
        Type.Object({ code: Type.Integer(), message: Type.String() }, { additionalProperties: false }),
      ),
    ),
  },
  { additionalProperties: false },
);

const resultInfo = Type.Object(
  {
    page: Type.Integer(),
    per_page: Type.Integer(),
    count: Type.Integer(),
    total_count: Type.Integer(),
    total_pages: Type.Integer(),
  },
  { additionalProperties: false },
);

const cursorInfo = Type.Object(
  {
    count: Type.Integer(),
    per_page: Type.Integer(),
    cursor: Type.String({ description: 'Where the next page begins; "" at the end.' }),
    total_count: Type.Union([Type.Integer(), Type.Null()]),
  },
  { additionalProperties: false },
);

/** One entry of `errors` or `messages`. */
export type Message = {
  code: number;
  message: string;
  source?: { pointer: string };
  error_chain?: { code: number; message: string }[];
};

/** Wraps what an operation answered. */
export function success(result: unknown, messages: readonly Message[] = []) {
  return { success: true, errors: [], messages, result };
}

/** Wraps a page of a list; `count` is what is on this page, `total_count` what is on all. */
export function successPage(
  result: readonly unknown[],
  { total, summary }: Listed<unknown>,
  { limit, offset }: Page,
  said?: NonNullable<Face["paging"]>["summary"],
) {
  return {
    ...success(result),
    result_info: {
      page: Math.floor(offset / limit) + 1,
      per_page: limit,
      count: result.length,
      total_count: total,
      total_pages: Math.ceil(total / limit),
      ...(said && summary !== undefined && { [said.name]: said.write(summary) }),
    },
  };
}

/** Wraps a page of a list that goes by cursor. */
export function successByCursor(
  result: readonly unknown[],
  { total, cursor }: ListedByCursor<unknown>,
  { limit }: Page,
) {
  return {
    ...success(result),
    result_info: { count: result.length, per_page: limit, cursor, total_count: total },
  };
}

/** Wraps what went wrong. */
export function failure(errors: readonly Message[]) {
  return { success: false, errors, messages: [], result: null };
}

const base = {
  success: Type.Literal(true),
  errors: Type.Array(message, { maxItems: 0 }),
  messages: Type.Array(message),
};

/** The schema of a whole body that holds an answer of a face. */
export function envelopeOf(face: Face): TSchema {
  const closed = { additionalProperties: false };
  const impact = canMove(face.operation) ? { impact: Type.Optional(impactMember) } : {};
  if (!face.paging) return Type.Object({ ...base, result: face.answer, ...impact }, closed);
  const { by, summary } = face.paging;
  const said = summary ? { [summary.name]: Type.Optional(summary.schema) } : {};
  const numbered = Type.Object({ ...resultInfo.properties, ...said }, closed);
  const info = by === "cursor" ? cursorInfo : numbered;
  return Type.Object({ ...base, result: Type.Array(face.answer), result_info: info }, closed);
}

/** The schema of a whole body that says what went wrong. */
export const failureEnvelope: TSchema = Type.Object(
  {
    success: Type.Literal(false),
    errors: Type.Array(message, { minItems: 1 }),
    messages: Type.Array(message),
    result: Type.Null(),
  },
  { additionalProperties: false },
);

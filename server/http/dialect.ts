import type { TObject, TSchema } from "typebox";
import type { Failure } from "../failure.ts";
import type { Face, Outcome, Paging, Reply } from "../operation/face.ts";
import type { Listed, ListedByCursor, Page } from "../operation/page.ts";
import type { Standing } from "./rate-limit.ts";

/** What goes back over the wire. `body` undefined means none. */
export type Answer = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
};

/** What a dialect may want to know of a request that failed. */
export type Failed = { readonly face: Face | undefined; readonly url: string; readonly requestId: string };

/** A wire protocol: how it pages, how it wraps what operations answer, how it words what went wrong. */
export interface DialectAccent {
  readonly prefix: string;
  /** The members of the query that every list has. */
  pagingQuery(paging: Paging): TObject;
  /** Reads them, once checked. */
  page(query: Readonly<Record<string, unknown>>, paging: Paging): Page;
  statusOf(outcome: Outcome): number;
  one(face: Face, output: unknown, reply: Reply<any, any>, outcome: Outcome): unknown;
  list(
    face: Face,
    listed: Listed<unknown> | ListedByCursor<unknown>,
    reply: Reply<any, any>,
    page: Page,
  ): unknown;
  /** The schema of a whole body that holds an answer of a face. */
  bodySchema(face: Face): TSchema;
  /** The schema of a whole body that says what went wrong. */
  readonly failureSchema: TSchema;
  failure(failure: Failure, failed: Failed): Answer;
  /** A failure that nobody expected: its message is not for callers. */
  bug(failed: Failed): Answer;
  limitHeaders(standing: Standing): Readonly<Record<string, string>>;
}

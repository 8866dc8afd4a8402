import type { Static, TObject, TSchema } from "typebox";
import type {
  ListOperation,
  Operation,
  ReadOperation,
  ReportOperation,
  StreamOperation,
  WriteOperation,
} from "./operation.ts";
import type { Listed, Page } from "./page.ts";

/** A wire protocol: the Cloudflare v4 envelope, or plain REST. */
export type Dialect = "v4" | "rest";

/** How an operation ended, in words; each dialect turns them into a status. */
export type Outcome = "done" | "created" | "added" | "unchanged" | "gone";

/** What arrived, after the wire check: members are as the schemas say, unknown ones are dropped by `read`. */
export type Wire<Query, Body> = {
  readonly path: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: Body;
  /** Of a stream: how the lines that arrive are written, as far as the request says. */
  readonly format?: LineFormat;
};

/** How lines are written that are read or answered one by one. */
export type LineFormat = "ndjson" | "csv";

/** What an answer is written with: the request, and the handle of the account that it worked in. */
export type Reply<Query, Body> = Wire<Query, Body> & { readonly org: string };

/**
 * The default and the greatest number of items on a page; on REST also the member that holds them, and the
 * identifiers of the path that stand beside it.
 */
export type Paging = {
  readonly default: number;
  readonly max: number;
  readonly items?: string;
  readonly beside?: readonly string[];
  /** What is said of all pages together: beside the items on REST, in `result_info` on v4; left out where it is undefined. */
  readonly summary?: { readonly name: string; readonly schema: TSchema; write(summary: any): unknown };
  /** v4 only: pages follow one another by a cursor that the operation makes, not by number. */
  readonly by?: "cursor";
  /** The setting that may put another default in the place of this one. */
  readonly setting?: PagingSetting;
};

/** The settings of the installation that change how lists page. */
export type PagingSetting = "userGroupMembersPerPage";

/** What every face declares. Paths are relative to the dialect's prefix; `{name}` stands for one identifier. */
interface FaceDeclared {
  readonly dialect: Dialect;
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  /**
   * Where the account is named. v4 names it in the path; on REST it stands in `?org_id=`, or in the body's
   * `org_id`, or follows from the object that the path names.
   */
  readonly account: "path" | "query" | "body" | "object" | "none";
  /** True where the body or the query must name the account, although one credential may have only one. */
  readonly accountRequired?: boolean;
  readonly summary?: string;
  /** v4 only: account and people operations word refusals differently from product operations. */
  readonly family?: "iam" | "product";
  /** Bytes that a body may have, where it is not the server's default. */
  readonly bodyLimit?: "batch";
  /** True where a request without a body is fine although a body is described. */
  readonly bodyOptional?: boolean;
  readonly query?: TObject;
  readonly body?: TSchema;
  /** For lists. */
  readonly paging?: Paging;
  /** Of a stream: how the lines may be written that it takes, and those that it gives. */
  readonly takes?: readonly LineFormat[];
  readonly gives?: LineFormat;
  /** The shape of `result` on v4, of the whole body on REST; of one item where it is a list, of one line where it gives lines. */
  readonly answer: TSchema;
}

type QueryOf<Q> = Q extends TObject ? Static<Q> : Record<string, never>;
type BodyOf<B> = B extends TSchema ? Static<B> : undefined;

/** The input that a face's paging adds to what its `read` makes of the wire. */
type WithoutPage<Input> = Input extends { page: Page } ? Omit<Input, "page"> : Input;

/** The wire of one verb in one dialect, as routes and documents see it. */
export interface Face extends FaceDeclared {
  readonly operation: Operation;
  readonly outcome: Outcome | ((output: any) => Outcome);
  read(wire: Wire<any, any>): any;
  write(output: any, reply: Reply<any, any>): unknown;
  /** REST: the answer as JSON where it need not be written anew, the same as `write` would give; else undefined. */
  text?(output: any): string | undefined;
  /** REST: the path of what was created, for `Location`. */
  location?(output: any): string;
}

/** Whether an operation can move rights or devices, so that a dry run of it says what would move. */
export function canMove(operation: Operation): boolean {
  return operation.kind === "write" && operation.raises !== "nothing";
}

/** Declares the wire of one verb that answers one thing. */
export function face<
  Input,
  Output,
  Q extends TObject | undefined = undefined,
  B extends TSchema | undefined = undefined,
>(
  operation:
    | ReadOperation<Input, Output, any>
    | WriteOperation<Input, Output, any>
    | ReportOperation<Input, any, Output, any>,
  declared: Omit<FaceDeclared, "query" | "body"> & {
    query?: Q;
    body?: B;
    outcome?: Outcome | ((output: Output) => Outcome);
    read(wire: Wire<QueryOf<Q>, BodyOf<B>>): WithoutPage<Input>;
    write(output: Output, reply: Reply<QueryOf<Q>, BodyOf<B>>): unknown;
    text?(output: Output): string | undefined;
    location?(output: Output): string;
  },
): Face {
  return { outcome: "done", ...declared, operation } as Face;
}

/** Declares the wire of one verb that answers a page of things; `write` is called for each of them. */
export function listFace<Input, Item, Q extends TObject | undefined = undefined>(
  operation: ListOperation<Input, Item> | ReadOperation<Input & { page: Page }, Listed<Item>, any>,
  declared: Omit<FaceDeclared, "query" | "body" | "paging"> & {
    query?: Q;
    paging: Paging;
    read(wire: Wire<QueryOf<Q>, undefined>): WithoutPage<Input>;
    write(item: Item, reply: Reply<QueryOf<Q>, undefined>): unknown;
  },
): Face {
  return { outcome: "done", ...declared, operation } as Face;
}

/** Declares the wire of a stream; where it gives lines, `write` is called for each of them. */
export function streamFace<Input, Output, Q extends TObject | undefined = undefined>(
  operation: StreamOperation<Input, Output>,
  declared: Omit<FaceDeclared, "query" | "body" | "paging"> & {
    query?: Q;
    read(wire: Wire<QueryOf<Q>, undefined>): Input;
    write(output: Output, reply: Reply<QueryOf<Q>, undefined>): unknown;
  },
): Face {
  return { outcome: "done", ...declared, operation } as Face;
}

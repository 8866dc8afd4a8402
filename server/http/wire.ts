import Type, { type TObject } from "typebox";
import { Failure, invalid } from "../failure.ts";
import { checker } from "../operation/check.ts";
import type { Face, LineFormat, Wire } from "../operation/face.ts";
import type { Input } from "../operation/hall.ts";
import { parseJson } from "../operation/json.ts";
import type { Page } from "../operation/page.ts";
import type { DialectAccent } from "./dialect.ts";
import { readQuery } from "./query.ts";

/** A request as Fastify hands it over: nothing parsed but the path. */
export type Arrived = {
  readonly path: Readonly<Record<string, string>>;
  readonly queryText: string;
  readonly contentType: string | undefined;
  readonly body: Uint8Array | undefined;
};

/** What the hall asks about a request before it lets anybody read its input. */
export type Envelope = { readonly account: string | undefined; readonly dryRun: boolean };

/** Reads requests for one face; compiled once. */
export interface WireReader {
  envelope(arrived: Arrived): Envelope;
  input(arrived: Arrived): Input & { readonly wire: Wire<any, any> };
  readonly query: TObject;
}

const nothingSent = new URLSearchParams();

const dryRun = Type.Optional(
  Type.Boolean({ description: "Check it and answer it as if it were done, but keep nothing." }),
);
const organization = Type.Optional(
  Type.String({ description: "The organization, by its org_id or account id." }),
);

/** Compiles what a face declares into a reader of its requests. */
export function makeWireReader(face: Face, accent: DialectAccent): WireReader {
  const { paging } = face;
  const query = queryOf(face, accent);
  const checkQuery = checker(query);
  const checkBody = face.body && checker(face.body);

  function readBody(arrived: Arrived): unknown {
    if (!checkBody) return undefined;
    if (!arrived.body || arrived.body.length === 0) {
      if (face.bodyOptional) return undefined;
      throw invalid("", "expected a JSON body");
    }
    checkIsJson(arrived.contentType);
    const body = parseJson(arrived.body);
    checkBody(body);
    return body;
  }

  return {
    query,
    envelope: ({ path, queryText }) => {
      const sent = queryText === "" ? nothingSent : new URLSearchParams(queryText);
      const inQuery = sent.get("org_id") ?? sent.get("account_id");
      if (face.account === "query" && !inQuery) throw invalid("/org_id", "org_id: required");
      // An empty identifier in a path is nobody's account: it must not fall back to the caller's own.
      const account =
        face.account === "path" ? path.account_id : (face.dialect === "rest" && inQuery) || undefined;
      return { account, dryRun: canRehearse(face) && sent.get("dry_run") === "true" };
    },
    input(arrived) {
      const read = readQuery(query, arrived.queryText);
      checkQuery(read);
      const page = paging && accent.page(read, paging);
      const format = face.takes && formatOf(arrived.contentType);
      const wire = { path: arrived.path, query: read, body: readBody(arrived), ...(format && { format }) };
      const account = face.account === "body" ? accountOf(face, wire) : undefined;
      return asInput(face.read(wire), wire, page, account);
    },
  };
}

/** Whatever may change something can be asked what it would do. */
function canRehearse({ operation }: Face): boolean {
  return operation.kind === "write" || (operation.kind === "stream" && operation.raises !== "nothing");
}

/** Other types say nothing: many clients name one that they did not choose. */
function formatOf(contentType: string | undefined): LineFormat | undefined {
  const type = contentType?.split(";", 1)[0]?.trim().toLowerCase();
  if (type === "text/csv") return "csv";
  return /^application\/(x-)?(ndjson|jsonl|json-lines)$/.test(type ?? "") ? "ndjson" : undefined;
}

function asInput(value: unknown, wire: Wire<any, any>, page: Page | undefined, account: string | undefined) {
  return { value, wire, ...(page && { page }), ...(account !== undefined && { account }) };
}

function queryOf(face: Face, accent: DialectAccent): TObject {
  return Type.Object({
    ...face.query?.properties,
    ...(face.paging && accent.pagingQuery(face.paging).properties),
    ...(canRehearse(face) && { dry_run: dryRun }),
    ...(face.dialect === "rest" && face.account !== "none" && { org_id: organization }),
  });
}

function accountOf(face: Face, { query, body }: Wire<any, any>): string | undefined {
  const { org_id: inBody } = (body ?? {}) as { org_id?: string };
  const inQuery: string | undefined = query.org_id;
  if (inBody !== undefined && inBody.trim() === "")
    throw invalid("/org_id", "org_id: expected an organization's id");
  if (inBody !== undefined && inQuery !== undefined && inBody !== inQuery)
    throw invalid("/org_id", "org_id: expected the same organization in the query and in the body");
  const named = inBody ?? inQuery;
  if (face.accountRequired && !named) throw invalid("/org_id", "org_id: required");
  return named;
}

function checkIsJson(contentType: string | undefined): void {
  if (contentType === undefined) return;
  const type = contentType.split(";", 1)[0]?.trim().toLowerCase();
  if (type === "application/json" || type === "application/merge-patch+json") return;
  throw new Failure("not-json", "expected content of the type application/json");
}

import Type, { type TObject, type TSchema } from "typebox";
import type { Face, LineFormat } from "../operation/face.ts";
import type { DialectAccent } from "./dialect.ts";
import { dialects } from "./failing.ts";
import { lineTypes } from "./lines.ts";
import { makeWireReader } from "./wire.ts";

/** An OpenAPI 3.1 document (https://spec.openapis.org/oas/v3.1.1). */
export type Document = {
  readonly openapi: "3.1.1";
  readonly info: { readonly title: string; readonly version: string; readonly license: object };
  readonly paths: Readonly<Record<string, Readonly<Record<string, object>>>>;
  readonly components: object;
  readonly security: readonly object[];
};

const securitySchemes = {
  token: { type: "http", scheme: "bearer" },
  email: { type: "apiKey", in: "header", name: "X-Auth-Email" },
  key: { type: "apiKey", in: "header", name: "X-Auth-Key" },
  apiKey: { type: "apiKey", in: "header", name: "X-API-Key" },
};

/** Describes faces; `groupsContaining` tells which permission groups an operation accepts. */
export function describe(
  title: string,
  faces: readonly Face[],
  groupsContaining: (permission: string) => readonly string[],
): Document {
  const paths: Record<string, Record<string, object>> = {};
  for (const face of faces) {
    const path = dialects[face.dialect].prefix + face.path;
    paths[path] = {
      ...paths[path],
      [face.method.toLowerCase()]: describeFace(face, faces, groupsContaining),
    };
  }
  return {
    openapi: "3.1.1",
    info: { title, version: "1", license: { name: "Apache-2.0", identifier: "Apache-2.0" } },
    paths,
    components: { securitySchemes },
    security: [{ token: [] }, { email: [], key: [] }, { apiKey: [] }],
  };
}

function describeFace(
  face: Face,
  faces: readonly Face[],
  groupsContaining: (permission: string) => readonly string[],
) {
  const { operation, body, takes } = face;
  const accent = dialects[face.dialect];
  const { access } = operation;
  return {
    operationId: idOf(face, faces),
    summary: face.summary ?? operation.summary,
    ...("to" in access && { description: `No permission decides this: ${access.reason}.` }),
    tags: [operation.resource],
    "x-operation": operation.name,
    ...("to" in access && access.to === "strangers" && { security: [{}, { email: [], key: [] }] }),
    "x-permission": "permission" in access ? access.permission : null,
    "x-accepted-permissions": "permission" in access ? groupsContaining(access.permission) : [],
    parameters: parametersOf(face, makeWireReader(face, accent).query),
    ...(body && {
      requestBody: {
        required: !face.bodyOptional,
        content: { "application/json": { schema: plain(body) } },
      },
    }),
    ...(takes && { requestBody: { required: false, content: contentOf(takes, Type.String()) } }),
    responses: { ...successes(face, accent), default: failureOf(accent) },
  };
}

function idOf(face: Face, faces: readonly Face[]): string {
  const { name } = face.operation;
  const twins = faces.filter(({ operation }) => operation.name === name);
  if (twins.length === 1) return name;
  return `${name}.${face.dialect}.${face.method.toLowerCase()}${face.path.replace(/[^a-z]+/g, "-")}`;
}

function parametersOf(face: Face, query: TObject): object[] {
  const inPath = [...face.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
  const inQuery = Object.entries(query.properties).map(([name, schema]) => ({
    name,
    in: "query",
    required: (name === "org_id" && face.account === "query") || isRequired(query, name),
    ...(name === "org_id" && face.accountRequired && { description: "Required here or in the body." }),
    // `label[key]=value`
    ...((schema as { type?: string }).type === "object" && { style: "deepObject", explode: true }),
    schema: plain(schema),
  }));
  return [...inPath, ...inQuery];
}

function isRequired(query: TObject, name: string): boolean {
  return (query.required as readonly string[] | undefined)?.includes(name) ?? false;
}

function successes(face: Face, accent: DialectAccent): Record<string, object> {
  const outcomes =
    typeof face.outcome === "string" ? [face.outcome] : (["done", "created", "added"] as const);
  const statuses = new Set(outcomes.map((outcome) => accent.statusOf(outcome)));
  if (statuses.has(204)) statuses.add(200);
  const content = face.gives
    ? contentOf([face.gives], face.answer)
    : { "application/json": { schema: plain(accent.bodySchema(face)) } };
  return Object.fromEntries(
    [...statuses]
      .sort()
      .map((status) => [
        String(status),
        status === 204 ? { description: "Done" } : { description: status === 201 ? "Made" : "Done", content },
      ]),
  );
}

/** Of lines, each as the schema says. */
function contentOf(formats: readonly LineFormat[], schema: TSchema): Record<string, object> {
  return Object.fromEntries(formats.map((format) => [lineTypes[format], { schema: plain(schema) }]));
}

function failureOf({ failureSchema }: DialectAccent) {
  return {
    description: "What went wrong",
    content: { "application/json": { schema: plain(failureSchema) } },
  };
}

/** A schema without the words that only our own messages are made of. */
function plain(schema: TSchema): unknown {
  return JSON.parse(JSON.stringify(schema, (key, value) => (key === "expected" ? undefined : value)));
}

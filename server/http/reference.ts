import type { FastifyInstance } from "fastify";
import type { Face } from "../operation/face.ts";
import { dialects } from "./failing.ts";
import { type Document, describe } from "./openapi.ts";
import { page } from "./reference-page.ts";

type Described = { readonly faces: readonly Face[]; groupsContaining(permission: string): readonly string[] };

/** The OpenAPI documents: of each dialect, and of both. */
export function documents({ faces, groupsContaining }: Described): {
  v4: Document;
  rest: Document;
  both: Document;
} {
  const of = (dialect: Face["dialect"]) => faces.filter((face) => face.dialect === dialect);
  return {
    v4: describe("Flotilla, Cloudflare v4 dialect", of("v4"), groupsContaining),
    rest: describe("Flotilla, REST dialect", of("rest"), groupsContaining),
    both: describe("Flotilla", faces, groupsContaining),
  };
}

/** Serves the OpenAPI documents and a page to read them on. None takes a credential. */
export function serveReference(app: FastifyInstance, described: Described): void {
  const { v4, rest, both } = documents(described);
  for (const [url, document] of [
    ["/openapi.json", both],
    [`${dialects.v4.prefix}/openapi.json`, v4],
    [`${dialects.rest.prefix}/openapi.json`, rest],
  ] as const) {
    const text = JSON.stringify(document);
    app.get(url, async (_request, reply) => reply.type("application/json; charset=utf-8").send(text));
  }
  const html = page(both);
  app.get("/docs", async (_request, reply) =>
    reply
      .header("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'")
      .type("text/html; charset=utf-8")
      .send(html),
  );
}

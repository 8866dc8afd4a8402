import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { describe, test } from "node:test";
import { oneOf, prose, slug, trimmed, wholeNumber } from "../operation/text.ts";
import * as rooms from "../rooms.ts";
import type { Document } from "./openapi.ts";
import { documents } from "./reference.ts";
import { curlOf } from "./reference-example.ts";
import { page } from "./reference-page.ts";
import { type Schema, schemaPage } from "./reference-schema.ts";

const { both } = documents({
  faces: Object.values(rooms).flatMap(({ faces }) => faces),
  groupsContaining: (permission) => [`Holders of ${permission}`],
});

type Described = {
  operationId: string;
  summary: string;
  "x-permission": string | null;
  parameters: { name: string }[];
  requestBody?: { content: { "application/json"?: { schema: { properties?: object } } } };
  responses: object;
};

const operations = Object.entries(both.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ method, path, operation: operation as Described })),
);

/** What a reader sees of a piece of the page. */
function seen(html: string): string {
  const text = html.replace(/<[^>]*>/g, "");
  return text.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));
}

function articleOf(html: string, id: string): string {
  const start = html.indexOf(`<article id="${id}">`);
  assert.notEqual(start, -1, `no article ${id}`);
  return html.slice(start, html.indexOf("</article>", start));
}

describe("the reference page", () => {
  const html = page(both);

  test("shows every operation with all that the document says of it", () => {
    assert.ok(operations.length > 0);
    for (const { method, path, operation } of operations) {
      const text = seen(articleOf(html, operation.operationId));
      const { parameters, requestBody, responses, "x-permission": permission } = operation;
      const body = requestBody?.content["application/json"]?.schema.properties ?? {};
      const wanted = [
        ...[method.toUpperCase() + path, operation.summary, "curl "],
        ...(permission ? [permission, `Holders of ${permission}`] : []),
        ...parameters.map(({ name }) => name),
        ...Object.keys(body),
        ...Object.keys(responses).map((status) => (status === "default" ? "Any other status" : status)),
      ];
      for (const words of wanted) assert.ok(text.includes(words), `${operation.operationId}: ${words}`);
    }
  });

  test("leads to every operation from its contents", () => {
    const ids = [...html.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
    assert.equal(new Set(ids).size, ids.length);
    const links = [...html.matchAll(/ href="#([^"]*)"/g)].map(([, id]) => decodeURIComponent(id ?? ""));
    for (const link of links) assert.ok(ids.includes(link), link);
    for (const { operation } of operations) assert.ok(links.includes(operation.operationId));
  });

  test("runs nothing and loads nothing", () => {
    assert.doesNotMatch(
      html,
      /<(script|link|img|iframe|object|embed|form|base)\b| src=| on\w+=|url\(|@import/i,
    );
    for (const [, address] of html.matchAll(/ href="([^"]*)"/g)) assert.match(address ?? "", /^[#/]/);
  });

  test("escapes whatever stands in a document", () => {
    const hostile = `</style></pre>"'><script>alert(1)</script><img src=x onerror=alert(1)>&lt;`;
    const html = page(hostileDocument(hostile));
    assert.doesNotMatch(html, /<script|<img/);
    assert.equal(html.match(/<\/style>/g)?.length, 1);
    assert.ok(
      articleOf(
        html,
        hostile.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`),
      ).includes("curl"),
    );
    const tags = html.match(/<[^>]*>/g) ?? [];
    for (const tag of tags)
      assert.match(tag, /^<(!doctype html|\/?[a-z][a-z0-9]*( [a-z]+(="[^"<>']*")?)*)>$/);
  });

  test("shows a document that says almost nothing", () => {
    const html = page({ ...both, paths: { "/other": { get: { operationId: "other" } } } });
    assert.ok(seen(articleOf(html, "other")).includes("GET/other"));
  });
});

/** A document in which every text is the given one. */
function hostileDocument(text: string): Document {
  const schema = {
    type: "object",
    description: text,
    required: [text],
    properties: {
      [text]: { type: "string", pattern: text, format: text, default: text, examples: [text] },
      listed: { type: "array", items: { enum: [text] } },
      either: { anyOf: [{ const: text }, { type: "object", additionalProperties: { type: text } }] },
      mapped: { type: "object", patternProperties: { [text]: { description: text } } },
    },
  };
  const content = { "application/json": { schema } };
  const operation = {
    operationId: text,
    summary: text,
    description: text,
    tags: [text],
    "x-permission": text,
    "x-accepted-permissions": [text],
    parameters: [{ name: text, in: text, required: true, schema }],
    requestBody: { content },
    responses: { [text]: { description: text, content }, default: { description: text, content } },
  };
  return {
    openapi: text as "3.1.1",
    info: { title: text, version: text, license: {} },
    paths: {
      [`/client/v4/${text}`]: { [text]: operation },
      [text]: { get: { ...operation, operationId: "2" } },
    },
    components: { securitySchemes: { [text]: { name: text } } },
    security: [{ [text]: [] }],
  };
}

describe("a schema in words", () => {
  const words = (schema: object, direction: "sent" | "answered" = "sent") =>
    seen(schemaPage(schema as Schema, direction).text);

  test("says the limits of texts and numbers", () => {
    assert.equal(
      words(trimmed({ max: 255 })),
      "string (1 to 255 characters without the spaces around them, one line)",
    );
    assert.equal(words(prose({ max: 2000 })), "string (at most 2000 characters, one or several lines)");
    assert.equal(words(slug()), "string (1 to 32 characters, matching ^[a-z0-9_-]*$)");
    assert.equal(words(wholeNumber(1, 50, { default: 20 })), "whole number from 1 to 50; default 20");
    assert.equal(words(oneOf("a", "b")), '"a" or "b"');
  });

  test("says how many items and members there may be", () => {
    const list = { type: "array", minItems: 1, maxItems: 3 };
    assert.equal(words({ ...list, items: { type: "object" } }), "list of 1 to 3 objects");
    assert.equal(words({ ...list, items: { type: "boolean" } }), "list of 1 to 3 items, each true or false");
    assert.equal(words({ type: "array", items: {} }), "list of any JSON");
    assert.equal(
      words({ type: "object", maxProperties: 2, propertyNames: { maxLength: 9 }, additionalProperties: {} }),
      "object of at most 2 membersany name (at most 9 characters) any JSON",
    );
  });

  test("says of what is sent what must be there, and of what is answered what may be missing", () => {
    const schema = {
      type: "object",
      required: ["a"],
      properties: { a: { type: "null" }, b: { type: "null" } },
    };
    assert.equal(words(schema), "a required nullb null");
    assert.equal(words(schema, "answered"), "a nullb may be absent null");
  });
});

describe("an example", () => {
  /** The words that a shell makes of a command, but for the first. */
  function argumentsOf(command: string): string[] {
    const script = `curl() { printf '%s\\0' "$@"; }; FLOTILLA=F TOKEN=T ID=1; ${command}`;
    return execFileSync("sh", ["-c", script], { encoding: "utf8" }).split("\0").slice(0, -1);
  }

  test("is one command of the shell, whatever its texts hold", () => {
    const text = `it's "$(touch x)" \`y\` \\`;
    const body = { type: "object", required: ["a"], properties: { a: { examples: [text] } } } as Schema;
    assert.deepEqual(argumentsOf(curlOf({ method: "PUT", path: `/{id}/${text}`, query: ["id"], body })), [
      ...["-X", "PUT", `F/1/${text}?id=1`, "-H", "Authorization: Bearer T"],
      ...["-H", "Content-Type: application/json", "-d", JSON.stringify({ a: text })],
    ]);
  });

  test("names the organization in the query where the body could", () => {
    const text = seen(articleOf(page(both), "device-group.create"));
    assert.ok(text.includes(`"$FLOTILLA/api/v1/device-groups?org_id=$ORG_ID"`));
    assert.ok(text.includes(`-d '{"name":"name"}'`));
  });
});

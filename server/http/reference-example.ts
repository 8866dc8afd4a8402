import type { Schema } from "./reference-schema.ts";

/** What an example is made of. */
export type Request = {
  readonly method: string;
  readonly path: string;
  /** The parameters of the query that the example shows. */
  readonly query: readonly string[];
  readonly body?: Schema;
};

/** The request as a command: what stands in braces, and what the query needs, are variables of the shell. */
export function curlOf({ method, path, query, body }: Request): string {
  const sent = body === undefined ? undefined : jsonOf(exampleOf(body));
  const verb = method === "GET" || (method === "POST" && sent !== undefined) ? "" : `-X ${method} `;
  const asked = query.map((name) => `${inQuotes(name)}=${variable(name)}`).join("&");
  const named = path
    .split(/(\{\w+\})/)
    .map((part) => (/^\{\w+\}$/.test(part) ? variable(part.slice(1, -1)) : inQuotes(part)));
  const url = `"$FLOTILLA${named.join("")}${asked === "" ? "" : `?${asked}`}"`;
  const lines = [`curl ${verb}${url}`, '-H "Authorization: Bearer $TOKEN"'];
  if (sent !== undefined)
    lines.push('-H "Content-Type: application/json"', `-d '${sent.replaceAll("'", "'\\''")}'`);
  return lines.join(" \\\n  ");
}

/** What is too long for one line gets several. */
function jsonOf(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 72 ? JSON.stringify(value, null, 2) : text;
}

function variable(name: string): string {
  return `$${name.toUpperCase().replace(/\W+/g, "_")}`;
}

/** Text within double quotes of the shell. */
function inQuotes(text: string): string {
  return text.replace(/["$`\\]/g, "\\$&");
}

/**
 * A value that fits a schema, as far as its keywords tell: its own example where it has one. An object shows its
 * required members, or the first one where none is; `org_id` is left to the query.
 */
export function exampleOf(schema: Schema, name = "text"): unknown {
  const { examples, const: constant, default: usual, anyOf } = schema;
  if (examples && examples.length > 0) return examples[0];
  if (constant !== undefined) return constant;
  if (usual !== undefined) return usual;
  if (schema.enum) return schema.enum[0];
  if (anyOf) return exampleOf((anyOf[0] ?? {}) as Schema, name);
  return exampleOfType(schema, name);
}

function exampleOfType(schema: Schema, name: string): unknown {
  const { type, minimum = 0, items } = schema;
  if (type === "string") return exampleText(schema, name);
  if (type === "integer" || type === "number") return minimum;
  if (type === "boolean") return true;
  if (type === "array")
    return [exampleOf((Array.isArray(items) ? items[0] : items) ?? {}, name.replace(/s$/, ""))];
  return type === "object" ? exampleObject(schema) : null;
}

function exampleText(
  { format, minLength = 0, maxLength = Number.POSITIVE_INFINITY }: Schema,
  name: string,
): string {
  if (format === "date-time") return "2026-11-21T09:10:11Z";
  return name.padEnd(Math.min(minLength, 1000), "-").slice(0, Math.max(maxLength, 0));
}

function exampleObject({
  properties = {},
  required = [],
  additionalProperties,
  minProperties = 0,
}: Schema): object {
  const names = Object.keys(properties).filter((name) => name !== "org_id");
  const shown = required.length > 0 ? names.filter((name) => required.includes(name)) : names.slice(0, 1);
  const members = shown.map((name) => [name, exampleOf((properties[name] ?? {}) as Schema, name)]);
  if (members.length === 0 && minProperties > 0 && typeof additionalProperties === "object")
    members.push(["name", exampleOf(additionalProperties as Schema)]);
  return Object.fromEntries(members);
}

import type { TObject, TSchema } from "typebox";
import { invalid } from "../failure.ts";

/**
 * Reads those members of a query string that a schema describes into the types it gives them; unknown ones are
 * ignored. A list may be spelled `tag=a&tag=b` or `tag[]=a`, a map `label[key]=value`. Whether the values fit is for
 * the check to say.
 *
 * @throws Failure `invalid` for what can't be of its type at all
 */
export function readQuery(schema: TObject, text: string): Record<string, unknown> {
  if (text === "") return {};
  const sent = new URLSearchParams(text);
  const read: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(schema.properties)) {
    if ((member as { type?: string }).type === "object") {
      const map = readMap(name, sent);
      if (map) read[name] = map;
      continue;
    }
    const isList = (member as { type?: string }).type === "array";
    const values = [...sent.getAll(name), ...(isList ? sent.getAll(`${name}[]`) : [])];
    if (values.length === 0) continue;
    // Some engines can't keep a NUL in a text at all, so it could not even be compared with what is kept.
    if (values.some((value) => value.includes("\0")))
      throw invalid(`/${name}`, `${name}: expected no control characters`);
    read[name] = readMember(name, member, values);
  }
  return read;
}

function readMap(name: string, sent: URLSearchParams): Record<string, string> | undefined {
  const prefix = `${name}[`;
  if (sent.has(name)) throw invalid(`/${name}`, `${name}: expected ${name}[key]=value`);
  const members = [...sent].filter(([key]) => key.startsWith(prefix) && key.endsWith("]"));
  if (members.some(([key, value]) => key.includes("\0") || value.includes("\0")))
    throw invalid(`/${name}`, `${name}: expected no control characters`);
  const entries = members.map(([key, value]) => [key.slice(prefix.length, -1), value] as const);
  if (new Set(entries.map(([key]) => key)).size < entries.length)
    throw invalid(`/${name}`, `${name}: expected each key once`);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function readMember(name: string, member: TSchema, values: readonly string[]): unknown {
  const { type } = member as { type?: string };
  if (type === "array") return values;
  const [value = ""] = values;
  if (values.length > 1) throw invalid(`/${name}`, `${name}: expected once`);
  if (type === "integer") return wholeNumber(name, member, value);
  if (type !== "boolean") return value;
  if (value !== "true" && value !== "false") throw invalid(`/${name}`, `${name}: expected true or false`);
  return value === "true";
}

/** Numbers too great to be counted with become the greatest that can be: a limit will catch them. */
function wholeNumber(name: string, member: TSchema, value: string): number {
  if (/^\d+$/.test(value)) return Math.min(Number(value), Number.MAX_SAFE_INTEGER);
  const { expected = "a whole number" } = member as { expected?: string };
  throw invalid(`/${name}`, `${name}: expected ${expected}, in decimal digits only`);
}

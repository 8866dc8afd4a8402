import { isUtf8 } from "node:buffer";
import { invalid } from "../failure.ts";
import { type JsonWhole, refuseFaulty } from "./json-fault.ts";

/** How many lists and objects may stand inside one another. */
export const deepestNesting = 64;

/**
 * Reads the JSON of a body, or of one line of it, that nobody has checked yet; no bytes at all are `undefined`. Throws
 * `invalid(pointer, message)`, with the pointer of the member or "" for the whole of it, for: text that is not
 * UTF-8 or not JSON, nesting deeper than `deepestNesting`, a key that stands twice in one object, the keys
 * `__proto__` and `constructor` where that holds `prototype`, lone surrogates, and numbers that a JavaScript
 * number can't hold (whole ones beyond 2^53, any beyond 1.8e308). Control characters that JSON allows are left
 * to whoever checks the member.
 *
 * A byte order mark is refused: RFC 8259 forbids sending one, and only if every body has one spelling do the
 * bytes that were received and the text that was read stay the same thing.
 *
 * Its cost is linear. A body without faults is looked at twice: its bytes before the engine parses it, and
 * its values after. Only where that looks suspicious does a slow reader search for the fault.
 */
export function parseJson(bytes: Uint8Array, what: JsonWhole = "body"): unknown {
  if (bytes.length === 0) return undefined;
  if (!isUtf8(bytes)) throw invalid("", `the ${what} is not valid UTF-8`);
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf)
    throw invalid("", `the ${what} begins with a byte order mark (U+FEFF), which is not part of JSON`);
  const outline = outlineOf(bytes, what);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
  const value = parsed(text);
  if (value === malformed || keysIn(value, outline.surrogates) !== outline.keys) refuseFaulty(text, what);
  if (value === malformed) throw invalid("", "malformed JSON");
  return value;
}

const malformed = Symbol("malformed");

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return malformed;
  }
}

/** What the bytes tell without being parsed: how many keys were written, and whether surrogates are escaped. */
type Outline = { keys: number; surrogates: boolean };

/**
 * Throws where the nesting is too deep. Counts colons outside of strings: in JSON that parses, each stands
 * behind a key, so that fewer keys in the parsed value mean that some were written twice.
 */
function outlineOf(bytes: Uint8Array, what: JsonWhole): Outline {
  const outline: Outline = { keys: 0, surrogates: false };
  let depth = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] as number;
    if (byte === 0x22) at = endOfString(bytes, at, outline);
    else if (byte === 0x3a) outline.keys += 1;
    else if (byte === 0x5b || byte === 0x7b) {
      depth += 1;
      if (depth > deepestNesting)
        throw invalid("", `the ${what} is nested deeper than ${deepestNesting} levels`);
    } else if (byte === 0x5d || byte === 0x7d) depth -= 1;
  }
  return outline;
}

/** Index of the quote that closes the string whose opening quote stands at `start`. */
function endOfString(bytes: Uint8Array, start: number, outline: Outline): number {
  let at = start + 1;
  for (; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === 0x22) break;
    if (byte !== 0x5c) continue;
    at += 1;
    if (bytes[at] === 0x75 && isSurrogateEscape(bytes, at + 1)) outline.surrogates = true;
  }
  return at;
}

/** Do the hex digits at `at` begin with D8 to DF? */
function isSurrogateEscape(bytes: Uint8Array, at: number): boolean {
  const second = bytes[at + 1] ?? 0;
  return ((bytes[at] ?? 0) | 0x20) === 0x64 && (second === 0x38 || second === 0x39 || second >= 0x41);
}

/** Counts the keys in a parsed value; `NaN` as soon as anything in it has to be looked at more closely. */
function keysIn(value: unknown, surrogates: boolean): number {
  if (typeof value === "string") return surrogates && !value.isWellFormed() ? Number.NaN : 0;
  if (typeof value === "number") return Math.abs(value) > Number.MAX_SAFE_INTEGER ? Number.NaN : 0;
  if (typeof value !== "object" || value === null) return 0;
  return Array.isArray(value) ? keysInList(value, surrogates) : keysInObject(value, surrogates);
}

function keysInList(list: readonly unknown[], surrogates: boolean): number {
  let keys = 0;
  for (let at = 0; at < list.length; at += 1) keys += keysIn(list[at], surrogates);
  return keys;
}

function keysInObject(members: object, surrogates: boolean): number {
  let keys = 0;
  for (const key in members) {
    if (key === "__proto__" || key === "constructor" || (surrogates && !key.isWellFormed()))
      return Number.NaN;
    keys += 1 + keysIn((members as Record<string, unknown>)[key], surrogates);
  }
  return keys;
}

import assert from "node:assert/strict";
import type { Told } from "../server.ts";

/** What must come of a wrong request: a status, and the member that is named where one is wrong. */
export type Refused = { readonly status: number; readonly pointer?: string; readonly code?: number };

const codes: Readonly<Record<number, readonly number[]>> = {
  400: [1001],
  403: [9109, 10000, 1002],
  404: [1404, 7003],
  409: [1409],
  413: [1413],
  415: [1415],
};

const slugs: Readonly<Record<number, string>> = {
  400: "bad_request",
  403: "forbidden",
  404: "not_found",
  409: "conflict",
  413: "bad_request",
  415: "bad_request",
};

/** Checks that an answer refuses in the dialect of its path, and names the member in pointer and message. */
export function checkRefused(path: string, told: Told, wanted: Refused, label: string): void {
  const said = `${label}: ${told.status} ${JSON.stringify(told.body)?.slice(0, 500)}`;
  assert.equal(told.status, wanted.status, said);
  assert.equal(told.headers.get("content-type"), "application/json; charset=utf-8", said);
  const { pointer, message } = path.startsWith("/client/v4") ? inV4(told, wanted, said) : inRest(told, said);
  assert.equal(pointer, wanted.pointer, said);
  // Only the address itself may be said again in full: a member of a megabyte must not come back.
  assert.ok(message.length > 0 && message.length < 1000 + path.length, said);
  if (wanted.pointer && wanted.status === 400) assert.ok(message.includes(wanted.pointer.slice(1)), said);
}

function inV4({ status, headers, body }: Told, wanted: Refused, said: string) {
  const { errors, ...rest } = body;
  assert.deepEqual(rest, { success: false, messages: [], result: null }, said);
  assert.equal(errors.length, 1, said);
  const [{ code, message, source }] = errors;
  assert.ok(wanted.code === undefined ? codes[status]?.includes(code) : code === wanted.code, said);
  assert.equal(headers.get("x-should-retry"), status === 409 ? "false" : null, said);
  if (status === 400) assert.match(message, /^Invalid request: /, said);
  return { pointer: source?.pointer, message };
}

function inRest({ status, body }: Told, said: string) {
  const { error, status_code, message, detail, details } = body;
  assert.deepEqual([error, status_code, detail], [slugs[status], status, message], said);
  return { pointer: details.pointer, message };
}

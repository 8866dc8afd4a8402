import assert from "node:assert/strict";
import type { Operation } from "./document.ts";
import type { Answer } from "./send.ts";

/**
 * Is this an answer that the document describes? Throws an `AssertionError` for any 5xx, for a status or a
 * body that is not described, and for what clients of the dialect rely on beside the body.
 */
export function judge(operation: Operation, target: string, { status, headers, text }: Answer): void {
  assert.ok(status < 500, `${status}: ${text}`);
  if (status === 200 && operation.name === "transfer.export") {
    assert.equal(headers["content-type"], "application/x-ndjson; charset=utf-8");
    for (const line of text.trimEnd().split("\n"))
      assert.equal(operation.fault(status, JSON.parse(line)), null, line);
    return;
  }
  if (text !== "") assert.equal(headers["content-type"], "application/json; charset=utf-8");
  const body = text === "" ? undefined : JSON.parse(text);
  const fault = operation.fault(status, body);
  assert.equal(fault, null, `${status} ${text.slice(0, 2000)}`);
  if (operation.path.startsWith("/client/v4")) judgeV4(status, headers, body);
  else judgeRest(status, target, headers, body);
}

function judgeV4(status: number, headers: Answer["headers"], body: any): void {
  assert.equal(body.success, status === 200);
  if (status === 409) assert.equal(headers["x-should-retry"], "false");
  if (body.result_info) assert.equal(body.result_info.count, body.result.length);
}

const slugs: Readonly<Record<number, string>> = {
  400: "bad_request",
  401: "unauthorized",
  403: "forbidden",
  404: "not_found",
  405: "bad_request",
  409: "conflict",
  412: "precondition_failed",
  413: "bad_request",
  415: "bad_request",
};

function judgeRest(status: number, target: string, headers: Answer["headers"], body: any): void {
  if (status < 400) {
    // What was only rehearsed is nowhere.
    const made = status === 201 && body.id && !target.includes("dry_run");
    if (made) assert.ok(headers.location?.includes(body.id));
    return;
  }
  assert.equal(body.status_code, status);
  assert.equal(body.error, slugs[status]);
  assert.equal(body.detail, body.message);
  assert.notEqual(body.message, "");
}

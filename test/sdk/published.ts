import assert from "node:assert/strict";
import { expectShape } from "../shapes.ts";

/** Paths that may lack a published shape. */
const mayLackShape = /^\/client\/v4\/(?:accounts\/[^/]+\/roles|user\/tokens)(?:[/?]|$)/;

/** Checks an answer against its published shape, and where a path has none against the envelope of all answers. */
export function expectPublished(method: string, path: string, status: number, body: unknown): void {
  try {
    expectShape(method, path, status, body);
  } catch (fault) {
    if (!mayLackShape.test(path) || !/nothing is published/.test(String(fault))) throw fault;
    const { success, errors, messages, result, result_info, ...more } = body as Record<string, unknown>;
    assert.deepEqual(
      { success, errors, messages, more },
      { success: true, errors: [], messages: [], more: {} },
    );
    assert.ok(result !== undefined && result !== null, "clients read members of the result");
    assert.equal(Array.isArray(result) && method === "GET", result_info !== undefined);
  }
}

import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { engines } from "../engines.ts";
import { first, type Running, startServer } from "../server.ts";
import { expectPublished } from "./published.ts";

/** What the provider looks at: the status, and `result` as it came and as it is read. */
export type Answer = { readonly status: number; readonly text: string; readonly result: any };

/** Sends a request as the provider does. */
export type Send = (method: string, path: string, body?: object, type?: string) => Promise<Answer>;

/** The first account, on `/client/v4`. */
export const account = `/client/v4/accounts/${first.accountId}`;

const bearer = { authorization: `Bearer ${first.apiToken}` };
const keyPair = { "x-auth-email": first.email, "x-auth-key": first.apiKey };
const everything = { ...bearer, ...keyPair };

/** Describes the requests of the Terraform provider on every engine, each with a server of its own. */
export function withTerraform(about: string, define: (send: Send) => void, by: "all" | "key" = "all"): void {
  for (const engine of engines)
    describe(`the requests of the Terraform provider for ${about} on ${engine.name}`, () => {
      let running: Running;
      before(async () => {
        running = await startServer(await engine.open());
      });
      after(() => running.stop());
      define((...request) => sent(running.url, by === "key" ? keyPair : everything, ...request));
    });
}

/** Sends what the provider sends, with every credential that it is configured with. */
async function sent(
  url: string,
  credentials: Record<string, string>,
  method: string,
  path: string,
  body?: object,
  type = "application/json",
): Promise<Answer> {
  const headers = {
    ...credentials,
    "user-agent": "terraform-provider-cloudflare/5.22.0",
    "x-stainless-lang": "Terraform",
    "x-stainless-retry-count": "0",
    ...(body && { "content-type": type }),
  };
  const response = await fetch(url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  const text = await response.text();
  expectPublished(method, path, response.status, JSON.parse(text));
  return { status: response.status, text, result: JSON.parse(text).result };
}

/** Reads twice, as plan and import do: both must be 200 and the same bytes. Answers what a plan compares. */
export async function planned(send: Send, path: string): Promise<Answer> {
  const [read, again] = [await send("GET", path), await send("GET", path)];
  assert.equal(read.status, 200);
  assert.equal(again.text, read.text);
  return read;
}

/** Destroys, after which reading is 404, and so is destroying again. */
export async function destroyed(send: Send, path: string): Promise<void> {
  const { status, result } = await send("DELETE", path);
  assert.deepEqual([status, result.id], [200, path.split("/").at(-1)]);
  assert.equal((await send("GET", path)).status, 404);
  assert.equal((await send("DELETE", path)).status, 404);
}

/** Lists as the provider does: page by page, until one is empty. */
export async function pagedThrough(send: Send, path: string): Promise<any[]> {
  const items: any[] = [];
  for (let page = 1, size = 1; size > 0; page += 1) {
    const separator = path.includes("?") ? "&" : "?";
    const { status, result } = await send("GET", page === 1 ? path : `${path}${separator}page=${page}`);
    assert.equal(status, 200);
    size = result.length;
    items.push(...result);
  }
  return items;
}

import assert from "node:assert/strict";
import { after, afterEach, before, describe } from "node:test";
import { type APIError, type ClientOptions, Cloudflare } from "cloudflare";
import { engines } from "../engines.ts";
import { first, type Running, startServer, steppingClock } from "../server.ts";
import { expectPublished } from "./published.ts";

/** A request as the client sent it, and the answer as it came. */
export type Exchange = {
  readonly method: string;
  readonly url: URL;
  readonly sent: Headers;
  readonly body: string | undefined;
  readonly status: number;
  readonly headers: Headers;
  /** The bytes of the answer, as text. */
  readonly text: string;
};

/** The official client, and everything that went over the wire through it, oldest first. */
export type Recorded = { readonly client: Cloudflare; readonly wire: Exchange[] };

/** What a test of the official client has at hand; filled in before its first test runs. */
export interface Setting {
  readonly running: Running;
  readonly clock: ReturnType<typeof steppingClock>;
  /** Sends the first account's token. */
  readonly client: Cloudflare;
  /** What went through `client`. */
  readonly wire: Exchange[];
  /** Another client, which sends just the credentials that it is given. */
  with(options: ClientOptions): Recorded;
}

/** Describes something on every engine, each with a server that listens and with the official client. */
export function withClient(
  about: string,
  define: (at: Setting) => void,
  config: Parameters<typeof startServer>[1] = {},
): void {
  for (const engine of engines)
    describe(`${about} on ${engine.name}`, () => {
      const at = {} as { -readonly [Name in keyof Setting]: Setting[Name] };
      const faults: unknown[] = [];
      before(async () => {
        at.clock = steppingClock();
        at.running = await startServer(await engine.open(), { clock: at.clock, ...config });
        at.with = (options) => recorded({ baseURL: `${at.running.url}/client/v4`, ...options }, faults);
        Object.assign(at, at.with({ apiToken: first.apiToken }));
      });
      afterEach(() => assert.deepEqual(faults.splice(0), []));
      after(() => at.running.stop());
      define(at);
    });
}

/** No credential is taken out of the environment that the tests happen to run in. */
const nobody = { apiToken: null, apiKey: null, apiEmail: null, userServiceKey: null };

/** What is wrong with answers is kept in `faults`: the client would take it for a lost connection and try again. */
function recorded(options: ClientOptions, faults: unknown[]): Recorded {
  const wire: Exchange[] = [];
  const client = new Cloudflare({
    ...nobody,
    ...options,
    async fetch(url, init = {}) {
      const response = await fetch(url as string, init);
      const exchange = {
        method: init.method ?? "GET",
        url: new URL(String(url)),
        sent: new Headers(init.headers as Record<string, string>),
        body: init.body as string | undefined,
        status: response.status,
        headers: response.headers,
        text: await response.clone().text(),
      };
      wire.push(exchange);
      faults.push(...faultsOf(exchange));
      return response;
    },
  });
  return { client, wire };
}

/** What is wrong with an answer that is so for every answer of the dialect: clients are lost without it. */
function faultsOf({ method, url, status, headers, text }: Exchange): unknown[] {
  try {
    assert.match(headers.get("content-type") ?? "", /^application\/json/);
    const body = JSON.parse(text);
    assert.equal(text, JSON.stringify(body), "clients compare parts of the text, which must be compact");
    expectPublished(method, url.pathname, status, body);
    return [];
  } catch (fault) {
    return [fault];
  }
}

/** The newest of some exchanges. */
export function last(wire: readonly Exchange[]): Exchange {
  const exchange = wire.at(-1);
  assert.ok(exchange, "nothing went over the wire");
  return exchange;
}

/** The `result` of the newest answer, as it came. */
export function raw(wire: readonly Exchange[]): any {
  return JSON.parse(last(wire).text).result;
}

type ErrorClass = abstract new (...args: any[]) => { status?: unknown; errors: readonly object[] };

/** What is expected of a failed call: its class and status, and code and pointer of its first error. */
export type Expected = { is: ErrorClass; status: number; code: number; pointer?: string; says?: RegExp };

/** Expects a call to fail as an error of a class of the client's, with one error in it. */
export async function fails(call: PromiseLike<unknown>, expected: Expected): Promise<APIError> {
  let thrown: unknown;
  await assert.rejects(Promise.resolve(call), (error) => {
    thrown = error;
    return true;
  });
  const { is, status, code, pointer, says } = expected;
  const error = thrown as APIError;
  assert.ok(error instanceof is, `expected ${is.name}: ${error.stack} ${(error as Error).cause ?? ""}`);
  const [said, ...more] = error.errors as { code: number; message: string; source?: { pointer: string } }[];
  assert.deepEqual([error.status, said?.code, said?.source?.pointer], [status, code, pointer]);
  assert.deepEqual(more, []);
  if (says) assert.match(said?.message ?? "", says);
  return error;
}

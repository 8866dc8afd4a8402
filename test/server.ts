import type { AddressInfo } from "node:net";
import type { Store } from "../server/db/database.ts";
import { type Clock, makeClock } from "../server/operation/id.ts";
import { makeServer, type Options, type Server } from "../server/server.ts";

/** The installation that tests begin with. */
export const first = {
  accountId: "023e105f4ecef8ad9ca31a8372d0c353",
  orgId: "org_test",
  resourceGroupId: "6d7f2f5f5b1d4a0e9081fdc98d432fd1",
  email: "user@example.com",
  apiKey: "144c9defac04969c7bfad8efaa8ea194",
  apiToken: "flat_0000000000000000000000000000000000000000test",
};

/** A request in brief: what `fetch` would take, with the credentials and the body spelled shorter. */
export type Ask = {
  token?: string | null;
  headers?: Record<string, string>;
  body?: unknown;
  /** Sent as it is, with a JSON content type. */
  text?: string | Uint8Array;
};

/** An answer in brief; `body` is the parsed JSON, or undefined where there is none. */
export type Told = { status: number; headers: Headers; body: any };

/** A server that listens on a port of its own, on a store of its own. */
export interface Running {
  readonly url: string;
  readonly server: Server;
  readonly store: Store;
  ask(method: string, path: string, ask?: Ask): Promise<Told>;
  /** Makes an API token of the first account with these policies and answers its secret. */
  tokenWith(...policies: Grant[]): Promise<string>;
  stop(): Promise<void>;
}

/** A policy in brief: names of permission groups, and scope keys (the whole account where there are none). */
export type Grant = { effect?: "allow" | "deny"; groups: string[]; on?: string[] };

const config = {
  rateLimits: { v4: null, rest: null, device: null, enrolment: null },
  bodyLimit: { default: 1024 * 1024, batch: 4 * 1024 * 1024 },
  maxInFlight: 256,
  logLevel: "silent",
  /** Most tests are about deployment groups, not about what they hold. */
  unknownPolicyIds: "allow",
};

/** A clock that moves by a microsecond with every look and otherwise only when told to. */
export function steppingClock(
  start = Date.UTC(2026, 10, 21, 9, 0, 0) * 1000,
): Clock & { advance(us: number): void } {
  let now = start;
  return {
    now: () => ++now,
    advance(us) {
      now += us;
    },
  };
}

/** Starts a server on a store; every answer is checked against its schema. */
export async function startServer(
  store: Store,
  options: Options & { config?: Partial<typeof config> | Record<string, unknown> } = {},
): Promise<Running> {
  const server = makeServer(store, { ...config, ...options.config } as never, {
    checkAnswers: true,
    clock: makeClock(),
    ...options,
  });
  await server.bootstrap(first, async () => {});
  await server.app.listen({ host: "127.0.0.1", port: 0 });
  const { port } = server.app.server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const ask = (method: string, path: string, wanted?: Ask) => asked(url + path, method, wanted ?? {});
  return {
    url,
    server,
    store,
    ask,
    tokenWith: (...policies) => tokenWith(ask, policies),
    stop: () => server.close(),
  };
}

async function asked(url: string, method: string, { token, headers, body, text }: Ask): Promise<Told> {
  const sent = text ?? (body === undefined ? undefined : JSON.stringify(body));
  const response = await fetch(url, {
    method,
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token ?? first.apiToken}` }),
      ...(sent === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    ...(sent === undefined ? {} : { body: sent as string }),
  });
  const answer = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: bodyOf(response, answer),
  };
}

/** Of lines, all of them. */
function bodyOf({ headers }: Response, answer: string): unknown {
  if (answer === "") return undefined;
  if (!headers.get("content-type")?.startsWith("application/x-ndjson")) return JSON.parse(answer);
  return answer
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

async function tokenWith(ask: Running["ask"], policies: readonly Grant[]): Promise<string> {
  const tokens = `/client/v4/accounts/${first.accountId}/tokens`;
  const { body: catalogue } = await ask("GET", `${tokens}/permission_groups`);
  const idOf = (name: string) => {
    const found = catalogue.result.find((group: { name: string }) => group.name === name);
    if (!found) throw new Error(`no permission group ${name}`);
    return { id: found.id };
  };
  const { status, body } = await ask("POST", tokens, {
    body: {
      name: "a test's",
      policies: policies.map(({ effect = "allow", groups, on }) => ({
        effect,
        permission_groups: groups.map(idOf),
        resources: Object.fromEntries(
          (on ?? [`com.cloudflare.api.account.${first.accountId}`]).map((key) => [key, "*"]),
        ),
      })),
    },
  });
  if (status !== 200) throw new Error(`no token: ${JSON.stringify(body)}`);
  return body.result.value;
}

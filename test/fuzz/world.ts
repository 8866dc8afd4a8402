import { first, type Running } from "../server.ts";
import type { Draft, Sender } from "./requests.ts";
import { type Answer, makeSender } from "./send.ts";

/** A server that holds some data, and what its objects are called right now. */
export interface World {
  /** Makes the objects that are gone anew, so that requests have something to meet. */
  refill(): Promise<void>;
  /** Sends a request, with `{{kind.number}}` put in. */
  send(draft: Draft): Promise<Answer>;
  close(): void;
}

type Ids = Record<string, string[]>;

/** Fills a server: devices, groups, tokens, and a second account that nobody but its owner may know of. */
export async function fill(running: Running): Promise<World> {
  const { ask } = running;
  const pair = { "x-auth-email": first.email, "x-auth-key": first.apiKey };
  const asOwner = (method: string, path: string, body?: unknown) =>
    ask(method, path, { token: null, headers: pair, body });
  const other = (await asOwner("POST", "/client/v4/accounts", { name: "Second" })).body.result;
  const reader = await running.tokenWith({ groups: ["Administrator Read Only"] });
  const { body: catalogue } = await ask("GET", `${tokens}/permission_groups`);
  const stranger = await strangerIn(asOwner, other.id, catalogue.result);
  const foreign = await asOwner("POST", "/api/v1/device-groups", { org_id: other.org_id, name: "Foreign" });
  const ids: Ids = {
    account: [first.accountId, other.id],
    org: [first.orgId, other.org_id],
    permission: catalogue.result.map(({ id }: { id: string }) => id),
    foreign: [foreign.body.id],
  };
  const sender = makeSender(running.url);
  const headers = headersOf(pair, reader, stranger);
  let made = 0;
  return {
    async refill() {
      for (const [kind, make] of Object.entries(makers))
        ids[kind] = await Promise.all(
          [0, 1, 2].map((place) => present(ask, ids[kind]?.[place], make, made++)),
        );
      await ask("POST", `/api/v1/device-groups/${ids.group?.[0]}/devices`, {
        body: { device_ids: ids.device },
      });
    },
    send: (draft) =>
      sender.send({
        method: draft.method,
        target: withIds(draft.target, ids),
        headers: { ...headers[draft.sender], ...typed(draft.contentType) },
        body: typeof draft.body === "string" ? withIds(draft.body, ids) : draft.body,
      }),
    close: sender.close,
  };
}

const tokens = `/client/v4/accounts/${first.accountId}/tokens`;
const deployments = `/client/v4/accounts/${first.accountId}/devices/deployment-groups`;
type Maker = { path: string; at: (id: string) => string; body: (number: number) => unknown };

const makers: Record<string, Maker> = {
  device: {
    path: "/api/v1/devices/register",
    at: (id) => `/api/v1/devices/${id}`,
    body: (number) => ({
      device_identifier: `made ${number}`,
      labels: { ring: "canary" },
      battery_pct: 12.5,
    }),
  },
  group: {
    path: "/api/v1/device-groups",
    at: (id) => `/api/v1/device-groups/${id}`,
    body: (number) => ({ org_id: first.orgId, name: `Made ${number}`, tags: ["a"] }),
  },
  deployment: {
    path: deployments,
    at: (id) => `${deployments}/${id}`,
    body: () => ({ name: "Ring", version_config: [{ target_environment: "macos", version: "1" }] }),
  },
  token: {
    path: tokens,
    at: (id) => `${tokens}/${id}`,
    body: () => ({ name: "Made", policies: [policy("c8fed203ed3043cba015a93ad1616f1f", first.accountId)] }),
  },
};

async function present(
  ask: Running["ask"],
  id: string | undefined,
  make: Maker,
  number: number,
): Promise<string> {
  if (id !== undefined && (await ask("GET", make.at(id))).status === 200) return id;
  const { status, body } = await ask("POST", make.path, { body: make.body(number) });
  if (status > 201) throw new Error(`${make.path}: ${status} ${JSON.stringify(body)}`);
  return (body.result ?? body).id;
}

function policy(permissionGroup: string, accountId: string) {
  return {
    effect: "allow",
    permission_groups: [{ id: permissionGroup }],
    resources: { [`com.cloudflare.api.account.${accountId}`]: "*" },
  };
}

async function strangerIn(
  asOwner: (method: string, path: string, body: unknown) => Promise<{ body: any }>,
  accountId: string,
  catalogue: { id: string; name: string }[],
): Promise<string> {
  const { id = "" } = catalogue.find(({ name }) => name === "Administrator") ?? {};
  const wanted = { name: "Stranger", policies: [policy(id, accountId)] };
  const { body } = await asOwner("POST", `/client/v4/accounts/${accountId}/tokens`, wanted);
  return body.result.value;
}

function headersOf(pair: Record<string, string>, reader: string, stranger: string) {
  const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });
  const headers: Record<Sender, Record<string, string>> = {
    owner: pair,
    token: bearer(first.apiToken),
    reader: bearer(reader),
    stranger: bearer(stranger),
    nobody: {},
    rubbish: { authorization: "Bearer \u00ff\u00fe", "x-auth-key": "x", "x-api-key": " " },
  };
  return headers;
}

function typed(contentType: string | undefined): Record<string, string> {
  return contentType === undefined ? {} : { "content-type": contentType };
}

function withIds(text: string, ids: Ids): string {
  return text.replace(/\{\{(\w+)\.(\d+)\}\}/g, (_, kind, number) => {
    const known = ids[kind] ?? [];
    return known[Number(number) % Math.max(known.length, 1)] ?? "none";
  });
}

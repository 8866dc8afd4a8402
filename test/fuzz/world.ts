import { first, type Running, type Told } from "../server.ts";
import type { Draft, Sender } from "./requests.ts";
import { type Answer, makeSender } from "./send.ts";
import { type Maker, makers, policy } from "./things.ts";

/** A server that holds some data, and what its objects are called right now. */
export interface World {
  /** Makes the objects that are gone anew, so that requests have something to meet. */
  refill(): Promise<void>;
  /** Sends a request, with `{{kind.number}}` put in. */
  send(draft: Draft): Promise<Answer>;
  close(): void;
}

type Ids = Record<string, string[]>;
type Named = { readonly id: string; readonly name: string };

/** Fills a server: devices, groups, tokens, people, and a second account that nobody but its owner may know of. */
export async function fill(running: Running): Promise<World> {
  const { ask } = running;
  const pair = { "x-auth-email": first.email, "x-auth-key": first.apiKey };
  const asOwner = (method: string, path: string, body?: unknown) =>
    ask(method, path, { token: null, headers: pair, body });
  const asToken = (method: string, path: string, body?: unknown) => ask(method, path, { body });
  const other = (await asOwner("POST", "/client/v4/accounts", { name: "Second" })).body.result;
  const reader = await running.tokenWith({ groups: ["Administrator Read Only"] });
  const { body: catalogue } = await ask("GET", `${tokens}/permission_groups`);
  const stranger = await strangerIn(asOwner, other.id, catalogue.result);
  const foreign = await asOwner("POST", "/api/v1/device-groups", { org_id: other.org_id, name: "Foreign" });
  const ids: Ids = {
    account: [first.accountId, other.id],
    org: [first.orgId, other.org_id],
    permission: catalogue.result.map(({ id }: { id: string }) => id),
    permission_group: catalogue.result.map(({ id }: { id: string }) => id),
    role: catalogue.result.filter(({ name }: Named) => /Administrator/.test(name)).map(({ id }: Named) => id),
    foreign: [foreign.body.id],
    // Not macos, or what deployment groups are made with here would have to be in the catalogue.
    environment: ["windows", "linux", "Windows"],
    version: ["1", "2026.7.1377.0", "1.0"],
  };
  const sender = makeSender(running.url);
  const headers = headersOf(pair, reader, stranger);
  let made = 0;
  return {
    async refill() {
      for (const [kind, make] of Object.entries(makers))
        ids[kind] = await Promise.all(
          [0, 1, 2].map((place) =>
            present(make.ofOwner ? asOwner : asToken, ids[kind]?.[place], make, made++),
          ),
        );
      await ask("POST", `/api/v1/device-groups/${ids.group?.[0]}/devices`, {
        body: { device_ids: ids.device },
      });
      ids.invitation = await peopled(ask, ids);
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

async function present(
  ask: (method: string, path: string, body?: unknown) => Promise<Told>,
  id: string | undefined,
  make: Maker,
  number: number,
): Promise<string> {
  if (id !== undefined && (await ask("GET", make.at(id))).status === 200) return id;
  const { status, body } = await ask("POST", make.path, make.body(number));
  if (status > 201) throw new Error(`${make.path}: ${status} ${JSON.stringify(body)}`);
  const created = body.result ?? body;
  return created.id ?? created.policy_id;
}

/** Puts the members into a user group, and answers invitations of those that have not accepted. */
async function peopled(ask: Running["ask"], { user_group: groups = [], member: members = [] }: Ids) {
  const account = `/client/v4/accounts/${first.accountId}`;
  const body = members.map((id) => ({ id }));
  await ask("POST", `${account}/iam/user_groups/${groups[0]}/members`, { body });
  const answers = await Promise.all(members.map((id) => ask("POST", `${account}/members/${id}/invitation`)));
  return answers.flatMap(({ status, body }) => (status === 200 ? [body.result.invitation_token] : []));
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

import { first, type Running } from "../server.ts";
import type { Caller } from "./callers.ts";
import { memberFor, type Operation, thingOf } from "./operations.ts";
import { onSight, type Thing } from "./rights.ts";
import type { System, Things } from "./system.ts";

/** What a list showed on all its pages, and the totals that it gave on each. */
export type Shown = { readonly ids: string[]; readonly totals: number[] };

/** Every page of a list, two items at a time; expired tokens are there too. */
export async function pagesOf(ask: Running["ask"], operation: Operation, caller: Caller): Promise<Shown> {
  const path = operation.path.replace("{account_id}", caller.accountId);
  const shown: Shown = { ids: [], totals: [] };
  let cursor = "";
  const size = { "api-token": 50, member: 5, "permission-group": 5 }[operation.kind] ?? 2;
  for (let page = 1; ; page += 1) {
    const query =
      operation.dialect === "v4"
        ? `page=${page}&cursor=${cursor}&per_page=${size}&include_expired=true&target_environment=windows&release_track=ga`
        : `org_id=${caller.accountId}&limit=${size}&offset=${(page - 1) * size}`;
    const { status, body } = await ask("GET", `${path}?${query}`, {
      token: null,
      headers: { ...caller.headers },
    });
    if (status !== 200) throw new Error(`${path}?${query}: ${status} ${JSON.stringify(body)}`);
    const items = itemsOf(body);
    shown.ids.push(...items.map(({ id, policy_id = id, version }) => policy_id ?? `windows/${version}`));
    shown.totals.push(body.result_info?.total_count ?? body.total);
    cursor = body.result_info?.cursor ?? "";
    if (items.length === 0 || body.result_info?.cursor === "") return shown;
  }
}

function itemsOf(body: any): { id?: string; policy_id?: string; version?: string }[] {
  return body.result ?? Object.values(body).find((member) => Array.isArray(member));
}

const inFirst = `/client/v4/accounts/${first.accountId}`;
/** Where the callers themselves, and what they hold their rights by, are among the things of a kind. */
const lists: Readonly<Record<string, string>> = {
  "api-token": "tokens?include_expired=true&per_page=50",
  member: "members?per_page=50",
  "permission-group": "iam/permission_groups?per_page=50",
  "resource-group": "iam/resource_groups?per_page=50",
  "user-group": "iam/user_groups?per_page=50",
};

/** Everything of a kind in the first account, the callers' own tokens included. */
export async function everything(system: System, kind: string): Promise<Thing[]> {
  const { own, hidden } = system.things[kind] as Things;
  if (kind === "device") return [own, hidden, system.loose];
  const listed = lists[kind];
  if (!listed) return [own, hidden];
  const found: Thing[] = [];
  for (let page = 1; ; page += 1) {
    const { body } = await system.owner("GET", `${inFirst}/${listed}&page=${page}`);
    if (body.result.length === 0) return found;
    found.push(...body.result.map(({ id }: { id: string }) => ({ kind, id, accountId: first.accountId })));
  }
}

/** The ids of what a caller must be shown. */
export function visibleTo({ policies, accountId }: Caller, things: readonly Thing[]): string[] {
  const seen = things.filter(
    (thing) => thing.accountId === accountId && onSight(policies, `${thing.kind}.read`, thing) === "allow",
  );
  return seen.map(({ id }) => id).sort();
}

/** What an answer about a thing must show of others, by its operation: groups of a device, devices or members of a group. */
export function insideOf(
  system: System,
  operation: Operation,
  caller: Caller,
  which: keyof Things,
): string[] | undefined {
  const thing = thingOf(system, operation, which);
  const { device } = system.things;
  if (operation.name === "device-group.list-devices") {
    const members = [device?.own, device?.hidden, device?.foreign].filter((one) =>
      one?.groups?.includes(thing.id),
    );
    return members.flatMap((one) =>
      one && onSight(caller.policies, "device.read", one) !== "deny" ? [one.id] : [],
    );
  }
  if (operation.name === "device-group.list-exclusions") {
    const excluded = which === "own" && device ? [device.hidden] : [];
    return excluded.flatMap((one) =>
      onSight(caller.policies, "device.read", one) === "deny" ? [] : [one.id],
    );
  }
  if (operation.name === "deployment-group.list-devices")
    return visibleTo(caller, device ? [device[which]] : []);
  if (operation.name === "user-group.list-members") {
    const member = memberFor(system, which);
    return onSight(caller.policies, "member.read", member) === "deny" ? [] : [member.id];
  }
  if (operation.name !== "device-group.list-of-device") return undefined;
  const groups = (thing.groups ?? []).map((id) => ({ kind: "device-group", id, accountId: thing.accountId }));
  return visibleTo(caller, groups);
}

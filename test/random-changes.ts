import type { PlainMatch } from "./plain-fleet.ts";
import { first, type Running } from "./server.ts";

/** Numbers from 0 to below 1, the same ones for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const devicesMax = 25;
const v4 = `/client/v4/accounts/${first.accountId}/devices`;
const groupNames = ["Kiosks", "Tills", "Pilots", "Back office"];
const regions = ["eu", "us", "ap"];
const rings = ["canary", "stable"];
const platforms = ["macos", "linux", "windows"];

/** Everything that device policies ask here, with what it means. */
export const matches: readonly PlainMatch[] = [
  ...regions.map((wanted) => ({
    match: `device.region == "${wanted}"`,
    fits: ({ region }: { region: string | null }) => region === wanted,
  })),
  ...rings.map((wanted) => ({
    match: `device.labels["ring"] == "${wanted}"`,
    fits: ({ labels }: { labels: Readonly<Record<string, string>> }) => labels.ring === wanted,
  })),
  ...groupNames.map(
    (name): PlainMatch => ({
      match: `any(device.groups[*] in {"${name}"})`,
      fits: (_device, inGroup) => inGroup(name),
    }),
  ),
  { match: 'os.name == "linux"', fits: ({ platform }) => platform === "linux" },
  {
    match: 'not (device.labels["ring"] == "canary") and device.region in {"us" "ap"}',
    fits: ({ labels, region }) => labels.ring !== "canary" && (region === "us" || region === "ap"),
  },
  {
    match: 'any(device.groups[*] in {"Kiosks" "Pilots"}) or os.name == "windows"',
    fits: ({ platform }, inGroup) => inGroup("Kiosks") || inGroup("Pilots") || platform === "windows",
  },
];

const rules = [
  ...regions.map((region) => ({ expression: `device.region == "${region}"` })),
  { matchLabels: { ring: "canary" } },
  { rules: [{ field: "platform", operator: "in", value: ["linux", "macos"] }] },
  { expression: 'os.name == "windows"', matchLabels: { ring: "stable" } },
];

/** What makes changes: who is asked, what chance says, and what there is by now, by its ids. */
type Fleet = {
  send(method: string, path: string, body?: unknown): Promise<Sent>;
  one<T>(of: readonly T[]): T;
  chance(likely: number): boolean;
  /** A number that none was before. */
  next(): number;
  readonly devices: string[];
  readonly groups: string[];
  readonly policies: string[];
  readonly rings: string[];
};
type Sent = { readonly status: number; readonly body: any; readonly label: string };
type Change = () => Promise<Sent>;
type Changes = { readonly create: Change; readonly all: readonly Change[] };

/** Changes of a fleet, one after the other, some of everything first; each answers what it was. */
export function makeChanges(ask: Running["ask"], random: () => number) {
  const fleet = emptyFleet(ask, random);
  const [devices, groups, policies, deployments] = [
    deviceChanges(fleet),
    groupChanges(fleet),
    policyChanges(fleet),
    ringChanges(fleet),
  ];
  const begin = [
    ...Array.from({ length: 12 }, () => devices.create),
    ...[groups, groups, groups, policies, policies, policies, deployments, deployments].map(
      ({ create }) => create,
    ),
  ];
  return {
    matches,
    async next() {
      const { one } = fleet;
      const change = begin.shift() ?? one(one([devices, devices, groups, policies, deployments]).all);
      return (await change()).label;
    },
  };
}

function emptyFleet(ask: Running["ask"], random: () => number): Fleet {
  let made = 0;
  return {
    async send(method, path, body) {
      const told = await ask(method, path, body === undefined ? {} : { body });
      if (told.status >= 500) throw new Error(`${method} ${path}: ${JSON.stringify(told.body)}`);
      return { ...told, label: `${method} ${path} ${JSON.stringify(body) ?? ""}: ${told.status}` };
    },
    one: (of) => of[Math.floor(random() * of.length)] as (typeof of)[number],
    chance: (likely) => random() < likely,
    next: () => made++,
    ...{ devices: [], groups: [], policies: [], rings: [] },
  };
}

type Act = (path: string) => Promise<Sent>;

/** A change of one of some things, and a new one where there is none. */
function onOne({ one }: Fleet, ids: readonly string[], at: string, create: Change) {
  return (act: Act): Change =>
    () =>
      ids.length === 0 ? create() : act(at + one(ids));
}

/** The end of one of some things, which then is none of them any more. */
function ending({ send }: Fleet, ids: string[], query = ""): Act {
  return (path) => {
    ids.splice(ids.indexOf(path.slice(path.lastIndexOf("/") + 1)), 1);
    return send("DELETE", path + query);
  };
}

function deviceChanges(fleet: Fleet): Changes {
  const { send, one, next, devices } = fleet;
  const telling = () =>
    one([
      { region: one(regions) },
      { labels: { ring: one(rings) } },
      { platform: one(platforms) },
      { region: one(regions), labels: { ring: one(rings) } },
    ]);
  const create = async () => {
    const known = devices.length < devicesMax ? undefined : one(devices);
    if (known) return send("PATCH", `/api/v1/devices/${known}`, telling());
    const body = { platform: one(platforms), device_identifier: `d${next()}`, ...telling(), ...telling() };
    const told = await send("POST", "/api/v1/devices/register", body);
    devices.push(told.body.id);
    return told;
  };
  const device = onOne(fleet, devices, "/api/v1/devices/", create);
  const edit = device((path) => send("PATCH", path, telling()));
  const all = [
    ...[create, create, edit, edit, edit],
    device((path) => send("POST", `${path}/heartbeat`, telling())),
    device((path) => send("POST", `${path}/sync`, telling())),
    device((path) => send("POST", `${path}/revoke`)),
    device((path) => send("POST", `${path}/reset`)),
    device(ending(fleet, devices)),
  ];
  return { create, all };
}

function groupChanges(fleet: Fleet): Changes {
  const { send, one, devices, groups } = fleet;
  const create = async () => {
    const type = one(["static", "dynamic", "hybrid"]);
    const told = await send("POST", "/api/v1/device-groups", {
      ...{ org_id: first.orgId, name: one(groupNames), group_type: type },
      ...(type !== "static" && { auto_assignment_rules: one(rules) }),
    });
    if (told.status === 201) groups.push(told.body.id);
    return told;
  };
  const group = onOne(fleet, groups, "/api/v1/device-groups/", create);
  const some = () => ({ device_ids: [one(devices) ?? "nobody", one(devices) ?? "nobody", "nobody"] });
  const all = [
    create,
    group((path) => send("PUT", `${path}?force=true`, { name: one(groupNames) })),
    group((path) => send("PUT", path, { auto_assignment_rules: one(rules) })),
    group(ending(fleet, groups, "?force=true")),
    group((path) => send("POST", `${path}/devices`, some())),
    group((path) => send("DELETE", `${path}/devices`, some())),
    group((path) => send("PUT", `${path}/devices`, some())),
    group((path) => send("POST", `${path}/exclusions`, some())),
    group((path) => send("DELETE", `${path}/exclusions`, some())),
  ];
  return { create, all };
}

function policyChanges(fleet: Fleet): Changes {
  const { send, one, chance, next, policies } = fleet;
  const create = async () => {
    const number = next();
    const body = { name: `Policy ${number}`, match: one(matches).match, precedence: 1000 + number };
    const told = await send("POST", `${v4}/policy`, body);
    policies.push(told.body.result.policy_id);
    return told;
  };
  const policy = onOne(fleet, policies, `${v4}/policy/`, create);
  const all = [
    ...[create, create],
    policy((path) => send("PATCH", path, { match: one(matches).match })),
    policy((path) => send("PATCH", path, { enabled: chance(0.6) })),
    policy((path) => send("PATCH", path, { precedence: 1000 + next() * (chance(0.5) ? 1 : -1) })),
    policy((path) => send("PATCH", path, { name: `Policy ${next()}` })),
    policy(ending(fleet, policies)),
  ];
  return { create, all };
}

function ringChanges(fleet: Fleet): Changes {
  const { send, one, chance, next, policies, rings: made } = fleet;
  const config = () => {
    const environments = one([["macos"], ["linux", null], ["windows", "linux"], [null]]);
    return environments.map((target_environment) => ({ target_environment, version: `2026.${next()}` }));
  };
  const held = async () => {
    const standard = (await send("GET", `${v4}/policy`)).body.result.policy_id as string;
    return { policy_ids: [standard, ...policies].filter(() => chance(0.5)) };
  };
  const create = async () => {
    const body = { name: `Ring ${next()}`, version_config: config(), ...(await held()) };
    const told = await send("POST", `${v4}/deployment-groups`, body);
    if (told.status === 200) made.push(told.body.result.id);
    return told;
  };
  const ring = onOne(fleet, made, `${v4}/deployment-groups/`, create);
  const all = [
    ...[create, create],
    ring((path) => send("PATCH", path, { version_config: config() })),
    ring((path) => send("PATCH", path, { name: `Ring ${next()}` })),
    ring(async (path) => send("PATCH", path, await held())),
    ring(ending(fleet, made)),
  ];
  return { create, all };
}

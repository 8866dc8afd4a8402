import assert from "node:assert/strict";
import { first, type Running } from "./server.ts";

/** A device as the wire shows it, as much as expressions ask about here. */
export type PlainDevice = {
  readonly id: string;
  readonly platform: string;
  readonly status: string;
  readonly region: string | null;
  readonly labels: Readonly<Record<string, string>>;
};

type PlainGroup = { readonly id: string; readonly name: string; readonly members: ReadonlySet<string> };
type PlainPolicy = {
  readonly policy_id: string;
  readonly name: string;
  readonly match: string | null;
  readonly precedence: number | null;
  readonly enabled: boolean;
  readonly default: boolean;
};
type PlainRing = {
  readonly id: string;
  readonly name: string;
  readonly version_config: readonly { target_environment: string | null; version: string }[];
  readonly policy_ids?: readonly string[];
};

/** All of an account that decides what its devices should run, as the lists answer it. */
export type PlainFleet = {
  readonly devices: readonly PlainDevice[];
  readonly groups: readonly PlainGroup[];
  readonly devicePolicies: readonly PlainPolicy[];
  readonly rings: readonly PlainRing[];
};

/** An expression that is simple enough to be told for a device by hand; `inGroup` says whether it is in one of a name. */
export type PlainMatch = {
  readonly match: string;
  fits(device: PlainDevice, inGroup: (name: string) => boolean): boolean;
};

const v4 = `/client/v4/accounts/${first.accountId}/devices`;

/** Asks for everything. */
export async function plainFleet(ask: Running["ask"]): Promise<PlainFleet> {
  const [devices, groups, devicePolicies, standard, rings] = await Promise.all([
    pagesOf(ask, `/api/v1/devices?org_id=${first.orgId}`, "devices"),
    pagesOf(ask, `/api/v1/device-groups?org_id=${first.orgId}`, "groups"),
    ask("GET", `${v4}/policies?per_page=1000`),
    ask("GET", `${v4}/policy`),
    ask("GET", `${v4}/deployment-groups?per_page=100`),
  ]);
  const filled = groups.map(async ({ id, name }) => {
    const members = await pagesOf(ask, `/api/v1/device-groups/${id}/devices?`, "devices");
    return { id, name, members: new Set(members.map((device) => device.id as string)) };
  });
  return {
    devices,
    groups: await Promise.all(filled),
    devicePolicies: [
      ...devicePolicies.body.result.filter((one: PlainPolicy) => !one.default),
      standard.body.result,
    ],
    rings: rings.body.result,
  };
}

async function pagesOf(ask: Running["ask"], path: string, items: string): Promise<any[]> {
  const all: any[] = [];
  for (;;) {
    const { status, body } = await ask("GET", `${path}&limit=1000&offset=${all.length}`);
    if (status !== 200) throw new Error(`${path}: ${status} ${JSON.stringify(body)}`);
    all.push(...body[items]);
    if (all.length >= body.total) return all;
  }
}

/** What a device should run, and why: the rules once more, as plainly as can be. */
export function plainlyDesired(fleet: PlainFleet, device: PlainDevice, matches: readonly PlainMatch[]) {
  const nothing = { version: null, device_policy: null, deployment_group: null, entry: null };
  if (device.status === "revoked") return { ...nothing, code: "device_revoked" };
  const inGroup = (name: string) =>
    fleet.groups.some((group) => group.name === name && group.members.has(device.id));
  const inOrder = fleet.devicePolicies
    .filter((one) => !one.default && one.enabled)
    .sort((a, b) => Number(a.precedence) - Number(b.precedence));
  const own =
    inOrder.find(({ match }) => known(matches, match).fits(device, inGroup)) ??
    fleet.devicePolicies.find((one) => one.default);
  if (!own) throw new Error("an account without a default device policy");
  const device_policy = { id: own.policy_id, name: own.name };
  const ring = fleet.rings.find(({ policy_ids = [] }) => policy_ids.includes(own.policy_id));
  if (!ring) return { ...nothing, device_policy, code: "no_deployment_group" };
  const deployment_group = { id: ring.id, name: ring.name };
  const entry =
    ring.version_config.find(({ target_environment }) => target_environment === device.platform) ??
    ring.version_config.find(({ target_environment }) => target_environment === null);
  if (!entry) return { ...nothing, device_policy, deployment_group, code: "no_version_for_environment" };
  const { version, target_environment } = entry;
  return { version, device_policy, deployment_group, entry: target_environment, code: "deployment_group" };
}

/** Compares what a server tells all devices with what is plain; answers how many of them are told a version. */
export async function checkTold(
  { ask }: Pick<Running, "ask">,
  fleet: PlainFleet,
  matches: readonly PlainMatch[],
  label: string,
): Promise<number> {
  const told = await Promise.all(
    fleet.devices.map(async (device) => {
      const { status, body } = await ask("GET", `/api/v1/devices/${device.id}/desired-state`);
      assert.equal(status, 200, `${label}: ${JSON.stringify(body)}`);
      const { version, reason } = body.client;
      const plainly = plainlyDesired(fleet, device, matches);
      assert.deepEqual({ version, ...reason }, plainly, `${label}: ${JSON.stringify(device)}`);
      return version;
    }),
  );
  return told.filter((version) => version !== null).length;
}

function known(matches: readonly PlainMatch[], match: string | null): PlainMatch {
  const found = matches.find((one) => one.match === match);
  if (!found) throw new Error(`nobody said what ${match} means`);
  return found;
}

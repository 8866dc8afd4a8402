import type { Settings, Store } from "../server/db/database.ts";
import { migrate } from "../server/db/migrate.ts";
import { openStore } from "../server/db/open.ts";
import { insertDeploymentGroup } from "../server/deployments/deployment-group/store.ts";
import type { Device } from "../server/devices/device/index.ts";
import { insertDevices } from "../server/devices/device/keeping-store.ts";
import { insertGroup } from "../server/devices/device-group/store.ts";
import { type Ids, makeClock, makeIds } from "../server/operation/id.ts";
import { makeServer, type Server } from "../server/server.ts";

/** The account and the credential that the bench works with. */
export const account = {
  id: "0192f3a4b5c67d8e9f00112233445566",
  token: "flat_0000000000000000000000000000000000000000bench",
};

/** Ids of what the store was filled with. */
export type Seed = {
  readonly deviceGroups: readonly string[];
  readonly deploymentGroups: readonly string[];
  readonly devices: readonly string[];
};

const counts = { deviceGroups: 1000, deploymentGroups: 1000, devices: 10_000 };

/** A store with one account in it and nothing else; closing the server closes the store. */
export async function begin(settings: Settings): Promise<{ store: Store; server: Server }> {
  const store = await openStore(settings, { durable: false });
  await migrate(store);
  const limits = {
    rateLimits: { v4: null, rest: null, device: null, enrolment: null },
    bodyLimit: { default: 1, batch: 1 },
    maxInFlight: 1,
  };
  const server = makeServer(store, { ...limits, logLevel: "silent" });
  const given = { accountId: account.id, apiToken: account.token };
  if (!(await server.bootstrap(given, async () => undefined)))
    throw new Error("the bench needs an empty store");
  return { store, server };
}

/** Fills an empty store with one account, a thousand groups of each kind and ten thousand devices. */
export async function seed(settings: Settings): Promise<Seed> {
  const { store, server } = await begin(settings);
  const ids = makeIds(makeClock());
  const now = makeClock().now();
  const made = {
    deviceGroups: many(counts.deviceGroups, () => ids.prefixed("grp")),
    deploymentGroups: many(counts.deploymentGroups, () => ids.uuid()),
    devices: many(counts.devices, () => ids.prefixed("dev")),
  };
  await store.write(async (db) => {
    for (const [index, id] of made.deviceGroups.entries())
      await insertGroup(db, account.id, deviceGroup(id, index, now));
    for (const [index, id] of made.deploymentGroups.entries())
      await insertDeploymentGroup(db, account.id, deploymentGroup(id, index, now, ids));
    for (const [index, id] of made.devices.entries())
      await insertDevices(db, account.id, [device(id, index, now)]);
  });
  await server.close();
  return made;
}

/** What a group that is filled by hand alone has of rules. */
export const noRules = { rules: null, rulesRevision: 0, evaluating: false, evaluatedAt: null } as const;

/** Bodies of one kind have one length, so that the load can check every answer. */
function deviceGroup(id: string, index: number, now: number) {
  const name = `Vehicles of region ${String(index).padStart(5, "0")}`;
  const rest = {
    description: "Everything that moves",
    tags: ["pilot", "europe"],
    type: "static",
    ...noRules,
  } as const;
  return { id, name, ...rest, isActive: true, deviceCount: 0, createdAt: now, updatedAt: now };
}

function deploymentGroup(id: string, index: number, now: number, ids: Ids) {
  const targets = ["windows", "macos", "linux"].map((environment) => ({
    environment,
    version: "2026.10.143.0",
  }));
  const name = `Ring ${String(index).padStart(5, "0")}`;
  const times = { createdAt: now, updatedAt: now, assignedAt: now };
  return { id, name, targets, policyIds: [ids.uuid(), ids.uuid()], ...times };
}

function device(id: string, index: number, now: number): Device {
  const identifier = `serial-${String(index).padStart(12, "0")}`;
  const attributes = { os_version: "17.4", model: "Tablet 9", manufacturer: "Maker", region: "eu-west" };
  const rest = {
    platform: "ios",
    status: "active",
    labels: { site: "hall-4" },
    capabilities: {},
    metadata: {},
    clientVersion: null,
    user: null,
    network: null,
    owners: {},
  } as const;
  return { id, identifier, ...rest, attributes, createdAt: now, updatedAt: now, lastSeenAt: now };
}

function many<Item>(count: number, make: () => Item): Item[] {
  return Array.from({ length: count }, make);
}

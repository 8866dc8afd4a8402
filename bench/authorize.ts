/**
 * The authorization workload of DESIGN.md 5: 1 000 user groups of 3 policies, every caller in 20 of them. Rights
 * are looked up in an embedded store and compiled as the server does it for a caller.
 * A request's strings are cut out of a buffer, since a string that was looked up before is much cheaper to look
 * up again. Every answer is compared with the slow implementation before anything is timed.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Store } from "../server/db/database.ts";
import { authorize, type Rights } from "../server/iam/authorize.ts";
import { authorizeSlowly, type KeptIamPolicy } from "../server/iam/authorize-slowly.ts";
import { heldBy, iamPoliciesIn } from "../server/iam/holding.ts";
import { keptOf } from "../server/iam/kept.ts";
import { rightsOf } from "../server/iam/rights.ts";
import { accountKey, chainOf, kindKey, objectKey } from "../server/iam/scope.ts";
import { type Drawn, seedCrowd } from "./people.ts";
import { pick, randomFrom } from "./random.ts";
import { account, begin } from "./seed.ts";

/**
 * What `benchAuthorize` measured. `lookup_us` and `compile_us` are medians of looking up one caller's 60 policies
 * and of compiling them.
 */
export type AuthorizeFigures = {
  readonly row: string;
  readonly p50_us: number;
  readonly p99_us: number;
  readonly memory_mb: number;
  readonly rss_mb: number;
  readonly lookup_us: number;
  readonly compile_us: number;
  readonly goal: { readonly p50_us: number; readonly p99_us: number; readonly memory_mb: number };
};

/** The kinds of the workload's objects. */
const kinds = [
  ...["device", "device-group", "deployment-group", "device-policy", "user-group"],
  ...["member", "resource-group", "api-token", "permission-group", "audit-entry"],
];

const accountId = account.id;
const [users, nouns, objects] = [1000, 100, 1000];

/** One request: who asks, and the bytes out of which its permission, kind and id are cut. */
type Request = {
  readonly user: number;
  readonly bytes: Buffer;
  readonly ends: readonly [number, number, number];
};

/** Runs the workload in this process; `quick` makes 100 000 decisions instead of 2 000 000. */
export async function benchAuthorize({ quick }: { quick: boolean }): Promise<AuthorizeFigures> {
  const folder = mkdtempSync(join(tmpdir(), "flotilla-bench-"));
  const { store, server } = await begin({ folder });
  try {
    const random = randomFrom(12345);
    const { memberIds } = await seedCrowd(store, drawn(random));
    // What the first look-up leaves behind is the store's, not the caller's.
    await rightsFromStore(store, memberIds.slice(0, 1), [], []);
    const collect = garbageCollector();
    const before = memoryAfter(collect);
    const [lookups, compiles]: [number[], number[]] = [[], []];
    const rights = await rightsFromStore(store, memberIds, lookups, compiles);
    const after = memoryAfter(collect);
    const requests = makeRequests(await keptFromStore(store, memberIds), rights, random, 10_000);
    time(rights, requests, 200_000);
    const times = time(rights, requests, quick ? 100_000 : 2_000_000);
    return {
      row: "authorize, 1 000 groups x 3 policies, caller in 20",
      p50_us: quantile(times, 0.5),
      p99_us: quantile(times, 0.99),
      memory_mb: round((after.used - before.used) / 2 ** 20),
      rss_mb: round((after.rss - before.rss) / 2 ** 20),
      lookup_us: quantile(Float64Array.from(lookups), 0.5),
      compile_us: quantile(Float64Array.from(compiles), 0.5),
      goal: { p50_us: 2, p99_us: 5, memory_mb: 64 },
    };
  } finally {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** 200 permissions in 200 permission groups, each Write group holding its Read; 50 resource groups. */
function drawn(random: () => number): Drawn {
  const permissionGroupIds = Array.from({ length: nouns }, (_, noun) => [
    `noun${noun}.read`,
    `noun${noun}.write`,
  ]).flat();
  const resourceGroups = Array.from({ length: 50 }, (_, index) => {
    if (index < 5) return ["*"];
    if (index < 25) return [kindKey(pick(kinds, random))];
    return Array.from({ length: 5 }, () => objectKey(...anyObject(random)));
  });
  return { permissionGroupIds, resourceGroups, members: users, random };
}

/** Permission groups of the workload are named by the most that they let somebody do. */
function permissionsIn(id: string): readonly string[] {
  return id.endsWith(".write") ? [id.replace(/write$/, "read"), id] : [id];
}

/** The rights of members, each looked up and compiled by itself. */
async function rightsFromStore(
  store: Store,
  memberIds: readonly string[],
  lookups: number[],
  compiles: number[],
): Promise<Rights[]> {
  const rights: Rights[] = [];
  for (const id of memberIds) {
    const started = process.hrtime.bigint();
    const held = await store.read((db) => heldBy(db, accountId, [id]));
    lookups.push(Number(process.hrtime.bigint() - started) / 1000);
    const iamPolicies = iamPoliciesIn(held.get(id) ?? []);
    assert.equal(iamPolicies.length, 60);
    rights.push(timed(compiles, () => rightsOf(accountId, iamPolicies, permissionsIn)));
  }
  return rights;
}

/** The same members' policies as the slow implementation takes them. */
async function keptFromStore(store: Store, memberIds: readonly string[]): Promise<KeptIamPolicy[][]> {
  const held = await store.read((db) => heldBy(db, accountId, memberIds));
  return memberIds.map((id) => (held.get(id) ?? []).map(({ iamPolicy }) => keptOf(iamPolicy, permissionsIn)));
}

/** Random requests, exactly half of them allowed. */
function makeRequests(
  kept: readonly KeptIamPolicy[][],
  rights: readonly Rights[],
  random: () => number,
  count: number,
): Request[] {
  const wanted = { allowed: count / 2, refused: count / 2 };
  const requests: Request[] = [];
  while (requests.length < count) {
    const user = Math.floor(random() * users);
    const permission = `noun${Math.floor(random() * nouns)}.${random() < 0.5 ? "read" : "write"}`;
    const [kind, id] = anyObject(random);
    const plainChain = [accountKey(accountId), objectKey(kind, id)];
    const expected = authorizeSlowly(kept[user] ?? [], permission, accountId, plainChain);
    const decision = authorize(rights[user] as Rights, permission, chainOf(accountId, kind, id));
    assert.equal(decision.decidedBy, expected.decidedBy, "the two implementations differ");
    if (wanted[decision.allowed ? "allowed" : "refused"]-- <= 0) continue;
    const ends = [permission, permission + kind, permission + kind + id].map(({ length }) => length);
    requests.push({
      user,
      bytes: Buffer.from(permission + kind + id),
      ends: ends as [number, number, number],
    });
  }
  return requests;
}

/** Times single decisions, in µs: cutting the strings, building the chain, deciding, and reading the clock. */
function time(rights: readonly Rights[], requests: readonly Request[], calls: number): Float64Array {
  const times = new Float64Array(calls);
  for (let call = 0; call < calls; call++) {
    const { user, bytes, ends } = requests[call % requests.length] as Request;
    const started = process.hrtime.bigint();
    const permission = bytes.toString("latin1", 0, ends[0]);
    const kind = bytes.toString("latin1", ends[0], ends[1]);
    const chain = chainOf(accountId, kind, bytes.toString("latin1", ends[1], ends[2]));
    authorize(rights[user] as Rights, permission, chain);
    times[call] = Number(process.hrtime.bigint() - started) / 1000;
  }
  return times;
}

function timed<Result>(times: number[], act: () => Result): Result {
  const started = process.hrtime.bigint();
  const result = act();
  times.push(Number(process.hrtime.bigint() - started) / 1000);
  return result;
}

/** Node offers its collector only on request, which can be made while it runs. */
function garbageCollector(): () => void {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc");
}

function memoryAfter(collect: () => void): { used: number; rss: number } {
  collect();
  collect();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { used: heapUsed + external, rss };
}

function quantile(times: Float64Array, share: number): number {
  return round(times.toSorted()[Math.floor(times.length * share)] ?? 0);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function anyObject(random: () => number): [kind: string, id: string] {
  const number = Math.floor(random() * objects);
  return [
    kinds[number % kinds.length] as string,
    `0192f3a4b5c67d8e9f0011223344${String(number).padStart(4, "0")}`,
  ];
}

if (import.meta.main) console.log(await benchAuthorize({ quick: process.argv.includes("--quick") }));

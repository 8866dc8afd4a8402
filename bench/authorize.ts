/**
 * The authorization workload of DESIGN.md 5: 1 000 user groups of 3 policies, every caller in 20 of them.
 * A request's strings are cut out of a buffer, since a string that was looked up before is much cheaper to look
 * up again. Every answer is compared with the slow implementation before anything is timed.
 */
import assert from "node:assert/strict";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { authorize, compileRights, type Rights } from "../server/iam/authorize.ts";
import { authorizeSlowly, type KeptIamPolicy } from "../server/iam/authorize-slowly.ts";
import { accountKey, chainOf, kindKey, objectKey, scopesOfResources } from "../server/iam/scope.ts";

/** What `benchAuthorize` measured. `compile_us` is the median of compiling one caller's 60 policies. */
export type AuthorizeFigures = {
  readonly row: string;
  readonly p50_us: number;
  readonly p99_us: number;
  readonly memory_mb: number;
  readonly rss_mb: number;
  readonly compile_us: number;
  readonly goal: { readonly p50_us: number; readonly p99_us: number; readonly memory_mb: number };
};

/** The kinds of the workload's objects. */
const kinds = [
  ...["device", "device-group", "deployment-group", "device-policy", "user-group"],
  ...["member", "resource-group", "api-token", "permission-group", "audit-entry"],
];

const accountId = "0192f3a4b5c67d8e9f00112233445566";
const [users, userGroups, groupsOfUser, nouns, objects] = [1000, 1000, 20, 100, 1000];

/** A policy as a store keeps it: its resources are JSON text until rights are compiled. */
type StoredIamPolicy = Pick<KeptIamPolicy, "id" | "access" | "permissions"> & { readonly resources: string };
type System = { readonly holders: readonly (readonly StoredIamPolicy[])[]; readonly random: () => number };
/** One request: who asks, and the bytes out of which its permission, kind and id are cut. */
type Request = {
  readonly user: number;
  readonly bytes: Buffer;
  readonly ends: readonly [number, number, number];
};

/** Runs the workload in this process; `quick` makes 100 000 decisions instead of 2 000 000. */
export async function benchAuthorize({ quick }: { quick: boolean }): Promise<AuthorizeFigures> {
  const system = makeSystem(12345);
  const collect = garbageCollector();
  const before = memoryAfter(collect);
  const compileTimes: number[] = [];
  const rights = system.holders.map((holder) => timed(compileTimes, () => compile(holder)));
  const after = memoryAfter(collect);
  const requests = makeRequests(system, rights, 10_000);
  time(rights, requests, 200_000);
  const times = time(rights, requests, quick ? 100_000 : 2_000_000);
  return {
    row: "authorize, 1 000 groups x 3 policies, caller in 20",
    p50_us: quantile(times, 0.5),
    p99_us: quantile(times, 0.99),
    memory_mb: round((after.used - before.used) / 2 ** 20),
    rss_mb: round((after.rss - before.rss) / 2 ** 20),
    compile_us: quantile(Float64Array.from(compileTimes), 0.5),
    goal: { p50_us: 2, p99_us: 5, memory_mb: 64 },
  };
}

/** 200 permissions in 200 permission groups, each Write group holding its Read; 50 resource groups. */
function makeSystem(seed: number): System {
  const random = randomFrom(seed);
  const some = <Item>(items: readonly Item[], from: number, to: number) =>
    Array.from({ length: from + Math.floor(random() * (to - from + 1)) }, () => pick(items, random));
  const permissionGroups = Array.from({ length: nouns }, (_, noun) => [
    `noun${noun}.read`,
    `noun${noun}.write`,
  ]).flatMap(([read = "", write = ""]) => [[read], [read, write]]);
  const resourceGroups = Array.from({ length: 50 }, (_, index) => {
    if (index < 5) return [accountKey(accountId)];
    if (index < 25) return [kindKey(pick(kinds, random))];
    return Array.from({ length: 5 }, () => objectKey(...anyObject(random)));
  });
  const iamPolicies = Array.from({ length: userGroups }, (_, group) =>
    [0, 1, 2].map((index): StoredIamPolicy => {
      const keys = some(resourceGroups, 1, 2).flat();
      return {
        id: `${group}.${index}`,
        access: random() < 0.5 ? "allow" : "deny",
        permissions: [...new Set(some(permissionGroups, 1, 5).flat())],
        resources: JSON.stringify(Object.fromEntries(keys.map((key) => [key, "*"]))),
      };
    }),
  );
  const holders = Array.from({ length: users }, () =>
    Array.from({ length: groupsOfUser }, () => pick(iamPolicies, random)).flat(),
  );
  return { holders, random };
}

function compile(holder: readonly StoredIamPolicy[]): Rights {
  return compileRights(
    holder.map(({ resources, ...rest }) => ({
      ...rest,
      scopes: scopesOfResources(JSON.parse(resources), accountId),
    })),
  );
}

/** Random requests, exactly half of them allowed. */
function makeRequests({ holders, random }: System, rights: readonly Rights[], count: number): Request[] {
  const wanted = { allowed: count / 2, refused: count / 2 };
  const kept = holders.map((holder) =>
    holder.map((iamPolicy) => ({ ...iamPolicy, resources: JSON.parse(iamPolicy.resources) })),
  );
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

function pick<Item>(items: readonly Item[], random: () => number): Item {
  return items[Math.floor(random() * items.length)] as Item;
}

function anyObject(random: () => number): [kind: string, id: string] {
  const number = Math.floor(random() * objects);
  return [
    kinds[number % kinds.length] as string,
    `0192f3a4b5c67d8e9f0011223344${String(number).padStart(4, "0")}`,
  ];
}

/** Mulberry32, a small generator of numbers from 0 to 1 that repeat for a seed. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

if (import.meta.main) console.log(await benchAuthorize({ quick: process.argv.includes("--quick") }));

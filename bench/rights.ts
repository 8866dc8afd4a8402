/**
 * How soon a change of rights holds: an account of 1 000 user groups of 3 policies, a caller in 20 of them. One of
 * its groups is changed to let it see a device group that it could not see, and the caller asks for that device
 * group at once. The same request on the same connection, asked again while nothing changes, is what it is held
 * against; and the first one after a change that moves no rights, since any commit makes the server look again.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { insertGroup } from "../server/devices/device-group/store.ts";
import { accountKey, kindKey, objectKey } from "../server/iam/scope.ts";
import { makeClock, makeIds } from "../server/operation/id.ts";
import { startServer } from "./children.ts";
import { type Answer, type Converse, converse, request } from "./converse.ts";
import { keyPairOf, seedCrowd } from "./people.ts";
import { randomFrom } from "./random.ts";
import { account, begin, noRules } from "./seed.ts";
import { median, type Row, shown } from "./table.ts";

/** What is changed: the group that lets the caller see, and the two device groups that it does so by turns. */
type Stage = { readonly userGroup: string; readonly deviceGroups: readonly [string, string] };
/** Milliseconds from the answer before, which sent the caller's request off, to the answer to it. */
type Times = { readonly first: number[]; readonly warm: number[]; readonly afterOther: number[] };

const warmRounds = 20;
const warmRequests = 10;
const deviceGroupsRead = "0d3f703b77f14b6571ae13da280ce3d7";

/** Permission groups of the other policies: none of them says anything of device groups. */
const others = [
  ...["98c68da43e00b0a3bffab176b992e4df", "dfe5174e405292b19c02a3c60ce34e9b"],
  ...["9e4b0ad92f9f5f2228350595ad3ed060", "e320a579e7817d2291a9065227f974df"],
  ...["181b7a7fda6ea2de8f654df3e7dfb33c", "68bb091808b85a39a9322c9458dc5b56"],
  ...["9f582aedb69f8578676a74f65988c677", "8e044a980d1bc913786b07e16ba34b82"],
];

/** Changes rights so many times; throws unless every change holds for the caller's first request after it. */
export async function benchRights(rounds: number): Promise<Row> {
  const folder = mkdtempSync(join(tmpdir(), "flotilla-bench-"));
  try {
    const stage = await seedStage(folder);
    const server = await startServer({ folder });
    const [admin, caller] = [await converse(server.port), await converse(server.port)];
    try {
      const times: Times = { first: [], warm: [], afterOther: [] };
      // The first rounds warm everything up.
      for (let round = -warmRounds; round < rounds; round++) {
        const measured = await turn(admin, caller, stage, round);
        if (round < 0) continue;
        times.first.push(measured.first);
        times.warm.push(measured.warm);
        times.afterOther.push(measured.afterOther);
      }
      return rowOf(times);
    } finally {
      for (const each of [admin, caller]) each.end();
      await server.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function seedStage(folder: string): Promise<Stage> {
  const { store, server } = await begin({ folder });
  const [random, clock] = [randomFrom(12345), makeClock()];
  const ids = makeIds(clock);
  const deviceGroups = [ids.prefixed("grp"), ids.prefixed("grp")] as const;
  const kinds = ["device", "deployment-group", "member", "user-group", "api-token"];
  const resourceGroups = Array.from({ length: 50 }, (_, index) => {
    if (index < 5) return ["*"];
    const kind = kinds[index % kinds.length] as string;
    return index < 25 ? [kindKey(kind)] : Array.from({ length: 5 }, () => objectKey(kind, ids.hex()));
  });
  const drawn = { permissionGroupIds: others, resourceGroups, members: 1000, random };
  const { memberIds, groupsOf } = await seedCrowd(store, drawn);
  await store.write(async (db) => {
    for (const id of deviceGroups) {
      const rest = {
        description: null,
        tags: [],
        type: "static",
        isActive: true,
        deviceCount: 0,
        ...noRules,
      } as const;
      const at = clock.now();
      await insertGroup(db, account.id, {
        id,
        name: `Vehicles ${id}`,
        ...rest,
        createdAt: at,
        updatedAt: at,
      });
    }
  });
  await server.close();
  return { userGroup: groupsOf.get(memberIds[0] ?? "")?.[0] ?? "", deviceGroups };
}

/** Lets the caller see the other one of the two device groups, and has it ask. */
async function turn(admin: Converse, caller: Converse, stage: Stage, round: number) {
  const id = stage.deviceGroups[(round + warmRounds) % 2] as string;
  const { email, key } = keyPairOf(0);
  const path = `/api/v1/device-groups/${id}`;
  const asked = request("GET", path, { "x-auth-email": email, "x-auth-key": key });
  expected([403, 404], await caller.ask(asked), "before the change");
  const change = expected([200], await admin.ask(letting(stage.userGroup, id)), "the change");
  const first = expected([200], await caller.ask(asked), "the first request after the change");
  const warm: number[] = [];
  for (let [again, before] = [0, first]; again < warmRequests; again++) {
    const answer = expected([200], await caller.ask(asked), "a warm request");
    warm.push(answer.at - before.at);
    before = answer;
  }
  const renaming = request("PATCH", path, asAdmin, { description: `Round ${round}` });
  const other = expected([200], await admin.ask(renaming), "a change of something else");
  const afterOther = expected([200], await caller.ask(asked), "the first request after that");
  return { first: first.at - change.at, warm: median(warm), afterOther: afterOther.at - other.at };
}

const asAdmin = { authorization: `Bearer ${account.token}` };

/** Gives a user group three policies, one of which lets its members see one device group. */
function letting(userGroup: string, deviceGroup: string): string {
  const policy = (access: string, permissionGroup: string | undefined, key: string) => ({
    access,
    permission_groups: [{ id: permissionGroup }],
    resource_groups: [{ scope: { key: accountKey(account.id), objects: [{ key }] } }],
  });
  const policies = [
    policy("allow", others[0], "*"),
    policy("deny", others[1], kindKey("api-token")),
    policy("allow", deviceGroupsRead, objectKey("device-group", deviceGroup)),
  ];
  const path = `/client/v4/accounts/${account.id}/iam/user_groups/${userGroup}`;
  return request("PUT", path, asAdmin, { name: "Crew", policies });
}

function expected(statuses: readonly number[], answer: Answer, what: string): Answer {
  if (statuses.includes(answer.status)) return answer;
  throw new Error(`${what} was answered ${answer.status}: ${answer.text.slice(0, 1000)}`);
}

function rowOf(times: Times): Row {
  const [first, warm, afterOther] = [median(times.first), median(times.warm), median(times.afterOther)];
  return {
    row: "rights change to first request, caller in 20 of 1 000 groups",
    measured: `${shown(first)} ms, warm ${shown(warm)} ms, after another change ${shown(afterOther)} ms`,
    ratio: median(times.first.map((time, round) => time / (times.warm[round] as number))),
    goal: null,
    met: null,
    figures: { firstMs: first, warmMs: warm, afterOtherChangeMs: afterOther, times },
  };
}

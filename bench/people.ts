import { insertUser } from "../server/accounts/user/store.ts";
import type { Handle, Store } from "../server/db/database.ts";
import type { IamPolicy, NamedResources } from "../server/iam/iam-policy/index.ts";
import { insertMember } from "../server/iam/member/store.ts";
import { addMemberships } from "../server/iam/membership/index.ts";
import { insertResourceGroup } from "../server/iam/resource-group/store.ts";
import { accountKey } from "../server/iam/scope.ts";
import { hashSecret } from "../server/iam/secret.ts";
import { insertUserGroup } from "../server/iam/user-group/store.ts";
import { type Ids, makeClock, makeIds } from "../server/operation/id.ts";
import { pick, some } from "./random.ts";
import { account } from "./seed.ts";

/** The crowd of DESIGN.md 5: user groups of 3 policies each, and the number of them that everybody is in. */
export const crowd = { userGroups: 1000, policies: 3, groupsOfMember: 20 } as const;

/** What policies are drawn from: ids of permission groups, and scope keys that resource groups hold together. */
export type Drawn = {
  readonly permissionGroupIds: readonly string[];
  readonly resourceGroups: readonly (readonly string[])[];
  readonly members: number;
  readonly random: () => number;
};

/** Who was made; `groupsOf` are the ids of the user groups that each member is in. */
export type Crowd = {
  readonly groupIds: readonly string[];
  readonly memberIds: readonly string[];
  readonly groupsOf: ReadonlyMap<string, readonly string[]>;
};

/** The e-mail address and the key of a member. */
export function keyPairOf(index: number): { email: string; key: string } {
  return { email: `person-${index}@example.com`, key: `flk_${String(index).padStart(46, "0")}` };
}

/** Puts user groups with random policies and members with keys into the account. */
export function seedCrowd(store: Store, drawn: Drawn): Promise<Crowd> {
  const clock = makeClock();
  const [ids, now] = [makeIds(clock), clock.now()];
  return store.write(async (db) => {
    const resourceGroups = await insertResourceGroups(db, drawn.resourceGroups, ids, now);
    const groupIds = Array.from({ length: crowd.userGroups }, () => ids.hex());
    for (const [index, id] of groupIds.entries()) {
      const iamPolicies = Array.from({ length: crowd.policies }, () =>
        anyPolicy(ids.hex(), drawn, resourceGroups),
      );
      const times = { createdOn: now, modifiedOn: now };
      const group = { id, name: `Crew ${index}`, listsPolicies: true, iamPolicies, ...times };
      await insertUserGroup(db, account.id, group);
    }
    const groupsOf = new Map<string, string[]>();
    for (let index = 0; index < drawn.members; index++) {
      const chosen = new Set<string>();
      while (chosen.size < crowd.groupsOfMember) chosen.add(pick(groupIds, drawn.random));
      groupsOf.set(await insertPerson(db, index, ids, now), [...chosen]);
    }
    const membersOf = Map.groupBy(
      [...groupsOf].flatMap(([member, groups]) => groups.map((group) => ({ member, group }))),
      ({ group }) => group,
    );
    for (const [group, those] of membersOf)
      await addMemberships(
        db,
        account.id,
        group,
        those.map(({ member }) => member),
        now,
      );
    return { groupIds, memberIds: [...groupsOf.keys()], groupsOf };
  });
}

function anyPolicy(
  id: string,
  { permissionGroupIds, random }: Drawn,
  resourceGroups: readonly NamedResources[],
): IamPolicy {
  return {
    id,
    access: random() < 0.5 ? "allow" : "deny",
    permissionGroupIds: [...new Set(some(permissionGroupIds, 1, 5, random))],
    resources: {},
    resourceGroups: [...new Set(some(resourceGroups, 1, 2, random))],
  };
}

async function insertResourceGroups(db: Handle, keys: Drawn["resourceGroups"], ids: Ids, now: number) {
  const groups = keys.map((those, index) => ({
    ...{ id: ids.hex(), name: `Places ${index}`, origin: "named" as const, createdOn: now, modifiedOn: now },
    scope: { key: accountKey(account.id), objects: those.map((key) => ({ key })) },
  }));
  for (const group of groups) await insertResourceGroup(db, account.id, group);
  return groups;
}

async function insertPerson(db: Handle, index: number, ids: Ids, createdAt: number): Promise<string> {
  const { email, key } = keyPairOf(index);
  const [id, userId] = [ids.hex(), ids.hex()];
  const user = { id: userId, email, ownsInstallation: false, hasKey: true, createdAt };
  await insertUser(db, user, hashSecret(key));
  await insertMember(db, { id, accountId: account.id, userId, email, status: "accepted", createdAt });
  return id;
}

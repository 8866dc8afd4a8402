/**
 * The grant rule over random accounts: it looks at holders only where the policies that come and the denies that
 * go could be too much. Here every holder is looked at, by the slow evaluator and on everything there could be.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { anyHolder, here, permissions, plainChain, universe } from "../../test/random-policies.ts";
import { Failure } from "../failure.ts";
import type { Context } from "../operation/operation.ts";
import { authorizeSlowly, type KeptIamPolicy } from "./authorize-slowly.ts";
import { asHeld, type Held, iamPoliciesIn, withPoliciesOf } from "./holding.ts";
import { type IamPolicy, identify } from "./iam-policy/index.ts";
import { keptOf } from "./kept.ts";
import { membershipWith, rightsOf } from "./rights.ts";
import { cameAndWent, type RightsChange, type Shift, unitShift, weigh } from "./rights-change.ts";
import { accountKey } from "./scope.ts";

type Drafts = readonly KeptIamPolicy[];
/** A user group with its policies, and who is in it, by bits. */
type Group = { policies: Drafts; members: number };
type Random = {
  groups: Group[];
  own: Drafts[];
  caller: Drafts;
  /** Whose policies or whose members become what. */
  change: { of: "group" | "members" | "member"; at: number; policies: Drafts; members: number };
};

const people = ["m1", "m2", "m3"];
const anyMembers = fc.nat(2 ** people.length - 1);
const anyGroup = fc.record({ policies: anyHolder, members: anyMembers });
const everything: KeptIamPolicy = {
  id: "",
  access: "allow",
  permissions: ["device.read", "device-group.read", "deployment-group.read"],
  resourceGroups: [{ key: accountKey(here), objects: [{ key: "*" }] }],
};
/** Mostly callers who hold a lot and lack a little: others are nearly always refused. */
const anyCaller = fc.oneof(
  anyHolder,
  anyHolder.map((policies) => [everything, ...policies.filter(({ access }) => access === "deny")]),
  anyHolder.map((policies) => [{ ...everything, permissions: ["iam.grant"] }, ...policies]),
);
const anySystem: fc.Arbitrary<Random> = fc.record({
  groups: fc.array(anyGroup, { minLength: 2, maxLength: 2 }),
  own: fc.array(anyHolder, { minLength: people.length, maxLength: people.length }),
  caller: anyCaller,
  change: fc.record({
    of: fc.constantFrom("group" as const, "members" as const, "member" as const),
    at: fc.nat(1),
    policies: anyHolder,
    members: anyMembers,
  }),
});

let ids = 0;
const permissionsIn = (id: string) => (id === "" ? [] : id.split(" "));
/** Policies as they are kept; those that say the same as present ones, or as ones to be kept, keep their ids. */
function kept(drafts: Drafts, present: readonly IamPolicy[] = []): IamPolicy[] {
  return identify(
    drafts.map(({ access, permissions, resourceGroups = [] }) => ({
      access,
      permissionGroupIds: [permissions.join(" ")],
      resources: {},
      resourceGroups: resourceGroups.map((scope) => ({ id: "", name: null, origin: "inline", scope })),
    })),
    present,
    () => `policy-${ids++}`,
  );
}

/** The change as the rooms of members and user groups describe it, and the policies of everybody before and after. */
function changeIn({ groups, own, change }: Random): { change: RightsChange; shifts: Shift[] } {
  const ofGroups = groups.map(({ policies }) => kept(policies));
  const ofPeople = own.map((policies) => kept(policies));
  const isIn = (members: number, person: number) => (members & (1 << person)) !== 0;
  const owner = (at: number) => ({ kind: "user-group", id: `g${at}` }) as const;
  const held = (person: number): Held[] => [
    ...asHeld({ kind: "member", id: people[person] as string }, ofPeople[person] ?? []),
    ...groups.flatMap(({ members }, at) =>
      isIn(members, person) ? asHeld(owner(at), ofGroups[at] ?? []) : [],
    ),
  ];
  const shiftOf = (person: number, after: Held[]): Shift => {
    const id = people[person] as string;
    return { holder: { type: "member", id, name: id }, before: held(person), after };
  };
  const everybody = [...people.keys()];
  const { at, of, members, policies } = change;
  const present = ofGroups[at] ?? [];
  if (of === "member") {
    const after = kept(policies, ofPeople[at]);
    const own = { kind: "member", id: people[at] as string } as const;
    const shifts = [shiftOf(at, withPoliciesOf(own, after, held(at)))];
    return { change: { ...cameAndWent(ofPeople[at] ?? [], after), shifts: async () => shifts }, shifts };
  }
  const were = groups[at]?.members ?? 0;
  if (of === "group") {
    const after = kept(policies, present);
    const those = everybody.filter((person) => isIn(were, person));
    const shifts = [
      unitShift(owner(at), present, after),
      ...those.map((person) => shiftOf(person, withPoliciesOf(owner(at), after, held(person)))),
    ];
    return { change: { ...cameAndWent(present, after), shifts: async () => shifts }, shifts };
  }
  const joined = everybody.filter((person) => isIn(members, person) && !isIn(were, person));
  const left = everybody.filter((person) => !isIn(members, person) && isIn(were, person));
  const shifts = [
    ...joined.map((person) => shiftOf(person, [...held(person), ...asHeld(owner(at), present)])),
    ...left.map((person) => shiftOf(person, withPoliciesOf(owner(at), [], held(person)))),
  ];
  const came = joined.length > 0 ? present : [];
  const went = left.length > 0 ? present : [];
  return { change: { came, went, shifts: async () => shifts }, shifts };
}

const account = [accountKey(here)];
const chains = universe.map((thing) => ({ thing, chain: plainChain(thing) }));

/** Whether anybody comes to hold what neither it held before nor the caller holds: looked up one by one. */
function refusedSlowly(caller: Drafts, shifts: readonly Shift[]): boolean {
  const allows = (policies: Drafts, permission: string, chain: readonly string[]) =>
    authorizeSlowly(policies, permission, here, chain).allowed;
  return shifts.some(({ before, after }) => {
    const [was = [], is = []] = [before, after].map(
      (held): Drafts => iamPoliciesIn(held).map((iamPolicy) => keptOf(iamPolicy, permissionsIn)),
    );
    const gains = (permission: string, chain: readonly string[]) =>
      allows(is, permission, chain) && !allows(was, permission, chain) && !allows(caller, permission, chain);
    if (gains("iam.super-administrator", account)) return true;
    if (allows(caller, "iam.grant", account)) return false;
    return permissions.some(
      (permission) =>
        gains(permission, account) ||
        chains.some(
          ({ thing, chain }) =>
            (thing.groups.length === 0 || permission.startsWith("device.")) && gains(permission, chain),
        ),
    );
  });
}

async function refused(context: Context, change: RightsChange): Promise<boolean> {
  try {
    await weigh(context, change);
    return false;
  } catch (error) {
    assert.ok(error instanceof Failure && error.details.needs?.decidedBy === "grant-rule", String(error));
    return true;
  }
}

test("5000 random changes are refused exactly where somebody would hold too much", async () => {
  let counts = { refused: 0, passed: 0 };
  await fc.assert(
    fc.asyncProperty(anySystem, async (system) => {
      const { change, shifts } = changeIn(system);
      const rights = rightsOf(here, kept(system.caller), permissionsIn);
      const context = {
        account: membershipWith({ accountId: here, orgId: "", rightsRevision: 1 }, rights),
        groupsContaining: () => [],
        permissionsIn,
        rehearsing: false,
      } as unknown as Context;
      const told = await refused(context, change);
      counts = { ...counts, [told ? "refused" : "passed"]: counts[told ? "refused" : "passed"] + 1 };
      assert.equal(told, refusedSlowly(system.caller, shifts));
    }),
    { numRuns: 5_000, seed: 20260 },
  );
  // Or the generator would have become one of nothing but refusals.
  assert.ok(counts.refused > 500 && counts.passed > 500, JSON.stringify(counts));
});

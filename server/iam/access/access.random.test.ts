/**
 * Random accounts and random questions: what is explained must be what the compiled rights decide, which share no
 * code with the explanation. The universe is closed: it holds every object that a policy can name, one more of
 * each kind that none names, and devices in every combination of groups.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Context } from "../../operation/operation.ts";
import { authorize, type Decision, intersectRights, type Rights } from "../authorize.ts";
import { asHeld, type Held, iamPoliciesIn } from "../holding.ts";
import type { IamPolicy } from "../iam-policy/index.ts";
import { membershipWith, rightsOf } from "../rights.ts";
import { accountKey, chainOf, chainOfKind, kindKey, objectKey } from "../scope.ts";
import { type Explained, explain, makeDecider } from "./explain.ts";
import { type Question, questionOf } from "./question.ts";

const here = "a1";
const whole = accountKey(here);
const permissions = [
  ...["device.read", "device.write", "device-group.read", "device-group.write"],
  "deployment-group.read",
];
const prefix = "com.cloudflare.api.account.";
const spelled = (...tails: string[]) => tails.map((tail) => prefix + tail);
const groupIds = ["g1", "g2", "g3"];
const groupKeys = groupIds.map((id) => objectKey("device-group", id));
const deviceKeys = spelled("*", "device.*", "device.d1", "device.d2", "device-group.*");
const keys = [whole, ...deviceKeys, ...groupKeys, ...spelled("deployment-group.*", "deployment-group.x1")];
const foreign = [...spelled("a2", "zone.*", "zone.z1", "d*"), "com.cloudflare.api.user.u1", "__proto__", "*"];

/** What is asked about. The kind null is that of the account, the id `*` that of a kind as a whole. */
type Thing = { readonly kind: string | null; readonly id: string; readonly groups: readonly string[] };
const subsets = ([first, ...rest]: readonly string[]): string[][] =>
  first === undefined ? [[]] : subsets(rest).flatMap((set) => [set, [first, ...set]]);
const ids = { "device-group": [...groupIds, "unnamed"], "deployment-group": ["x1", "unnamed"], zone: ["z1"] };
const objects: readonly Thing[] = [
  ...["d1", "d2", "unnamed"].flatMap((id) =>
    subsets(["g1", "g2", "unnamed"]).map((groups) => ({ kind: "device", id, groups })),
  ),
  ...Object.entries(ids).flatMap(([kind, those]) => those.map((id) => ({ kind, id, groups: [] }))),
];
const kinds = ["device", ...Object.keys(ids)].map((kind) => ({ kind, id: "*", groups: [] }));
const things: readonly Thing[] = [{ kind: null, id: "", groups: [] }, ...kinds, ...objects];

/** A thing's key, what it is decided on, and what reading it is decided on. */
function chainsOf({ kind, id, groups }: Thing, permission: string) {
  const [own = ""] = permission.split(".");
  if (kind === null) {
    const chain = chainOfKind(here, own);
    return { resource: whole, chain, readChain: chain };
  }
  if (kind === "device-group" && permission === "device.read") {
    // About the devices in a group, or in all of them.
    const resource = id === "*" ? kindKey(kind) : objectKey(kind, id);
    const chain = [...chainOfKind(here, "device"), kindKey(kind), resource];
    return { resource, chain, readChain: id === "*" ? chainOfKind(here, kind) : chainOf(here, kind, id) };
  }
  const chain = id === "*" ? chainOfKind(here, kind) : chainOf(here, kind, id);
  const through = groups.map((group) => objectKey("device-group", group));
  const readChain = id === "*" ? chain : chainOf(here, kind, id, ...through);
  return { resource: id === "*" ? kindKey(kind) : objectKey(kind, id), chain, readChain };
}

/** A permission group is named by what it contains. */
const permissionsIn = (id: string) => (id === "" ? [] : id.split(" "));
const anyKey = fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...keys) }, fc.constantFrom(...foreign));
const anyPair = fc.tuple(anyKey, fc.oneof({ weight: 3, arbitrary: fc.constant("*") }, anyKey));
const anyGroups = fc.array(fc.subarray(permissions), { minLength: 1, maxLength: 2 });
type Draft = Omit<IamPolicy, "id">;
const draft = (access: IamPolicy["access"], groups: readonly string[][], rest: Partial<Draft>): Draft => {
  const permissionGroupIds = groups.map((group) => group.join(" "));
  return { access, permissionGroupIds, resources: {}, resourceGroups: [], ...rest };
};
const anyAccess = fc.constantFrom("allow" as const, "deny" as const);
const anyPolicy = fc
  .tuple(anyAccess, anyGroups, fc.array(anyPair, { maxLength: 2 }), fc.nat(2))
  .map(([access, groups, pairs, form]): Draft => {
    const resources = (inner: (key: string) => IamPolicy["resources"][string]) =>
      Object.fromEntries(pairs.map(([outer, key]) => [outer, inner(key)]));
    if (form === 0) return draft(access, groups, { resources: resources(() => "*") });
    if (form === 1) return draft(access, groups, { resources: resources((key) => ({ [key]: "*" })) });
    const scopes = pairs.map(([key, inner]) => ({ key, objects: [{ key: inner }] }));
    const named = scopes.map((scope) => ({ id: "", name: null, origin: "inline" as const, scope }));
    return draft(access, groups, { resourceGroups: named });
  });
/** Policies about little but devices and their groups: what these do to each other is seldom met above. */
const anyLine = fc
  .tuple(anyAccess, fc.subarray(permissions.slice(0, 2)), fc.constantFrom(...deviceKeys, ...groupKeys))
  .map(([access, group, key]) => draft(access, [group], { resources: { [key]: "*" } }));
/** Most can do a lot and lack a little: others are nearly always refused for want of an allow. */
const anyBroad = fc.constant(draft("allow", [permissions], { resources: { [whole]: "*" } }));
/** An account: the policies of its user groups, members with their own and groups by bits, and tokens. */
const accountsOf = (policy: fc.Arbitrary<Draft>) => {
  const some = fc.array(fc.oneof({ weight: 3, arbitrary: policy }, anyBroad), { maxLength: 3 });
  return fc.record({
    groups: fc.array(fc.array(policy, { maxLength: 2 }), { minLength: 3, maxLength: 3 }),
    members: fc.array(fc.tuple(some, fc.nat(7)), { minLength: 1, maxLength: 3 }),
    tokens: fc.array(some, { maxLength: 2 }),
    userToken: some,
  });
};
type Drafted = {
  groups: Draft[][];
  members: [own: Draft[], groups: number][];
  tokens: Draft[][];
  userToken: Draft[];
};
const anyAccount = fc.oneof(accountsOf(anyPolicy), accountsOf(anyLine)).map(built);
type Account = ReturnType<typeof built>;

/** Gives every policy its id; the first member has a token that it cuts. */
function built({ groups, members, tokens, userToken }: Drafted) {
  let count = 0;
  const from = (kind: Held["from"]["kind"], id: string, drafts: readonly Draft[]) =>
    asHeld(
      { kind, id },
      drafts.map((each) => ({ ...each, id: `policy-${count++}` })),
    );
  const held = groups.map((drafts, at) => from("user-group", `group-${at}`, drafts));
  const ofMembers = members.map(([own, bits], at) => [
    ...from("member", `member-${at}`, own),
    ...held.filter((_, group) => bits & (1 << group)).flat(),
  ]);
  return {
    members: ofMembers,
    tokens: tokens.map((drafts, at) => from("api-token", `token-${at}`, drafts)),
    userToken: { held: from("api-token", "user-token", userToken), owner: ofMembers[0] ?? [] },
  };
}

const compiled = (held: readonly Held[]): Rights => rightsOf(here, iamPoliciesIn(held), permissionsIn);
const cut = (held: readonly Held[], owner: readonly Held[] | null) =>
  owner ? intersectRights(compiled(held), compiled(owner)) : compiled(held);
const everything = rightsOf(
  here,
  [draft("allow", [permissions], { resources: { [whole]: "*" } })],
  permissionsIn,
);

/** The question as somebody with these rights asks it. */
function ask(asker: Rights, permission: string, thing: Thing): Promise<Question> {
  const through = thing.groups.map((id) => objectKey("device-group", id));
  const context = {
    account: membershipWith({ accountId: here, orgId: "", rightsRevision: 1 }, asker),
    groupsContaining: (wanted: string) => (permissions.includes(wanted) ? ["some group"] : []),
    keysThrough: async (kind: string, id: string) => (kind === thing.kind && id === thing.id ? through : []),
  };
  return questionOf(context as unknown as Context, {
    permission,
    resource: chainsOf(thing, permission).resource,
  });
}

/** What the server decides: on the right that is asked for and, where it is more than to see, on a deny of seeing. */
function decided(rights: Rights, permission: string, thing: Thing): Decision & { bySight: boolean } {
  const { chain, readChain } = chainsOf(thing, permission);
  const seeing = `${thing.kind}.read`;
  const right = authorize(rights, permission, permission === seeing ? readChain : chain);
  const sight = authorize(rights, seeing, readChain);
  // To make a new one of a kind takes no right to see those that there are.
  const oneThing = thing.kind !== null && thing.id !== "*";
  const bySight = oneThing && right.allowed && permission !== seeing && sight.decidedBy === "deny";
  return { ...(bySight ? sight : right), bySight };
}

const check = (name: string, runs: number, property: fc.IAsyncProperty<any>) =>
  test(`${runs} random accounts: ${name}`, () => fc.assert(property, { numRuns: runs, seed: 20260 }));

const holdersIn = ({ members, tokens, userToken }: Account) => [
  ...[...members, ...tokens].map((held) => ({ held, owner: null })),
  userToken,
];

let counts: Record<string, number> = {};
const anyQuestions = fc.array(fc.tuple(fc.constantFrom(...permissions), fc.constantFrom(...things)), {
  minLength: 4,
  maxLength: 4,
});
check(
  "an explanation decides as the compiled rights do, by a policy that holds by itself",
  8_000,
  fc.asyncProperty(anyAccount, anyQuestions, async (account, asked) => {
    for (const [permission, thing] of asked) {
      const question = await ask(everything, permission, thing);
      for (const { held, owner } of holdersIn(account)) {
        const rights = cut(held, owner);
        const { bySight, ...wanted } = decided(rights, permission, thing);
        const told = explain(question, held, owner, here, permissionsIn);
        assert.deepEqual({ allowed: told.allowed, decidedBy: told.decidedBy }, wanted);
        const { chain, readChain } = chainsOf(thing, permission);
        const seeing = `${thing.kind}.read`;
        if (bySight || permission === seeing) checkReasons(told, held, owner, seeing, readChain);
        else checkReasons(told, held, owner, permission, chain);
        checkAlone(told, held, owner, question, bySight);
        const seen = `${wanted.decidedBy}${owner ? " cut" : ""}${bySight ? " by sight" : ""}`;
        counts = { ...counts, [seen]: (counts[seen] ?? 0) + 1 };
      }
    }
  }),
);

test("random questions are decided in every way there is", () => {
  const ways = ["allow", "deny", "no-allow", "deny by sight"].flatMap((way) => [
    way,
    way.replace(/^\S+/, "$& cut"),
  ]);
  for (const way of ways) assert.ok((counts[way] ?? 0) > 200, `${way}: ${JSON.stringify(counts)}`);
});

/** Of the side that decided, every policy is named once, with the reason that it has by itself. */
function checkReasons(
  { decider, decidedBy, others }: Explained,
  held: readonly Held[],
  owner: readonly Held[] | null,
  permission: string,
  chain: readonly string[],
): void {
  const alone = (policies: readonly Held[]) => authorize(compiled(policies), permission, chain).decidedBy;
  const ofOwner = decider ? !held.includes(decider) : owner !== null && alone(held) === "allow";
  const side = (ofOwner ? owner : held) ?? [];
  assert.equal(decider === null, decidedBy === "no-allow");
  if (decider) {
    assert.equal(alone([decider]), decidedBy, "the decider decides by itself");
    assert.ok(side.includes(decider));
  }
  const reasons = side.flatMap((each) => {
    if (each === decider) return [];
    const { access, permissionGroupIds } = each.iamPolicy;
    if (alone([each]) !== "no-allow")
      return [{ held: each, why: access === decidedBy ? "agrees-with-decider" : "overruled-by-deny" }];
    const has = permissionGroupIds.flatMap(permissionsIn).includes(permission);
    return [{ held: each, why: has ? "other-resource" : "other-permission" }];
  });
  const own = others.filter((other) => side.includes(other.held));
  const rest = (ofOwner ? held : (owner ?? [])).filter((each) => !side.includes(each));
  assert.deepEqual(
    new Set(others.map((other) => other.held).filter((each) => !side.includes(each))),
    new Set(rest),
  );
  assert.equal(others.length, reasons.length + rest.length, "every policy is named once");
  assert.deepEqual(own, reasons);
  const at = decider ? side.indexOf(decider) : side.length;
  const agreeing = own.filter(({ why }) => why === "agrees-with-decider");
  assert.ok(
    agreeing.every((other) => side.indexOf(other.held) > at),
    "the decider is the first that decides so",
  );
}

/** Without the others of its side the decider still decides so; what a deny of seeing leaves is no right at all. */
function checkAlone(
  { decider, allowed, decidedBy }: Explained,
  held: readonly Held[],
  owner: readonly Held[] | null,
  question: Question,
  bySight: boolean,
): void {
  if (!decider) return;
  const left = held.includes(decider)
    ? explain(question, [decider], owner, here, permissionsIn)
    : explain(question, held, [decider], here, permissionsIn);
  assert.equal(left.allowed, allowed);
  if (!bySight) assert.deepEqual([left.decidedBy, left.decider], [decidedBy, decider]);
}

check(
  "a device that the asker doesn't see is asked about like one in no group",
  5_000,
  fc.asyncProperty(anyAccount, anyQuestions, async ({ members: [held = []] }, asked) => {
    const asker = compiled(held);
    for (const [permission, thing] of asked) {
      const sees = authorize(asker, `${thing.kind}.read`, chainsOf(thing, permission).readChain).allowed;
      const known = sees ? thing : { ...thing, groups: [] };
      assert.deepEqual(await ask(asker, permission, thing), await ask(everything, permission, known));
    }
  }),
);

check(
  "those are listed who are explained to be allowed, by the same policy",
  8_000,
  fc.asyncProperty(anyAccount, anyQuestions, async ({ members, tokens }, asked) => {
    for (const [permission, thing] of asked) {
      const question = await ask(everything, permission, thing);
      const lets = makeDecider(question, here, permissionsIn);
      for (const held of [...members, ...tokens]) {
        const told = explain(question, held, null, here, permissionsIn);
        assert.equal(lets(held), told.allowed ? told.decider : null);
      }
    }
  }),
);

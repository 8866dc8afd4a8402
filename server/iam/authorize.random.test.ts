/**
 * Random systems, decided by both implementations. The universe is closed: it holds every object that a policy
 * can name, one more of each kind that none names, and devices in every combination of groups. So what holds
 * for all of it holds for all objects there could be.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Visible, VisibleClause } from "../operation/visible.ts";
import {
  authorize,
  compileRights,
  exceeds,
  holdsSomewhere,
  intersectRights,
  notDenied,
  type Rights,
  seesNothing,
  visible,
} from "./authorize.ts";
import { authorizeSlowly, cutByOwner, type KeptIamPolicy } from "./authorize-slowly.ts";
import { chainOf, chainOfKind, objectKey, scopesOfResourceGroup, scopesOfResources } from "./scope.ts";

const here = "a1";
const permissions = ["device.read", "device.write", "device-group.read", "deployment-group.read"];
const prefix = "com.cloudflare.api.account.";
const spelled = (...tails: string[]) => tails.map((tail) => prefix + tail);
const groupTails = ["device-group.g1", "device-group.g2", "device-group.g3"];
const keys = [
  ...spelled("a1", "*", "device.*", "device.d1", "device.d2", "device-group.*", ...groupTails),
  ...spelled("deployment-group.*", "deployment-group.x1"),
];
const foreign = [
  ...spelled("a2", "zone.*", "zone.z1", "__proto__.*", "device", "d*"),
  ...["com.cloudflare.api.user.u1", "com.cloudflare.*", "__proto__", "constructor", "*"],
];

type Thing = { readonly kind: string; readonly id: string; readonly groups: readonly string[] };
const subsets = ([first, ...rest]: readonly string[]): string[][] =>
  first === undefined ? [[]] : subsets(rest).flatMap((set) => [set, [first, ...set]]);
const universe: readonly Thing[] = [
  ...["d1", "d2", "unnamed"].flatMap((id) =>
    subsets(["g1", "g2", "g3", "unnamed"]).map((groups) => ({ kind: "device", id, groups })),
  ),
  ...["g1", "g2", "g3", "unnamed"].map((id) => ({ kind: "device-group", id, groups: [] })),
  ...["x1", "unnamed"].map((id) => ({ kind: "deployment-group", id, groups: [] })),
  { kind: "audit-entry", id: "unnamed", groups: [] },
  // Kinds that no room has yet: what a policy says of them must not come to be once one has.
  ...["z1", "unnamed"].map((id) => ({ kind: "zone", id, groups: [] })),
  { kind: "__proto__", id: "unnamed", groups: [] },
];
const chainOfThing = ({ kind, id, groups }: Thing): string[] =>
  chainOf(here, kind, id, ...groups.map((group) => objectKey("device-group", group)));
const plainChainOfThing = ({ kind, id, groups }: Thing): string[] =>
  spelled(here, `${kind}.${id}`, ...groups.map((group) => `device-group.${group}`));
const chains = universe.map((thing) => ({
  thing,
  chain: chainOfThing(thing),
  plain: plainChainOfThing(thing),
}));
const kindChains = ["device", "device-group", "deployment-group", "audit-entry", "zone"].map((kind) => ({
  chain: chainOfKind(here, kind),
  plain: spelled(here, `${kind}.*`),
}));

const anyKey = fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...keys) }, fc.constantFrom(...foreign));
const anyPair = fc.tuple(anyKey, fc.oneof({ weight: 2, arbitrary: fc.constant("*") }, anyKey));
const anyPolicy = fc
  .tuple(fc.boolean(), fc.nat(15), fc.array(anyPair, { maxLength: 2 }), fc.nat(2))
  .map(([allows, mask, pairs, form]): KeptIamPolicy => {
    const kept = {
      id: "",
      access: allows ? ("allow" as const) : ("deny" as const),
      permissions: permissions.filter((_, index) => mask & (1 << index)),
    };
    if (form === 0) return { ...kept, resources: Object.fromEntries(pairs.map(([outer]) => [outer, "*"])) };
    if (form === 1)
      return {
        ...kept,
        resources: Object.fromEntries(pairs.map(([outer, inner]) => [outer, { [inner]: "*" }])),
      };
    return { ...kept, resourceGroups: pairs.map(([key, inner]) => ({ key, objects: [{ key: inner }] })) };
  });
const anyPolicies = fc.array(anyPolicy, { maxLength: 3 });
/** One holder: at most four groups of at most three policies. */
const anyHolder = fc.array(anyPolicies, { maxLength: 4 }).map((groups) => groups.flat());
/** A holder, and for a user token the token's own policies before it. */
const anySystem = fc.oneof(
  { weight: 2, arbitrary: fc.tuple(anyHolder) },
  fc.tuple(anyPolicies, anyHolder),
) as fc.Arbitrary<[KeptIamPolicy[], KeptIamPolicy[]?]>;

/** Systems in which little but devices and their groups is named: what they do to each other is seldom met above. */
const anyLine = fc
  .tuple(
    fc.boolean(),
    fc.constantFrom(...spelled("*", "device.*", "device.d1", "device-group.*", ...groupTails)),
  )
  .map(([allows, key]): KeptIamPolicy => {
    const access = allows ? "allow" : "deny";
    return { id: "", access, permissions: ["device.read"], resources: { [key]: "*" } };
  });
const anyLines = fc.array(anyLine, { maxLength: 4 });
const anyCrowd = fc.oneof(fc.tuple(anyLines), fc.tuple(anyLines, anyLines)) as typeof anySystem;
const anySystemOrCrowd = fc.oneof(anySystem, anyCrowd);
const threeSystems = fc.oneof(
  fc.tuple(anySystem, anySystem, fc.option(anySystem)),
  fc.tuple(anyCrowd, anyCrowd, fc.option(anyCrowd)),
);

function compiled(holder: readonly KeptIamPolicy[]): Rights {
  return compileRights(
    holder.map(({ id, access, permissions, resources, resourceGroups }) => ({
      id,
      access,
      permissions,
      scopes: [
        ...scopesOfResources(resources ?? {}, here),
        ...(resourceGroups ?? []).flatMap((scope) => scopesOfResourceGroup(scope, here)),
      ],
    })),
  );
}
function rightsOf([first, second]: [KeptIamPolicy[], KeptIamPolicy[]?]): Rights {
  return second ? intersectRights(compiled(first), compiled(second)) : compiled(first);
}
function slowly([first, second]: [KeptIamPolicy[], KeptIamPolicy[]?], permission: string, chain: string[]) {
  const own = authorizeSlowly(first, permission, here, chain);
  return second ? cutByOwner(own, authorizeSlowly(second, permission, here, chain)) : own;
}
const check = (name: string, runs: number, property: fc.IRawProperty<any>) =>
  test(`${runs} random systems: ${name}`, () => fc.assert(property, { numRuns: runs, seed: 20260 }));

check(
  "both implementations decide alike",
  20_000,
  fc.property(anySystem, fc.nat(), (system, start) => {
    const rights = rightsOf(system);
    for (const permission of permissions)
      for (const { chain, plain } of [...kindChains, ...someOf(chains, start)]) {
        const { allowed, decidedBy } = slowly(system, permission, plain);
        const fast = authorize(rights, permission, chain);
        assert.ok(fast.allowed === allowed && fast.decidedBy === decidedBy, `${permission} ${chain}`);
      }
  }),
);

check(
  "the order of policies never matters",
  5_000,
  fc.property(
    anyHolder.chain((holder) => fc.tuple(fc.constant(holder), shuffled(holder))),
    fc.nat(),
    ([holder, reordered], start) => {
      const [before, after] = [compiled(holder), compiled(reordered)];
      for (const permission of permissions)
        for (const { chain, plain } of someOf(chains, start)) {
          assert.equal(authorize(after, permission, chain), authorize(before, permission, chain));
          assert.equal(
            authorizeSlowly(reordered, permission, here, plain).decidedBy,
            authorizeSlowly(holder, permission, here, plain).decidedBy,
          );
        }
    },
  ),
);

check(
  "what is visible is what may be read, and nothing is seen exactly where nothing is visible",
  20_000,
  fc.property(anySystemOrCrowd, fc.constantFrom(...permissions), (system, permission) => {
    const rights = rightsOf(system);
    for (const kind of ["device", "device-group", "deployment-group", "audit-entry"]) {
      const clauses = visible(rights, permission, here, kind);
      const unhidden = notDenied(rights, permission, here, kind);
      let seen = 0;
      for (const { thing, chain } of chains.filter(({ thing }) => thing.kind === kind)) {
        const { allowed, decidedBy } = authorize(rights, permission, chain);
        assert.equal(shows(clauses, thing), allowed, `${permission} ${chain}`);
        assert.equal(shows(unhidden, thing), decidedBy !== "deny", `${permission} ${chain}`);
        seen += Number(allowed);
      }
      assert.equal(seesNothing(clauses), seen === 0, kind);
      assert.equal(holdsSomewhere(rights, permission, here, kind), seen > 0, kind);
    }
  }),
);

check(
  "rights exceed others exactly where they allow something more",
  20_000,
  fc.property(threeSystems, ([wanted, own, before]) => {
    const [more, ...held] = [wanted, own, ...(before ? [before] : [])].map(rightsOf) as [Rights, Rights];
    const beyond = permissions.flatMap((permission) =>
      [...kindChains, ...chains.filter(({ thing }) => decidedSo(permission, thing))]
        .filter(({ chain }) => authorize(more, permission, chain).allowed)
        .filter(({ chain }) => !held.some((rights) => authorize(rights, permission, chain).allowed))
        .map(({ chain }) => ({ permission, chain })),
    );
    const excess = exceeds(more, ...held);
    assert.equal(excess !== null, beyond.length > 0, JSON.stringify(beyond));
    if (excess)
      assert.ok(
        beyond.some((one) => one.permission === excess.permission && one.chain.includes(excess.scope)),
      );
  }),
);

/** What the documentation of `Visible` says, put into code as a store puts it into SQL. */
function shows(visible: Visible, thing: Thing): boolean {
  return visible.every((clause) => showsBy(clause, thing));
}

function showsBy({ every, ids, except, through }: VisibleClause, { id, groups }: Thing): boolean {
  const inOneOf = (named: readonly string[] | "any") =>
    named === "any" ? groups.length > 0 : groups.some((group) => named.includes(group));
  if (except.includes(id) || inOneOf(through.exceptGroups)) return false;
  return every || ids.includes(id) || inOneOf(through.groups);
}

/** Only permissions on devices are decided on a device's groups as well. */
function decidedSo(permission: string, { groups }: Thing): boolean {
  return groups.length === 0 || permission.startsWith("device.");
}

function shuffled<Item>(items: readonly Item[]): fc.Arbitrary<Item[]> {
  return fc.shuffledSubarray([...items], { minLength: items.length });
}

/** A few of many, others for every start. */
function someOf<Item>(items: readonly Item[], start: number): Item[] {
  return Array.from({ length: 8 }, (_, index) => items[(start + index * 7) % items.length] as Item);
}

/**
 * What changes between two random sets of policies, checked with the slow evaluator over a closed universe: it
 * holds every object that a policy can name, one more of each kind, and devices in every combination of groups.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { anyHolder, here, permissions, plainChain, universe } from "../../test/random-policies.ts";
import { compileRights, type Rights } from "./authorize.ts";
import { authorizeSlowly, type KeptIamPolicy } from "./authorize-slowly.ts";
import { type Difference, differences, matters, telling } from "./difference.ts";
import { accountKey, kindKey, objectKey, scopesOfResourceGroup } from "./scope.ts";

type Holder = readonly KeptIamPolicy[];

const account = [accountKey(here)];
const anyTwo = fc.oneof(
  fc.tuple(anyHolder, anyHolder),
  // A change as it is mostly made: policies come or go, and the others stay.
  fc.tuple(anyHolder, anyHolder, anyHolder).map(([stay, went, came]) => [
    [...stay, ...went],
    [...stay, ...came],
  ]),
) as fc.Arbitrary<[Holder, Holder]>;

const compiled = (holder: Holder): Rights =>
  compileRights(
    holder.map(({ id, access, permissions, resourceGroups = [] }) => ({
      id,
      access,
      permissions,
      scopes: resourceGroups.flatMap((scope) => scopesOfResourceGroup(scope, here)),
    })),
  );
const allows = (holder: Holder, permission: string, chain: readonly string[]) =>
  authorizeSlowly(holder, permission, here, chain).allowed;
const differ = (one: { gained: boolean; permission: string }, from: Holder, to: Holder, chain: string[]) => {
  const [less, more] = one.gained ? [from, to] : [to, from];
  return allows(more, one.permission, chain) && !allows(less, one.permission, chain);
};

/** What is of a permission's own kind, and for what is above all kinds the account: all that it is decided on. */
const decidedOn = new Map(
  permissions.map((permission) => [
    permission,
    permission.startsWith("iam.")
      ? [[...account, kindKey("account")]]
      : universe.filter(({ kind }) => permission.startsWith(`${kind}.`)).map(plainChain),
  ]),
);
const check = (name: string, judge: (found: Difference[], from: Holder, to: Holder) => void) =>
  test(`10000 random changes of rights: ${name}`, () =>
    fc.assert(
      fc.property(anyTwo, ([from, to]) => judge(differences(compiled(from), compiled(to), here), from, to)),
      { numRuns: 10_000, seed: 20260 },
    ));

check("every difference is one by the slow evaluator, too", (found, from, to) => {
  for (const one of found) {
    assert.ok(matters(one.permission, one.scope), JSON.stringify(one));
    const told = telling(one.permission, one.scope, here);
    const shown = differ(one, from, to, told);
    // What no key shows by itself, a device does that is in several groups at once.
    const crowd = () =>
      (decidedOn.get(one.permission) ?? []).some(
        (chain) => covers(one.scope, chain) && differ(one, from, to, chain),
      );
    assert.ok(shown || (one.permission.startsWith("device.") && crowd()), JSON.stringify(one));
  }
});

check("there is a gain and a loss exactly where one set of rights exceeds the other", (found, from, to) => {
  for (const permission of permissions)
    for (const gained of [true, false]) {
      const real = (decidedOn.get(permission) ?? []).find((chain) =>
        differ({ permission, gained }, from, to, chain),
      );
      const reported = found.find((one) => one.permission === permission && one.gained === gained);
      assert.equal(
        reported !== undefined,
        real !== undefined,
        `${permission} ${gained} ${real} ${reported?.scope}`,
      );
    }
});

check("whatever is in one group at most is covered by a difference where it changes", (found, from, to) => {
  const plain = universe.filter(
    ({ id, groups }) => groups.length === 0 || (groups.length === 1 && id === "*"),
  );
  for (const thing of plain)
    for (const permission of permissions.filter((each) => each.startsWith(`${thing.kind}.`)))
      for (const gained of [true, false]) {
        const chain = plainChain(thing);
        if (!differ({ permission, gained }, from, to, chain)) continue;
        const said = found.some(
          (one) => one.permission === permission && one.gained === gained && covers(one.scope, chain),
        );
        assert.ok(said, `${permission} ${gained} on ${chain}`);
      }
});

check("nothing is said twice, nor of a key that a broader one covers", (found) => {
  for (const [index, one] of found.entries())
    for (const other of found.slice(index + 1)) {
      if (one.permission !== other.permission || one.gained !== other.gained) continue;
      assert.ok(
        !telling(other.permission, other.scope, here).includes(one.scope),
        JSON.stringify([one, other]),
      );
      assert.ok(
        !telling(one.permission, one.scope, here).includes(other.scope),
        JSON.stringify([one, other]),
      );
    }
});

check("what changes back is lost where it was gained", (found, from, to) => {
  const back = differences(compiled(to), compiled(from), here);
  const said = (all: Difference[], turn: boolean) =>
    all.map(({ permission, gained }) => `${permission} ${gained !== turn}`);
  assert.deepEqual(new Set(said(back, true)), new Set(said(found, false)));
});

check("the order of policies never matters", (found, from, to) => {
  const turned = differences(compiled(from.toReversed()), compiled(to.toReversed()), here);
  const sorted = (all: readonly Difference[]) => all.map((one) => JSON.stringify(one)).sort();
  assert.equal(turned.length, found.length, JSON.stringify([sorted(found), sorted(turned)]));
});

/** Whether a key stands for something in a plain chain: the key itself, or the whole of its kind. */
function covers(scope: string, chain: readonly string[]): boolean {
  if (chain.includes(scope)) return true;
  return scope.endsWith(".*") && chain.some((key) => key.startsWith(scope.slice(0, -1)));
}

test("the universe speaks of whole kinds by the id that is no object's", () => {
  assert.equal(objectKey("device", "*"), kindKey("device"));
});

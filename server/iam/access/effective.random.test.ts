/**
 * What random members may and may not do, line by line, checked with the compiled rights over a closed universe:
 * it holds every object that a policy can name, one more of each kind, and devices in every combination of groups.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { anyHolder, here, permissions, universe } from "../../../test/random-policies.ts";
import { authorize, type Rights } from "../authorize.ts";
import { asHeld, type Held, iamPoliciesIn } from "../holding.ts";
import { rightsOf } from "../rights.ts";
import { accountKey, chainOf, chainOfKind, kindKey, kindOfKey, objectKey } from "../scope.ts";
import { type Effective, effectiveOf } from "./effective.ts";

const whole = accountKey(here);
/** A permission group is named by what it contains; every other policy names the same permission in two. */
const permissionsIn = (id: string) => (id === "" ? [] : id.split(" "));
const anyHeld = fc.tuple(anyHolder, anyHolder).map(([own, ofGroup]): Held[] => {
  const iamPolicies = [...own, ...ofGroup].map(({ access, permissions, resourceGroups = [] }, index) => ({
    id: `policy-${index}`,
    access,
    permissionGroupIds: [permissions.join(" "), ...permissions.slice(0, index % 2)],
    resources: {},
    resourceGroups: resourceGroups.map((scope) => ({
      ...{ id: "", name: null, origin: "inline" as const },
      scope,
    })),
  }));
  return [
    ...asHeld({ kind: "member", id: "m1" }, iamPolicies.slice(0, own.length)),
    ...asHeld({ kind: "user-group", id: "u1" }, iamPolicies.slice(own.length)),
  ];
});
const compiled = (held: readonly Held[]): Rights => rightsOf(here, iamPoliciesIn(held), permissionsIn);

const check = (name: string, judge: (lines: readonly Effective[], rights: Rights, held: Held[]) => void) =>
  test(`10000 random members: ${name}`, () =>
    fc.assert(
      fc.property(anyHeld, (held) =>
        judge(effectiveOf(held, here, permissionsIn).lines, compiled(held), held),
      ),
      { numRuns: 10_000, seed: 20260 },
    ));

check("every line is what is decided there, by a policy that holds by itself", (lines, rights, held) => {
  for (const { permission, resource, access, through } of lines) {
    const chain = exampleOf(permission, resource);
    assert.equal(authorize(rights, permission, chain).decidedBy, access, `${permission} on ${resource}`);
    assert.ok(held.includes(through));
    assert.equal(authorize(compiled([through]), permission, chain).decidedBy, access);
  }
});

check("nothing is listed twice, and permissions and keys are in order", (lines) => {
  const said = lines.map(({ permission, resource }) => [permission, resource].join(" "));
  assert.deepEqual(said, [...new Set(said)].sort());
});

check(
  "on everything there is the lines say what is decided: a deny, else an allow, else nothing",
  (lines, rights) => {
    for (const permission of permissions)
      for (const chain of chainsFor(permission)) {
        const on = lines.filter((line) => line.permission === permission && chain.includes(line.resource));
        const denied = on.some(({ access }) => access === "deny");
        const said = denied ? "deny" : on.length > 0 ? "allow" : "no-allow";
        assert.equal(authorize(rights, permission, chain).decidedBy, said, `${permission} on ${chain}`);
      }
  },
);

/** Every chain that a permission is decided on: the account's, and those of what is of the permission's kind. */
function chainsFor(permission: string): string[][] {
  const things = universe.filter(({ kind }) => permission.startsWith(`${kind}.`));
  const chains = things.map(({ kind, id, groups }) =>
    chainOf(here, kind, id, ...groups.map((group) => objectKey("device-group", group))),
  );
  return [[whole], ...chains];
}

/** One of what a key speaks of, named by nothing else; for what is read through groups, one in that group alone. */
function exampleOf(permission: string, key: string): string[] {
  const kind = kindOfKey(key);
  const [own = ""] = permission.split(".", 1);
  if (kind === null) return [whole];
  if (kind !== own) return chainOf(here, own, "unnamed", key);
  if (key === kindKey(kind)) return chainOfKind(here, kind);
  return chainOf(here, kind, key.slice(objectKey(kind, "").length));
}

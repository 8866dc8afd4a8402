import assert from "node:assert/strict";
import { test } from "node:test";
import {
  authorize,
  compileRights,
  exceeds,
  holdsSomewhere,
  intersectRights,
  seesNothing,
  visible,
} from "./authorize.ts";
import { authorizeSlowly, cutByOwner, type KeptIamPolicy } from "./authorize-slowly.ts";
import { accountKey, chainOf, chainOfKind, kindKey, objectKey } from "./scope.ts";

const here = "0192f3a4b5c67d8e9f00112233445566";
const all = accountKey(here);
const devices = kindKey("device");
const device = (id: string) => objectKey("device", id);
const groups = kindKey("device-group");
const group = (id: string) => objectKey("device-group", id);
const [d1, d2] = [device("d1"), device("d2")];
const [g1, g2, g3, g9] = [group("g1"), group("g2"), group("g3"), group("g9")];

/** Rights from lines such as `["allow", "device.read", key, key]`. */
type Line = readonly ["allow" | "deny", permission: string, ...scopes: string[]];
const rightsOf = (...lines: Line[]) =>
  compileRights(
    lines.map(([access, permission, ...scopes], index) => ({
      id: `p${index}`,
      access,
      permissions: [permission],
      scopes,
    })),
  );
const allow = (...scopes: string[]): Line => ["allow", "device.read", ...scopes];
const deny = (...scopes: string[]): Line => ["deny", "device.read", ...scopes];

const inGroups = chainOf(here, "device", "d1", g1, g2);
const decisions: readonly [what: string, lines: Line[], chain: readonly string[], decidedBy: string][] = [
  ["no policy at all", [], inGroups, "no-allow"],
  ["an allow on the account", [allow(all)], inGroups, "allow"],
  ["an allow on the kind", [allow(devices)], inGroups, "allow"],
  ["an allow on the object", [allow(d1)], inGroups, "allow"],
  ["an allow on one of its groups", [allow(g2)], inGroups, "allow"],
  ["an allow on all groups", [allow(groups)], inGroups, "allow"],
  ["an allow on all groups, in none", [allow(groups)], chainOf(here, "device", "d1"), "no-allow"],
  ["an allow on another object", [allow(d2, g3)], inGroups, "no-allow"],
  ["an allow of another permission", [["allow", "device.write", all]], inGroups, "no-allow"],
  ["an allow that covers nothing", [allow()], inGroups, "no-allow"],
  ["a deny on the account beats the object's allow", [deny(all), allow(d1)], inGroups, "deny"],
  ["a deny on the kind", [allow(d1), deny(devices)], inGroups, "deny"],
  ["a deny on the object", [allow(all), deny(d1)], inGroups, "deny"],
  ["a deny on any of its groups", [allow(all), deny(g2)], inGroups, "deny"],
  ["a deny on another group", [allow(all), deny(g3)], inGroups, "allow"],
  ["a deny of another permission", [allow(all), ["deny", "device.write", all]], inGroups, "allow"],
  ["a deny alone", [deny(d1)], inGroups, "deny"],
  ["the kind as a whole, an object allowed", [allow(d1)], chainOfKind(here, "device"), "no-allow"],
  ["the kind as a whole, an object denied", [allow(all), deny(d1)], chainOfKind(here, "device"), "allow"],
  ["the account itself, a kind allowed", [allow(devices)], [all], "no-allow"],
];

for (const [what, lines, chain, decidedBy] of decisions)
  test(`authorize: ${what}`, () => {
    const expected = { allowed: decidedBy === "allow", decidedBy };
    assert.deepEqual(authorize(rightsOf(...lines), "device.read", chain), expected);
    assert.deepEqual(authorize(rightsOf(...lines.toReversed()), "device.read", chain), expected, "reversed");
  });

test("authorize: a policy may name a permission twice, and names of the language's own are no permissions", () => {
  const permissions = ["device.read", "device.read"];
  const rights = compileRights([{ id: "p", access: "allow", permissions, scopes: [all, all] }]);
  assert.equal(authorize(rights, "device.read", [all]).allowed, true);
  for (const name of ["__proto__", "constructor", "toString", ""])
    assert.equal(authorize(rights, name, [all, "__proto__", "constructor"]).decidedBy, "no-allow");
});

test("authorize: a user token is cut by its owner's rights", () => {
  const [allows, denies, none] = [rightsOf(allow(all)), rightsOf(deny(all)), rightsOf()];
  const decidedBy = (token: typeof none, owner: typeof none) =>
    authorize(intersectRights(token, owner), "device.read", [all]).decidedBy;
  assert.equal(decidedBy(allows, allows), "allow");
  for (const [token, owner] of [
    [allows, none],
    [none, allows],
    [none, none],
  ] as const)
    assert.equal(decidedBy(token, owner), "no-allow");
  for (const other of [allows, denies, none])
    assert.deepEqual([decidedBy(denies, other), decidedBy(other, denies)], ["deny", "deny"]);
});

const nothing = { every: false, ids: [], except: [], through: { groups: [], exceptGroups: [] } };
const everything = { ...nothing, every: true };
const outside = (exceptGroups: string[] | "any") => ({ through: { groups: [], exceptGroups } });
const sights: readonly [what: string, kind: string, lines: Line[], clause: object][] = [
  ["no policy", "device", [], nothing],
  ["everything", "device", [allow(all)], everything],
  ["everything by kind", "device", [allow(devices)], everything],
  ["a deny on the account", "device", [allow(devices), deny(all)], nothing],
  ["a deny on the kind", "device", [allow(all, d1, g1), deny(devices)], nothing],
  ["some", "device", [allow(d1, d2)], { ...nothing, ids: ["d1", "d2"] }],
  ["some, less those denied", "device", [allow(d1, d2), deny(d1)], { ...nothing, ids: ["d2"] }],
  ["the only one denied", "device", [allow(d1), deny(d1)], nothing],
  ["everything but one", "device", [allow(all), deny(d1)], { ...everything, except: ["d1"] }],
  [
    "through a group",
    "device",
    [allow(g1), deny(d1)],
    { ...nothing, except: ["d1"], through: { groups: ["g1"], exceptGroups: [] } },
  ],
  [
    "through any group but one",
    "device",
    [allow(groups), deny(g1)],
    { ...nothing, through: { groups: "any", exceptGroups: ["g1"] } },
  ],
  ["everything outside a group", "device", [allow(all), deny(g1)], { ...everything, ...outside(["g1"]) }],
  ["everything in no group", "device", [allow(all), deny(groups)], { ...everything, ...outside("any") }],
  ["a group allowed, all denied", "device", [allow(g1), deny(groups)], nothing],
  [
    "one device in no group",
    "device",
    [allow(d1), deny(groups)],
    { ...nothing, ids: ["d1"], ...outside("any") },
  ],
  ["a plain kind has no groups", "device-policy", [["allow", "device.read", all], deny(groups)], everything],
  ["device groups themselves", "device-group", [allow(g1, g2, d1), deny(g2)], { ...nothing, ids: ["g1"] }],
  ["another permission", "device", [["allow", "device.write", all]], nothing],
];

for (const [what, kind, lines, clause] of sights)
  test(`visible: ${what}`, () => {
    const rights = rightsOf(...lines);
    assert.deepEqual(visible(rights, "device.read", here, kind), [clause]);
    assert.equal(seesNothing([clause as typeof nothing]), clause === nothing);
    assert.equal(holdsSomewhere(rights, "device.read", here, kind), clause !== nothing);
  });

test("visible: no clause hides nothing, two clauses may leave nothing", () => {
  const both = (token: Line[], owner: Line[]) =>
    holdsSomewhere(intersectRights(rightsOf(...token), rightsOf(...owner)), "device.read", here, "device");
  assert.equal(seesNothing([]), false);
  assert.equal(both([allow(d1)], [allow(all)]), true);
  assert.equal(both([allow(d1)], [allow(d2)]), false);
  assert.equal(both([allow(d1)], [allow(all), deny(d1)]), false);
  assert.equal(both([allow(g1)], [allow(g2)]), true, "a device in both");
  assert.equal(both([allow(g1)], [allow(all), deny(g1)]), false);
  assert.equal(both([allow(groups)], [allow(all), deny(groups)]), false);
});

const allowGroup = (...scopes: string[]): Line => ["allow", "device-group.write", ...scopes];
const denyGroup = (...scopes: string[]): Line => ["deny", "device-group.write", ...scopes];
const grants: readonly [what: string, wanted: Line[], own: Line[], scope: string | null][] = [
  ["nothing", [], [], null],
  ["a deny", [deny(all)], [], null],
  ["the same", [allow(all)], [allow(all)], null],
  ["anything by one who has nothing", [allow(d1)], [], d1],
  ["narrower: a kind", [allow(devices)], [allow(all)], null],
  ["narrower: an object", [allow(d1)], [allow(devices)], null],
  ["narrower: through a group", [allow(g1)], [allow(groups)], null],
  ["wider: the account for a kind", [allow(all)], [allow(devices)], all],
  ["wider: a kind for an object", [allow(devices)], [allow(d1)], devices],
  ["another object", [allow(d2)], [allow(d1)], d2],
  ["another permission", [["allow", "device.write", all]], [allow(all)], all],
  ["a wider allow that a deny takes back", [allow(d1, d2), deny(d2)], [allow(d1)], null],
  ["own deny left out", [allowGroup(all)], [allowGroup(all), denyGroup(g1)], g1],
  ["own deny mirrored", [allowGroup(all), denyGroup(g1)], [allowGroup(all), denyGroup(g1)], null],
  ["own deny mirrored above", [allowGroup(all), denyGroup(groups)], [allowGroup(all), denyGroup(g1)], null],
  ["own deny mirrored below", [allowGroup(all), denyGroup(g1)], [allowGroup(all), denyGroup(groups)], groups],
  ["own deny beside the point", [allowGroup(g2)], [allowGroup(all), denyGroup(g1)], null],
  ["own group deny, devices of another group", [allow(g2)], [allow(all), deny(g1)], g1],
  ["own group deny, one device", [allow(d1)], [allow(all), deny(g1)], g1],
  ["own group deny mirrored", [allow(g2), deny(g1)], [allow(all), deny(g1)], null],
  ["own deny on all groups", [allow(devices)], [allow(all), deny(groups)], groups],
  ["own deny on all groups mirrored", [allow(devices), deny(groups)], [allow(all), deny(groups)], null],
  ["devices of no group", [allow(devices)], [allow(groups), allow(d1)], devices],
  ["devices of any group", [allow(groups)], [allow(g1)], groups],
];

for (const [what, wanted, own, scope] of grants)
  test(`exceeds: ${what}`, () => {
    assert.equal(exceeds(rightsOf(...wanted), rightsOf(...own))?.scope ?? null, scope);
  });

test("exceeds: what the receiver holds already is no excess", () => {
  const [mine, before] = [rightsOf(allow(g1)), rightsOf(allow(d1))];
  const both = rightsOf(allow(g1), allow(d1));
  assert.deepEqual(exceeds(both, mine), { permission: "device.read", scope: d1 });
  assert.equal(exceeds(both, mine, before), null);
});

test("exceeds: thousands of objects on both sides", () => {
  const ids = Array.from({ length: 4000 }, (_, index) => String(index));
  const many = rightsOf(allow(...ids.map(device), ...ids.map(group)), deny(group("x")));
  assert.equal(exceeds(intersectRights(many, many), intersectRights(many, many)), null);
});

test("explaining: every other policy says why it did not decide", () => {
  const kept = (
    id: string,
    access: "allow" | "deny",
    key: string,
    permission = "device.read",
  ): KeptIamPolicy => ({
    id,
    access,
    permissions: [permission],
    resources: { [key]: "*" },
  });
  const policies = [
    kept("other permission", "allow", all, "device.write"),
    kept("other resource", "deny", g9),
    kept("allow", "allow", all),
    kept("deny", "deny", g1),
    kept("deny again", "deny", d1),
  ];
  assert.deepEqual(authorizeSlowly(policies, "device.read", here, [all, d1, g1]), {
    allowed: false,
    decidedBy: "deny",
    policyId: "deny",
    others: [
      { policyId: "other permission", why: "other-permission" },
      { policyId: "other resource", why: "other-resource" },
      { policyId: "allow", why: "overruled-by-deny" },
      { policyId: "deny again", why: "agrees-with-decider" },
    ],
  });
  const token = authorizeSlowly(policies.slice(2, 3), "device.read", here, [all]);
  const owner = authorizeSlowly(policies.slice(0, 1), "device.read", here, [all]);
  assert.deepEqual([token.policyId, token.decidedBy], ["allow", "allow"]);
  assert.deepEqual(cutByOwner(token, owner), owner);
  assert.deepEqual(cutByOwner(token, token), token);
});

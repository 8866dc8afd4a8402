import assert from "node:assert/strict";
import { test } from "node:test";
import {
  chainOf,
  chainOfKind,
  kindOfKey,
  objectKey,
  type Resources,
  scopesOfResourceGroup,
  scopesOfResources,
} from "./scope.ts";

const here = "0192f3a4b5c67d8e9f00112233445566";
const elsewhere = "ffffffffffffffffffffffffffffffff";
const prefix = "com.cloudflare.api.account";
const account = `${prefix}.${here}`;

test("a chain goes from the account to the object, wildcards included", () => {
  assert.deepEqual(chainOfKind(here, "device"), [account, `${prefix}.device.*`]);
  assert.deepEqual(chainOf(here, "device-group", "grp_1"), [
    account,
    `${prefix}.device-group.*`,
    `${prefix}.device-group.grp_1`,
  ]);
  const groups = [objectKey("device-group", "grp_1"), objectKey("device-group", "grp_2")];
  assert.deepEqual(chainOf(here, "device", "dev_1", ...groups), [
    account,
    `${prefix}.device.*`,
    `${prefix}.device.dev_1`,
    `${prefix}.device-group.*`,
    `${prefix}.device-group.grp_1`,
    `${prefix}.device-group.*`,
    `${prefix}.device-group.grp_2`,
  ]);
});

test("the kind of a key is what stands before its id, dots in the id or not", () => {
  assert.equal(kindOfKey(`${prefix}.device.a.b`), "device");
  assert.equal(kindOfKey(`${prefix}.device-group.*`), "device-group");
  for (const none of [
    account,
    `${prefix}.*`,
    "com.cloudflare.api.user.1",
    "com.cloudflare.edge.r2.bucket.x",
    "",
  ])
    assert.equal(kindOfKey(none), null, none);
});

const resourcesTable: readonly [what: string, resources: Resources, covered: readonly string[]][] = [
  ["this account", { [account]: "*" }, [account]],
  ["every account", { [`${prefix}.*`]: "*" }, [account]],
  ["this and every account", { [account]: "*", [`${prefix}.*`]: "*" }, [account]],
  ["another account", { [`${prefix}.${elsewhere}`]: "*" }, []],
  ["an object", { [`${prefix}.device.dev_1`]: "*" }, [`${prefix}.device.dev_1`]],
  ["an object with dots in its id", { [`${prefix}.device.a.b.*`]: "*" }, [`${prefix}.device.a.b.*`]],
  ["all of a kind", { [`${prefix}.device-group.*`]: "*" }, [`${prefix}.device-group.*`]],
  ["a kind that no chain has", { [`${prefix}.zone.*`]: "*" }, [`${prefix}.zone.*`]],
  ["a user", { "com.cloudflare.api.user.u1": "*" }, []],
  ["a kind without an id", { [`${prefix}.device`]: "*" }, []],
  ["objects of this account", { [account]: { [`${prefix}.device.d`]: "*" } }, [`${prefix}.device.d`]],
  ["objects of every account", { [`${prefix}.*`]: { [`${prefix}.device.*`]: "*" } }, [`${prefix}.device.*`]],
  ["all of this account, nested", { [account]: { "*": "*" } }, [account]],
  ["all of every account, nested", { [`${prefix}.*`]: { [`${prefix}.*`]: "*" } }, [account]],
  [
    "objects of another account",
    { [`${prefix}.${elsewhere}`]: { [`${prefix}.device.d`]: "*", "*": "*" } },
    [],
  ],
  ["another account within this one", { [account]: { [`${prefix}.${elsewhere}`]: "*" } }, []],
  ["all of an object, nested", { [`${prefix}.device.d`]: { "*": "*" } }, [`${prefix}.device.d`]],
  [
    "one of a kind, nested",
    { [`${prefix}.device.*`]: { [`${prefix}.device.d`]: "*" } },
    [`${prefix}.device.d`],
  ],
  ["the account within a kind", { [`${prefix}.device.*`]: { [account]: "*" } }, [`${prefix}.device.*`]],
  [
    "the kind around an object, inside out",
    { [`${prefix}.device.d`]: { [`${prefix}.device.*`]: "*" } },
    [`${prefix}.device.d`],
  ],
  ["two things that don't overlap", { [`${prefix}.device-group.g`]: { [`${prefix}.device.d`]: "*" } }, []],
  ["ids that begin alike", { [`${prefix}.device.a.*`]: { [`${prefix}.device.a.b`]: "*" } }, []],
  ["nothing", {}, []],
  ["nothing, nested", { [account]: {} }, []],
  [
    "a value that is no star",
    { [account]: "read", [`${prefix}.device.*`]: { [`${prefix}.device.d`]: "" } },
    [],
  ],
  ["a bare star", { "*": "*" }, []],
  [
    "wildcards elsewhere",
    { "com.cloudflare.*": "*", "com.cloudflare.api.*": "*", [`${prefix}.dev*`]: "*" },
    [],
  ],
];

for (const [what, resources, covered] of resourcesTable)
  test(`resources: ${what}`, () => assert.deepEqual(scopesOfResources(resources, here), covered));

test("resources: names of the language's own are keys like any other", () => {
  const hostile = `{"__proto__":{"${account}":"*"},"constructor":"*","${account}":{"__proto__":"*","toString":"*"},
    "${prefix}.__proto__.x":"*","${prefix}.constructor.*":"*","${prefix}.hasOwnProperty":"*"}`;
  const covered = [`${prefix}.__proto__.x`, `${prefix}.constructor.*`];
  assert.deepEqual(scopesOfResources(JSON.parse(hostile), here), covered);
  assert.deepEqual(scopesOfResources(JSON.parse(`{"${account}":null}`), here), []);
});

test("resource groups: the same rules, `*` being everything under the key", () => {
  const scopes = (key: string, ...objects: string[]) =>
    scopesOfResourceGroup({ key, objects: objects.map((object) => ({ key: object })) }, here);
  assert.deepEqual(scopes(account, "*"), [account]);
  assert.deepEqual(scopes(`${prefix}.*`, "*"), [account]);
  assert.deepEqual(scopes(`${prefix}.${elsewhere}`, "*", `${prefix}.device.d`), []);
  assert.deepEqual(scopes(account, `${prefix}.device.d`, `${prefix}.device-group.*`), [
    `${prefix}.device.d`,
    `${prefix}.device-group.*`,
  ]);
  assert.deepEqual(scopes(`${prefix}.device-group.g`, "*"), [`${prefix}.device-group.g`]);
  assert.deepEqual(scopes(account), []);
});

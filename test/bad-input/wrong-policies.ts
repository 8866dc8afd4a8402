import { none, type People, policy, scope, wholeAccount } from "./people.ts";

/** A wrong list of policies, and the member in it that is wrong. */
export type WrongPolicies = readonly [what: string, policies: unknown, pointer: string];

/** What is wrong in any policies of people, whether of a member or of a user group, with its pointer. */
export function wrongPolicies(people: People): WrongPolicies[] {
  const right = policy(people.permissionGroup, { id: people.resourceGroup });
  const on = (...groups: unknown[]) => [right, { ...right, resource_groups: groups }];
  return [
    ...wrongPermissionGroups(people, right),
    ...wrongResourceGroups(people, on),
    ...wrongScopes(on),
    ...["permit", "", "allow ", "allowed", "allow\n", "ſallow"].map(
      (access): WrongPolicies => [
        `the access ${JSON.stringify(access)}`,
        [{ ...right, access }],
        "/policies/0/access",
      ],
    ),
    ["a token's effect", [{ ...right, access: undefined, effect: "allow" }], "/policies/0/access"],
    ["101 policies", Array(101).fill(right), "/policies"],
    [
      "more than 2000 scope keys in all",
      [0, 1, 2].map((place) => on({ scope: { ...scope, objects: manyKeys(place) } })[1]),
      "/policies",
    ],
    ["null for a policy", [right, null], "/policies/1"],
    ["an object for policies", right, "/policies"],
  ];
}

const shown = (id: string) => JSON.stringify(id.slice(0, 40));

function wrongPermissionGroups({ permissionGroup, resourceGroup }: People, right: object): WrongPolicies[] {
  const unknownGroup = [
    none,
    "",
    "nothing",
    "__proto__",
    "constructor",
    resourceGroup,
    "x".repeat(64),
    "\u0007",
  ];
  return [
    ...unknownGroup.map(
      (id): WrongPolicies => [
        `the permission group ${shown(id)}`,
        [{ ...right, permission_groups: [{ id }] }],
        "/policies/0/permission_groups/0/id",
      ],
    ),
    [
      "an unknown permission group behind known ones",
      [right, { ...right, permission_groups: [{ id: permissionGroup }, { id: none }] }],
      "/policies/1/permission_groups/1/id",
    ],
    ["no permission groups", [{ ...right, permission_groups: [] }], "/policies/0/permission_groups"],
    [
      "a permission group by its bare id",
      [{ ...right, permission_groups: [permissionGroup] }],
      "/policies/0/permission_groups/0",
    ],
  ];
}

/** Two policies, the second of which is about these resource groups. */
type On = (...groups: unknown[]) => object[];

const inGroups = "/policies/1/resource_groups";
const at = `${inGroups}/0`;

function wrongResourceGroups(
  { resourceGroup, userGroup, accepted, foreign }: People,
  on: On,
): WrongPolicies[] {
  const unknownResources = [none, "", "__proto__", foreign.resourceGroup, userGroup, accepted, "\u0000", "*"];
  return [
    ...unknownResources.map(
      (id): WrongPolicies => [`the resource group ${shown(id)}`, on({ id }), `${at}/id`],
    ),
    [
      "an unknown resource group behind a known one",
      on({ id: resourceGroup }, { id: none }),
      `${inGroups}/1/id`,
    ],
    ["a resource group without id and scope", on({}), `${at}/id`],
    ["a resource group whose id and scope are null", on({ id: null, scope: null }), `${at}/id`],
    ["no resource groups", on(), inGroups],
    ["65 letters for a resource group", on({ id: "x".repeat(65) }), `${at}/id`],
    ["a resource group by its bare id", on(resourceGroup), at],
  ];
}

function wrongScopes(on: On): WrongPolicies[] {
  const objects = (value: unknown) => on({ scope: { ...scope, objects: value } });
  return [
    ["an empty scope", on({ scope: {} }), `${at}/scope/key`],
    ["a scope in a list of none", on({ scope: [] }), `${at}/scope`],
    ["a scope in a list of two", on({ scope: [scope, scope] }), `${at}/scope`],
    ["a scope in a list in a list", on({ scope: [[scope]] }), `${at}/scope/0`],
    ["a scope as a text", on({ scope: wholeAccount }), `${at}/scope`],
    ["a scope without objects", on({ scope: { key: wholeAccount } }), `${at}/scope/objects`],
    ["a scope with no objects", objects([]), `${at}/scope/objects`],
    [
      "a scope with no objects, in a list",
      on({ scope: [{ ...scope, objects: [] }] }),
      `${at}/scope/0/objects`,
    ],
    ["a scope with 1001 objects", objects(Array(1001).fill({ key: "*" })), `${at}/scope/objects`],
    ["an object by its bare key", objects(["*"]), `${at}/scope/objects/0`],
    ["an object with an empty key", objects([{ key: "*" }, { key: "" }]), `${at}/scope/objects/1/key`],
    ["an object with a line end in its key", objects([{ key: "a\nb" }]), `${at}/scope/objects/0/key`],
    ["an object with a key too long", objects([{ key: "x".repeat(513) }]), `${at}/scope/objects/0/key`],
    ["a scope with NUL in its key", on({ scope: { ...scope, key: "a\u0000" } }), `${at}/scope/key`],
  ];
}

/** Keys that are in no other place: equal scopes would count as one. */
function manyKeys(place: number) {
  return Array.from({ length: 999 }, (_, index) => ({ key: `${wholeAccount}.${place}.${index}` }));
}

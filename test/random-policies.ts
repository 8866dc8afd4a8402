import fc from "fast-check";
import type { KeptIamPolicy } from "../server/iam/authorize-slowly.ts";

/** The account in which random policies are tried. */
export const here = "a1";

/** The permissions of random policies. */
export const permissions = [
  "device.read",
  "device-group.read",
  "deployment-group.read",
  "iam.grant",
  "iam.super-administrator",
];

const prefix = "com.cloudflare.api.account.";
const spelled = (...tails: string[]) => tails.map((tail) => prefix + tail);
const groups = ["g1", "g2", "g3"];
const keys = [
  ...spelled(here, "*", "device.*", "device.d1", "device.d2", "device-group.*"),
  ...spelled(...groups.map((id) => `device-group.${id}`), "deployment-group.*", "deployment-group.x1"),
];
const foreign = [...spelled("a2", "zone.*", "zone.z1", "d*"), "com.cloudflare.api.user.u1", "__proto__", "*"];

/** Something that a permission is decided on, and the device groups that it is in. */
export type Thing = { readonly kind: string; readonly id: string; readonly groups: readonly string[] };

const subsets = ([first, ...rest]: readonly string[]): string[][] =>
  first === undefined ? [[]] : subsets(rest).flatMap((set) => [set, [first, ...set]]);

/** Every object that a random policy can name, one more of each kind, and devices in every combination of groups. */
export const universe: readonly Thing[] = [
  ...["d1", "d2", "*"].flatMap((id) =>
    subsets([...groups, "unnamed"]).map((those) => ({ kind: "device", id, groups: those })),
  ),
  ...[...groups, "*"].map((id) => ({ kind: "device-group", id, groups: [] })),
  ...["x1", "*"].map((id) => ({ kind: "deployment-group", id, groups: [] })),
  ...["z1", "*"].map((id) => ({ kind: "zone", id, groups: [] })),
];

/** The keys of a thing from its account down, without wildcards; the id `*` is that of a kind as a whole. */
export function plainChain(thing: Thing): string[] {
  return spelled(here, `${thing.kind}.${thing.id}`, ...thing.groups.map((id) => `device-group.${id}`));
}

const anyKey = fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...keys) }, fc.constantFrom(...foreign));
const anyPair = fc.tuple(anyKey, fc.oneof({ weight: 2, arbitrary: fc.constant("*") }, anyKey));
const anyAccess = fc.boolean().map((allows) => (allows ? ("allow" as const) : ("deny" as const)));

/** A policy that names one resource group with up to two objects. */
export const anyIamPolicy: fc.Arbitrary<KeptIamPolicy> = fc
  .tuple(anyAccess, fc.nat(2 ** permissions.length - 1), fc.array(anyPair, { maxLength: 2 }))
  .map(([access, mask, pairs]) => ({
    id: "",
    access,
    permissions: permissions.filter((_, index) => mask & (1 << index)),
    resourceGroups: pairs.map(([key, inner]) => ({ key, objects: [{ key: inner }] })),
  }));

/** Policies about little but devices and their groups: what these do to each other is seldom met above. */
const anyLine = fc
  .tuple(anyAccess, fc.constantFrom(...keys.slice(1, 8)))
  .map(([access, key]): KeptIamPolicy => {
    const resourceGroups = [{ key, objects: [{ key: "*" }] }];
    return { id: "", access, permissions: ["device.read"], resourceGroups };
  });

/** The policies of one holder. */
export const anyHolder: fc.Arbitrary<KeptIamPolicy[]> = fc.oneof(
  fc.array(anyIamPolicy, { maxLength: 5 }),
  fc.array(anyLine, { maxLength: 5 }),
);

/** The rules of who may do what, put down once more and as plainly as can be: what the server must agree with. */

/** Which permission groups contain a permission, administrators aside. */
const holders: Readonly<Record<string, readonly string[]>> = {
  "account.read": ["Account Settings Read", "Account Settings Write", "SCIM Provisioning"],
  "account.update": ["Account Settings Write"],
  "api-token.read": ["Account API Tokens Read", "Account API Tokens Write"],
  "api-token.write": ["Account API Tokens Write"],
  "device.read": ["Zero Trust Read", "Zero Trust Write", "Devices Read", "Devices Write"],
  "device.write": ["Zero Trust Write", "Devices Write"],
  "device.register": ["Zero Trust Write", "Devices Write"],
  "device.report": ["Zero Trust Write", "Devices Write"],
  "enrolment-token.read": ["Zero Trust Read", "Zero Trust Write", "Devices Read", "Devices Write"],
  "enrolment-token.write": ["Zero Trust Write", "Devices Write"],
  "device-group.read": ["Device Groups Read", "Device Groups Write"],
  "device-group.write": ["Device Groups Write"],
  "device-group.change-members": ["Device Groups Write", "Device Group Membership Write"],
  "deployment-group.read": ["Zero Trust Read", "Zero Trust Write"],
  "deployment-group.write": ["Zero Trust Write"],
  "device-policy.read": ["Zero Trust Read", "Zero Trust Write"],
  "device-policy.write": ["Zero Trust Write"],
  "client-version.read": ["Zero Trust Read", "Zero Trust Write"],
  "client-version.write": ["Zero Trust Write"],
  "iam.grant": ["Account Settings Write"],
  "member.read": ["Account Settings Read", "Account Settings Write", "SCIM Provisioning"],
  "member.write": ["Account Settings Write", "SCIM Provisioning"],
  "user-group.read": ["Account Settings Read", "Account Settings Write", "SCIM Provisioning"],
  "user-group.write": ["Account Settings Write", "SCIM Provisioning"],
  "user-group.change-members": ["Account Settings Write", "SCIM Provisioning"],
  "resource-group.read": ["Account Settings Read", "Account Settings Write", "SCIM Provisioning"],
  "resource-group.write": ["Account Settings Write", "SCIM Provisioning"],
  "permission-group.read": [
    "Account Settings Read",
    "Account Settings Write",
    "SCIM Provisioning",
    "Account API Tokens Read",
    "Account API Tokens Write",
    "Zero Trust Read",
    "Zero Trust Write",
    "Device Groups Read",
    "Device Groups Write",
    "Device Group Membership Write",
    "Devices Read",
    "Devices Write",
    "Audit Logs Read",
  ],
};

/** What makes a super administrator, and the only permission group that contains it. */
export const superAdministrator = "iam.super-administrator";
const everything = "Super Administrator - All Privileges";

/** What takes no permission, and for which reason it must stay so. */
export const publicOperations: readonly string[] = [
  // Whoever calls may know which accounts it belongs to.
  "account.list",
  // The owner of the installation alone, which is no permission in any account.
  "account.create",
  // A token may ask about itself.
  "api-token.verify",
  // Whoever is invited has no credential yet.
  "member.accept-invitation",
  // A person may always change its own key; for others, being a super administrator decides.
  "member.issue-key",
  // Whoever calls may ask about itself.
  "access.explain",
  // Each line takes the permissions of what it is about, and of each type is given what the caller may see.
  "transfer.export",
  "transfer.import",
  "transfer.list-imports",
  // A person's own tokens can do no more than the person.
  "user-token.create",
  "user-token.delete",
  "user-token.get",
  "user-token.list",
  "user-token.list-permission-groups",
  "user-token.roll",
  "user-token.update",
  // A token may ask about itself.
  "user-token.verify",
];

/** The permission groups that contain a permission. Throws for a permission that nobody put down here. */
export function groupsWith(permission: string): string[] {
  if (permission === superAdministrator) return [everything];
  const plain = holders[permission];
  if (!plain)
    throw new Error(`${permission}: say in test/attack/rights.ts which permission groups contain it`);
  const readers = permission.endsWith(".read") ? ["Administrator Read Only"] : [];
  return [...plain, "Administrator", everything, ...readers];
}

/** Whether the rules for an operation are put down here: those of a noun that just came are not yet. */
export function isPutDown({ name, permission }: { name: string; permission: string | null }): boolean {
  return permission === null ? publicOperations.includes(name) : permission in holders;
}

/** A policy by the names of its permission groups and the scope keys that it is about. */
export type Policy = { effect: "allow" | "deny"; groups: readonly string[]; on: readonly string[] };

/** A thing in an account, or none of that id. A device is read through the groups it is in, too. */
export type Thing = {
  readonly kind: string;
  readonly id: string;
  readonly accountId: string;
  readonly groups?: readonly string[];
};

export type Verdict = "allow" | "deny" | "no-allow";

const prefix = "com.cloudflare.api.account.";

/** The scope key of an account, of a whole kind, or of one thing. */
export const key = {
  account: (id: string) => prefix + id,
  kind: (kind: string) => `${prefix}${kind}.*`,
  thing: (kind: string, id: string) => `${prefix}${kind}.${id}`,
};

/** A deny that applies wins, else an allow that applies, else nothing allows it. */
function decide(policies: readonly Policy[], permission: string, chain: readonly string[]): Verdict {
  const groups = groupsWith(permission);
  const applying = policies.filter(
    (policy) =>
      policy.groups.some((name) => groups.includes(name)) && policy.on.some((each) => chain.includes(each)),
  );
  if (applying.some(({ effect }) => effect === "deny")) return "deny";
  return applying.length > 0 ? "allow" : "no-allow";
}

/** What policies say of a kind as a whole: making a new thing of it. */
export function onKind(
  policies: readonly Policy[],
  permission: string,
  accountId: string,
  kind: string,
): Verdict {
  return decide(policies, permission, chainOf({ kind, id: "*", accountId }));
}

/** Whether policies make a super administrator of an account. */
export function isSuper(policies: readonly Policy[], accountId: string): boolean {
  return decide(policies, superAdministrator, [key.account(accountId), key.account("*")]) === "allow";
}

/** What policies say of a thing, without its groups. */
export function onThing(policies: readonly Policy[], permission: string, thing: Thing): Verdict {
  return decide(policies, permission, chainOf(thing));
}

/** What policies say of seeing a thing: a device is seen through its groups as well. */
export function onSight(policies: readonly Policy[], permission: string, thing: Thing): Verdict {
  const through = (thing.groups ?? []).flatMap((id) => [
    key.kind("device-group"),
    key.thing("device-group", id),
  ]);
  return decide(policies, permission, [...chainOf(thing), ...through]);
}

function chainOf({ accountId, kind, id }: Thing): string[] {
  return [key.account(accountId), key.account("*"), key.kind(kind), key.thing(kind, id)];
}

/** Is there, or could there be, a thing of a kind that these policies let their holder see? */
export function seesSome(
  policies: readonly Policy[],
  permission: string,
  accountId: string,
  kind: string,
): boolean {
  const named = (of: string) =>
    policies
      .flatMap(({ on }) => on)
      .filter((each) => each.startsWith(`${prefix}${of}.`))
      .map((each) => each.slice(prefix.length + of.length + 1));
  const ids = [...named(kind), "one that no policy names"];
  const groups = [...named("device-group"), "a group that no policy names"].map((id) => [id]);
  const memberships = kind === "device" ? [[], ...groups] : [[]];
  return ids.some((id) =>
    memberships.some((within) => {
      const thing = { kind, id, accountId, groups: within };
      return id !== "*" && onSight(policies, permission, thing) === "allow";
    }),
  );
}

/**
 * May a device be put into a group? Its reader may, and whoever may change its memberships already: but by
 * another key than that group's, or the right to fill one group would be the right to see every device.
 */
export function placeable(policies: readonly Policy[], device: Thing, groupId: string): boolean {
  if (onSight(policies, "device.read", device) === "deny") return false;
  const elsewhere = { ...device, groups: (device.groups ?? []).filter((id) => id !== groupId) };
  return ["device.read", "device-group.change-members"].some(
    (permission) => onSight(policies, permission, elsewhere) === "allow",
  );
}

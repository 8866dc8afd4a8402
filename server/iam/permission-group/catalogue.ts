import type { PermissionGroup } from "./permission-group.ts";

/** Makes another's rights exceed one's own. */
export const grant = "iam.grant";

/** Gives the rights of the super administrator; only a super administrator holds it. */
export const superAdministrator = "iam.super-administrator";

/** The whole catalogue, in the order that it is listed. Ids never change, and none is ever used again. */
export const permissionGroups: readonly PermissionGroup[] = [
  {
    id: "98c68da43e00b0a3bffab176b992e4df",
    name: "Account Settings Read",
    label: "account_settings_read",
    description: "See the account",
    category: "account_and_billing",
  },
  {
    id: "2a78df7b22948a2ddc8213fb0b54adf2",
    name: "Account Settings Write",
    label: "account_settings_write",
    description: "See and change the account, and give others rights beyond one's own",
    category: "account_and_billing",
  },
  {
    id: "01a88f8ed35efdec56caa1214e03ab3b",
    name: "SCIM Provisioning",
    label: "scim_provisioning",
    description: "See the account and provision its people",
    category: "account_and_billing",
  },
  {
    id: "dfe5174e405292b19c02a3c60ce34e9b",
    name: "Account API Tokens Read",
    label: "account_api_tokens_read",
    description: "See the account's API tokens",
    category: "account_and_billing",
  },
  {
    id: "9e4b0ad92f9f5f2228350595ad3ed060",
    name: "Account API Tokens Write",
    label: "account_api_tokens_write",
    description: "See, create, change, roll and delete the account's API tokens",
    category: "account_and_billing",
  },
  {
    id: "e320a579e7817d2291a9065227f974df",
    name: "Zero Trust Read",
    label: "teams_read",
    description: "See deployment groups and devices",
    category: "cloudflare_one_and_zero_trust",
  },
  {
    id: "181b7a7fda6ea2de8f654df3e7dfb33c",
    name: "Zero Trust Write",
    label: "teams_write",
    description: "See and change deployment groups and devices",
    category: "cloudflare_one_and_zero_trust",
  },
  {
    id: "0d3f703b77f14b6571ae13da280ce3d7",
    name: "Device Groups Read",
    label: "device_groups_read",
    description: "See device groups and who is in them",
    category: "cloudflare_one_and_zero_trust",
  },
  {
    id: "f02be391651970f1c015909b62f85e54",
    name: "Device Groups Write",
    label: "device_groups_write",
    description: "See, create, change and delete device groups, and change who is in them",
    category: "cloudflare_one_and_zero_trust",
  },
  {
    id: "ed3913acbb45115a50d64af3e2b84423",
    name: "Device Group Membership Write",
    label: "device_group_membership_write",
    description: "Add devices to device groups, remove and move them, and nothing else",
    category: "cloudflare_one_and_zero_trust",
  },
  {
    id: "68bb091808b85a39a9322c9458dc5b56",
    name: "Devices Read",
    label: "devices_read",
    description: "See devices",
    category: "cloudflare_one_and_zero_trust",
  },
  {
    id: "9f582aedb69f8578676a74f65988c677",
    name: "Devices Write",
    label: "devices_write",
    description: "See, register and delete devices",
    category: "cloudflare_one_and_zero_trust",
  },
  {
    id: "8e044a980d1bc913786b07e16ba34b82",
    name: "Audit Logs Read",
    label: "audit_logs_read",
    description: "See the audit trail",
    category: "account_and_billing",
  },
  {
    id: "bc7450ea8867e1700582cf6066fc2bb7",
    name: "Administrator",
    label: "admin",
    description: "See and change everything, and give others any rights but the super administrator's",
    category: "account_and_billing",
  },
  {
    id: "58a0957d026d3c815435b6e85bcd1bd3",
    name: "Administrator Read Only",
    label: "admin_readonly",
    description: "See everything",
    category: "account_and_billing",
  },
  {
    id: "3f267360400b650078a01363304f1cdc",
    name: "Super Administrator - All Privileges",
    label: "all_privileges",
    description: "See and change everything, and make super administrators",
    category: "account_and_billing",
  },
  {
    id: "c8fed203ed3043cba015a93ad1616f1f",
    name: "Zone Read",
    label: "zone_read",
    description: "Named by the API's examples; grants nothing here",
    category: "dns_and_zones",
  },
  {
    id: "82e64a83756745bbbb1c9c2701bf816b",
    name: "Magic Network Monitoring",
    label: "magic_network_monitoring",
    description: "Named by the API's examples; grants nothing here",
    category: "network_services",
  },
];

const byId = new Map(permissionGroups.map((group) => [group.id, group]));

/** The permission group with an id, or undefined. */
export function permissionGroup(id: string): PermissionGroup | undefined {
  return byId.get(id);
}

/** The id of the group that makes a super administrator. */
export const superAdministratorGroup = "3f267360400b650078a01363304f1cdc";

/** Who is in what: the permissions of each permission group, and the other way round. */
export type Contents = {
  /** The permissions that a permission group contains, by its id. */
  permissionsIn(id: string): readonly string[];
  /** The names of the permission groups that contain a permission, in the order of the catalogue. */
  groupsContaining(permission: string): readonly string[];
};

/**
 * Fills the catalogue with the permissions that rooms declare. Administrators hold all of them, read-only
 * administrators those that only read. Throws when a room names a permission group that there is not.
 */
export function fill(declared: Readonly<Record<string, readonly string[]>>): Contents {
  const names = new Set(permissionGroups.map(({ name }) => name));
  for (const [permission, groups] of Object.entries(declared))
    for (const name of groups)
      if (!names.has(name))
        throw new Error(`${permission} names the permission group ${name}, which is not there`);
  const contents = new Map(permissionGroups.map((group) => [group.id, permissionsOf(group, declared)]));
  return {
    permissionsIn: (id) => contents.get(id) ?? [],
    groupsContaining: (permission) =>
      permissionGroups.filter(({ id }) => contents.get(id)?.includes(permission)).map(({ name }) => name),
  };
}

function permissionsOf(
  { label, name }: PermissionGroup,
  declared: Readonly<Record<string, readonly string[]>>,
) {
  const all = Object.keys(declared);
  if (label === "all_privileges") return [...all, grant, superAdministrator];
  if (label === "admin") return [...all, grant];
  if (label === "admin_readonly") return all.filter((permission) => permission.endsWith(".read"));
  const own = all.filter((permission) => declared[permission]?.includes(name));
  return name === "Account Settings Write" ? [...own, grant] : own;
}

import { type Device, deviceIdsBehind, findDevices, permission } from "../../devices/device/index.ts";
import {
  type DeviceGroup,
  type ExcludedPair,
  exclusionsBehind,
  groupsBehind,
  permission as ofGroup,
} from "../../devices/device-group/index.ts";
import { type Membership, membershipsBehind } from "../../devices/membership/index.ts";
import { printInstant } from "../../operation/instant.ts";
import type { StreamContext } from "../../operation/operation.ts";
import type { Given } from "./line.ts";
import { paged, pageSize } from "./pages.ts";

const time = (us: number) => printInstant(us, "shortest");

/** All device groups that may be seen, by their ids. */
export async function* groupsOf({ read, account }: StreamContext): AsyncGenerator<Given> {
  const visible = account.visible(ofGroup.read, "device-group");
  const rows = paged<DeviceGroup>((last) =>
    read((db) => groupsBehind(db, account.accountId, visible, last?.id ?? "", pageSize)),
  );
  for await (const group of rows)
    yield {
      ...{ type: "device_group", id: group.id, name: group.name, description: group.description },
      ...{ group_type: group.type, tags: group.tags, is_active: group.isActive },
      ...(group.rules && { auto_assignment_rules: group.rules }),
      created_at: time(group.createdAt),
    };
}

/** All devices that may be seen, by their ids. */
export async function* devicesOf({ read, account }: StreamContext): AsyncGenerator<Given> {
  const visible = account.visible(permission.read, "device");
  const rows = paged<Device>((last) =>
    read(async (db) => {
      const ids = await deviceIdsBehind(db, account.accountId, visible, last?.id ?? "", pageSize);
      const found = await findDevices(db, account.accountId, ids);
      return ids.flatMap((id) => found.get(id) ?? []);
    }),
  );
  for await (const device of rows) yield deviceLine(device);
}

function deviceLine(device: Device): Given {
  const { clientVersion: version, user, labels, metadata, capabilities, owners } = device;
  const some = (name: string, members: object) => Object.keys(members).length > 0 && { [name]: members };
  return {
    ...{ type: "device", id: device.id, device_identifier: device.identifier },
    ...{ platform: device.platform, status: device.status, ...device.attributes },
    ...some("labels", labels),
    ...some("metadata", metadata),
    ...some("capabilities", capabilities),
    ...(version && {
      client_version: version.version,
      client_version_reported_at: time(version.reportedAt),
      client_version_source: version.source,
    }),
    ...(device.network !== null && { network: device.network }),
    ...(user && { user: userLine(user) }),
    owners: sortedMembers(owners),
    created_at: time(device.createdAt),
    ...(device.lastSeenAt !== null && { last_seen_at: time(device.lastSeenAt) }),
  };
}

/** Owners come to be in any order, and are the same in all of them. */
function sortedMembers(members: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(members).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function userLine({ groups, samlAttributes, serviceTokenUuid, ...texts }: NonNullable<Device["user"]>) {
  return {
    ...texts,
    ...(groups.length > 0 && { groups }),
    ...(samlAttributes.length > 0 && { saml_attributes: samlAttributes }),
    ...(serviceTokenUuid !== undefined && { service_token_uuid: serviceTokenUuid }),
  };
}

/** All memberships, and what is kept out of groups, as far as it may be seen: by group and device. */
export async function* membershipsOf({ read, account }: StreamContext): AsyncGenerator<Given> {
  const { accountId } = account;
  const sight = {
    groups: account.visible(ofGroup.read, "device-group"),
    devices: account.notDenied(permission.read, "device"),
  };
  const begin = { groupId: "", deviceId: "" };
  const members = paged<Membership>((last = begin as Membership) =>
    read((db) => membershipsBehind(db, accountId, sight, last, pageSize)),
  );
  for await (const { type, ...membership } of members)
    yield { ...pairLine(membership), membership_type: type, ...addedLine(membership) };
  const excluded = paged<ExcludedPair>((last = begin as ExcludedPair) =>
    read((db) => exclusionsBehind(db, accountId, sight, last, pageSize)),
  );
  for await (const pair of excluded) yield { ...pairLine(pair), excluded: true, ...addedLine(pair) };
}

function pairLine({ groupId, deviceId }: Pick<Membership, "groupId" | "deviceId">) {
  return { type: "membership", group_id: groupId, device_id: deviceId } as const;
}

function addedLine({ addedAt, addedBy }: Pick<Membership, "addedAt" | "addedBy">) {
  return { added_at: time(addedAt), ...(addedBy !== null && { added_by: addedBy }) };
}

import Type, { type Static } from "typebox";
import { invalid } from "../../../failure.ts";
import { face, listFace } from "../../../operation/face.ts";
import { printInstant } from "../../../operation/instant.ts";
import { oneOf } from "../../../operation/text.ts";
import { batchMax, type Member, type Membership } from "../../membership/index.ts";
import type { Batch } from "../batch.ts";
import { member } from "../device-group.ts";
import { setDevices } from "../exact.ts";
import {
  addDevice,
  addDevices,
  type GroupsOfDevice,
  listGroupDevices,
  listGroupsOfDevice,
  moveDevices,
  removeDeviceFromGroup,
  removeDevices,
} from "../member-operations.ts";
import { closed, groupToWire, shownGroup, time } from "./wire.ts";

const devices = "/device-groups/{group_id}/devices";
/** Clients of a later generation write to this address. */
const members = "/device-groups/{group_id}/members";
const ids = Type.Array(Type.String());
const membershipType = Type.Union([Type.Literal("manual"), Type.Literal("dynamic")]);
const nullable = <T extends Parameters<typeof Type.Optional>[0]>(schema: T) =>
  Type.Union([schema, Type.Null()]);
const addedBy = Type.Optional(member.addedBy);
const refs = Type.Array(member.deviceRef, { minItems: 1, maxItems: batchMax });
const skippedDetails = Type.Array(
  Type.Object(
    {
      device_id: Type.String(),
      reason: oneOf(
        ...(["already_member", "not_member", "not_found", "revoked", "duplicate"] as const),
        ...(["dynamic_member", "excluded", "not_excluded"] as const),
      ),
    },
    closed,
  ),
);
/** The members of an answer that say what was left out. */
export const skipping = { skipped: ids, skipped_details: skippedDetails };

const where = { dialect: "rest", account: "object" } as const;

const list = listFace(listGroupDevices, {
  ...where,
  method: "GET",
  path: devices,
  paging: { default: 100, max: 1000, items: "devices", beside: ["group_id"] },
  answer: Type.Object(
    {
      id: Type.String(),
      device_id: Type.String(),
      device_identifier: Type.String(),
      org_id: Type.String(),
      platform: Type.String(),
      status: Type.String(),
      last_seen_at: nullable(time),
      membership_type: membershipType,
      added_at: time,
      added_by: nullable(Type.String()),
    },
    closed,
  ),
  read: () => ({}),
  write: (device, { org }) => memberToWire(device, org),
});

const add = face(addDevice, {
  ...where,
  method: "POST",
  path: `${devices}/{device_id}`,
  body: Type.Object({ added_by: addedBy }),
  bodyOptional: true,
  answer: Type.Object(
    {
      group_id: Type.String(),
      device_id: Type.String(),
      added: Type.Boolean(),
      membership_type: membershipType,
      added_at: time,
      added_by: nullable(Type.String()),
    },
    closed,
  ),
  outcome: ({ isNew }) => (isNew ? "added" : "unchanged"),
  read: ({ path, body }) => ({ ref: path.device_id ?? "", addedBy: body?.added_by ?? null }),
  write: ({ membership, isNew }) => ({
    group_id: membership.groupId,
    device_id: membership.deviceId,
    added: isNew,
    ...membershipToWire(membership),
  }),
});

const remove = (collection: string) =>
  face(removeDeviceFromGroup, {
    ...where,
    method: "DELETE",
    path: `${collection}/{device_id}`,
    outcome: "gone",
    answer: Type.Object({ group_id: Type.String(), device_id: Type.String() }, closed),
    read: ({ path }) => ({ ref: path.device_id ?? "" }),
    write: (_nothing, { path }) => ({ group_id: path.group_id ?? "", device_id: path.device_id ?? "" }),
  });

const addMany = (collection: string) =>
  face(addDevices, {
    ...where,
    method: "POST",
    path: collection,
    bodyLimit: "batch",
    body: Type.Object({ device_ids: refs, added_by: addedBy }),
    answer: Type.Object({ group_id: Type.String(), added: ids, ...skipping }, closed),
    read: ({ body }) => ({ refs: body.device_ids, addedBy: body.added_by ?? null }),
    write: ({ group, batch }) => ({ group_id: group.id, added: batch.done, ...skippedToWire(batch) }),
  });

const removeMany = face(removeDevices, {
  ...where,
  method: "DELETE",
  path: devices,
  bodyLimit: "batch",
  // Some proxies and clients can't send a body with DELETE.
  query: Type.Object({ device_ids: Type.Optional(Type.String()) }),
  body: Type.Object({ device_ids: refs }),
  bodyOptional: true,
  answer: Type.Object({ group_id: Type.String(), removed: ids, ...skipping }, closed),
  read: ({ query, body }) => ({ refs: body?.device_ids ?? fromQuery(query.device_ids) }),
  write: ({ group, batch }) => ({ group_id: group.id, removed: batch.done, ...skippedToWire(batch) }),
});

const move = face(moveDevices, {
  ...where,
  method: "POST",
  path: "/device-groups/{group_id}/move",
  bodyLimit: "batch",
  body: Type.Object({ from: member.deviceRef, device_ids: refs, added_by: addedBy }),
  answer: Type.Object({ from: Type.String(), to: Type.String(), moved: ids, ...skipping }, closed),
  read: ({ body }) => ({ from: body.from, refs: body.device_ids, addedBy: body.added_by ?? null }),
  write: ({ from, to, batch }) => ({ from, to, moved: batch.done, ...skippedToWire(batch) }),
});

const set = face(setDevices, {
  ...where,
  method: "PUT",
  path: devices,
  bodyLimit: "batch",
  body: Type.Object({ device_ids: Type.Array(member.deviceRef, { maxItems: batchMax }), added_by: addedBy }),
  answer: Type.Object(
    { group_id: Type.String(), added: ids, removed: ids, unchanged: ids, ...skipping },
    closed,
  ),
  read: ({ body }) => ({ refs: body.device_ids, addedBy: body.added_by ?? null }),
  write: ({ group, added, removed, unchanged, skipped }) => ({
    group_id: group.id,
    ...{ added: [...added], removed: [...removed], unchanged: [...unchanged] },
    ...skippedToWire({ skipped }),
  }),
});

const ofDevice = face(listGroupsOfDevice, {
  ...where,
  method: "GET",
  path: "/devices/{device_id}/groups",
  answer: Type.Object(
    {
      device_id: Type.String(),
      groups: Type.Array(shownGroup),
      memberships: Type.Array(
        Type.Object(
          {
            id: Type.String(),
            device_id: Type.String(),
            group_id: Type.String(),
            group_name: Type.String(),
            membership_type: membershipType,
            created_at: time,
          },
          closed,
        ),
      ),
      count: Type.Integer(),
    },
    closed,
  ),
  read: () => ({}),
  write: (found, { org }) => groupsToWire(found, org),
});

/** The faces on `/api/v1` of who is in a device group. */
export const restMembers = [
  ...[list, add, remove(devices), addMany(devices), removeMany, set, move, ofDevice],
  ...[remove(members), addMany(members)],
];

function fromQuery(listed: string | undefined): string[] {
  if (listed === undefined) throw invalid("/device_ids", "device_ids: required");
  const refs = listed.split(",");
  if (refs.length > batchMax) throw invalid("/device_ids", `device_ids: expected 1 to ${batchMax} items`);
  if (refs.includes("")) throw invalid("/device_ids", "device_ids: expected ids with a comma between them");
  return refs;
}

function membershipToWire({ type, addedAt, addedBy }: Membership) {
  return { membership_type: type, added_at: printInstant(addedAt, "seconds"), added_by: addedBy };
}

function memberToWire(device: Member, orgId: string) {
  return {
    id: device.deviceId,
    device_id: device.identifier,
    device_identifier: device.identifier,
    org_id: orgId,
    platform: device.platform,
    status: device.status,
    last_seen_at: device.lastSeenAt === null ? null : printInstant(device.lastSeenAt, "seconds"),
    ...membershipToWire(device),
  };
}

/** Writes what was left out, as ids and with the reasons. */
export function skippedToWire({ skipped }: Pick<Batch, "skipped">): {
  skipped: string[];
  skipped_details: Static<typeof skippedDetails>;
} {
  return {
    skipped: skipped.map(({ ref }) => ref),
    skipped_details: skipped.map(({ ref, reason }) => ({ device_id: ref, reason })),
  };
}

/** Two spellings of the same: clients of one generation read `groups`, those of another `memberships`. */
function groupsToWire({ device, memberships }: GroupsOfDevice, orgId: string) {
  return {
    device_id: device.id,
    groups: memberships.map(({ group }) => groupToWire(group, orgId)),
    memberships: memberships.map(({ group, membership }) => ({
      id: `${group.id}:${device.id}`,
      device_id: device.id,
      group_id: group.id,
      group_name: group.name,
      membership_type: membership.type,
      created_at: printInstant(membership.addedAt, "seconds"),
    })),
    count: memberships.length,
  };
}

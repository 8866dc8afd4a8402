import Type from "typebox";
import type { DeviceNarrowing, DeviceSortKey } from "../../../devices/device/index.ts";
import { face, listFace } from "../../../operation/face.ts";
import { getRegistration, listRegistrations } from "../operations.ts";
import type { Wanted } from "../physical-device.ts";
import {
  exactly,
  ids,
  includes,
  including,
  narrowingOf,
  orderOf,
  registrationType,
  shared,
  sortBy,
  where,
} from "./v4-query.ts";
import { registration, toRegistration } from "./v4-wire.ts";

const all = "/accounts/{account_id}/devices/registrations";

const include = including("policy");

const sortKeys = {
  id: "id",
  "user.name": "user_name",
  "user.email": "user_email",
  last_seen_at: "heard_or_made_at",
  created_at: "created_at",
} as const satisfies Record<string, DeviceSortKey>;

const list = listFace(listRegistrations, {
  ...where,
  method: "GET",
  path: all,
  query: Type.Object({
    ...shared,
    sort_by: sortBy(sortKeys),
    status: Type.Optional(Type.Enum(["active", "all", "revoked"], { default: "active" })),
    "user.id": ids,
    "device.id": Type.Optional(exactly),
    "policy.id": Type.Optional(exactly),
    registration_type: registrationType,
    include,
  }),
  paging: { default: 50, max: 500, by: "cursor" },
  answer: registration,
  read: ({ query }): Wanted => {
    const { status = "active", "user.id": userIds, "policy.id": devicePolicyId } = query;
    return {
      narrowing: {
        ...ofDevice(narrowingOf(query, query.registration_type), query["device.id"]),
        ...(status !== "all" && { standing: status }),
        ...(userIds !== undefined && { userIds }),
        madeIsSeen: true,
      },
      devicePolicyIds: devicePolicyId === undefined ? [] : [devicePolicyId],
      order: orderOf(sortKeys, query),
      withPolicies: includes("policy", query.include),
    };
  },
  write: toRegistration,
});

const get = face(getRegistration, {
  ...where,
  method: "GET",
  path: `${all}/{registration_id}`,
  query: Type.Object({ include }),
  answer: registration,
  read: ({ query }) => ({ withPolicies: includes("policy", query.include) }),
  write: toRegistration,
});

/** The faces of registrations on `/client/v4`. */
export const v4Registrations = [list, get];

/** A registration has its device's id, so both filters are about the same. */
function ofDevice(narrowing: DeviceNarrowing, deviceId: string | undefined): DeviceNarrowing {
  if (deviceId === undefined) return narrowing;
  const wanted = narrowing.ids ?? [deviceId];
  return { ...narrowing, ids: wanted.filter((id) => id === deviceId) };
}

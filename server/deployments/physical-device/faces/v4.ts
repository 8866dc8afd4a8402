import Type from "typebox";
import { type DeviceSortKey, removeDevice, revokeDevice } from "../../../devices/device/index.ts";
import { face, listFace } from "../../../operation/face.ts";
import { line, textList } from "../../../operation/text.ts";
import { getPhysicalDevice, listPhysicalDevices } from "../operations.ts";
import type { Wanted } from "../physical-device.ts";
import {
  exactly,
  includes,
  including,
  labelsOf,
  narrowingOf,
  orderOf,
  registrationType,
  shared,
  sortBy,
  where,
} from "./v4-query.ts";
import { physicalDevice, toPhysicalDevice } from "./v4-wire.ts";

const all = "/accounts/{account_id}/devices/physical-devices";
const one = `${all}/{device_id}`;

const devicePolicyMember = "last_seen_registration.policy";
const include = including(devicePolicyMember);

const sortKeys = {
  name: "name",
  id: "id",
  client_version: "client_version",
  "last_seen_user.email": "user_email",
  last_seen_at: "last_seen_at",
  active_registrations: "active",
  created_at: "created_at",
} as const satisfies Record<string, DeviceSortKey>;

const list = listFace(listPhysicalDevices, {
  ...where,
  method: "GET",
  path: all,
  query: Type.Object({
    ...shared,
    sort_by: sortBy(sortKeys),
    "last_seen_user.email": Type.Optional(exactly),
    // Clients send the filter by the second name, and the first is the one that is published.
    "last_seen_registration.policy.id": Type.Optional(exactly),
    [devicePolicyMember]: Type.Optional(exactly),
    active_registrations: Type.Optional(Type.Enum(["include", "only", "exclude"], { default: "only" })),
    has_registration_type: registrationType,
    include,
    tag: Type.Optional(
      textList({ max: 64, item: line({ max: 384 }), description: "`key:value`; all must hold." }),
    ),
  }),
  paging: { default: 50, max: 500, by: "cursor" },
  answer: physicalDevice,
  read: ({ query }): Wanted => {
    const { active_registrations: active = "only", tag } = query;
    const email = query["last_seen_user.email"];
    const devicePolicyIds = [query["last_seen_registration.policy.id"], query[devicePolicyMember]];
    return {
      narrowing: {
        ...narrowingOf(query, query.has_registration_type),
        ...(active !== "include" && { standing: active === "only" ? "active" : "revoked" }),
        ...(email !== undefined && { userEmail: email }),
        ...(tag !== undefined && { labels: labelsOf(tag) }),
      },
      devicePolicyIds: devicePolicyIds.filter((id) => id !== undefined),
      order: orderOf(sortKeys, query),
      withPolicies: includes(devicePolicyMember, query.include),
    };
  },
  write: toPhysicalDevice,
});

const get = face(getPhysicalDevice, {
  ...where,
  method: "GET",
  path: one,
  query: Type.Object({ include }),
  answer: physicalDevice,
  read: ({ query }) => ({ withPolicies: includes(devicePolicyMember, query.include) }),
  write: toPhysicalDevice,
});

const remove = face(removeDevice, {
  ...where,
  method: "DELETE",
  path: one,
  answer: Type.Null(),
  read: () => ({}),
  write: () => null,
});

const revoke = face(revokeDevice, {
  ...where,
  method: "POST",
  path: `${one}/revoke`,
  answer: Type.Null(),
  read: () => ({}),
  write: () => null,
});

/** The faces of physical devices on `/client/v4`. */
export const v4 = [list, get, remove, revoke];

import Type, { type Static } from "typebox";
import { invalid } from "../../../failure.ts";
import { face, listFace } from "../../../operation/face.ts";
import { orNull } from "../../../operation/text.ts";
import { type DevicePolicy, devicePoliciesMax, member } from "../device-policy.ts";
import {
  createDevicePolicy,
  editDefaultPolicy,
  editDevicePolicy,
  getDefaultPolicy,
  getDevicePolicy,
  listCustomPolicies,
  removeDevicePolicy,
  type SentSettings,
} from "../operations.ts";
import { defaults, fallbackDomains, knownPart, setting, settingNames, shownSettings } from "../settings.ts";

const closed = { additionalProperties: false } as const;
const where = { dialect: "v4", account: "path", family: "product" } as const;
const one = "/accounts/{account_id}/devices/policy";

/** Settings as they are sent; null goes back to what is documented. */
export const sentSettings = Object.fromEntries(settingNames.map((name) => [name, orNull(setting[name])]));

const answer = Type.Object(
  {
    policy_id: member.id,
    name: Type.String(),
    description: Type.String(),
    match: Type.Optional(Type.String()),
    precedence: Type.Optional(Type.Integer()),
    enabled: Type.Boolean(),
    default: Type.Boolean(),
    ...shownSettings,
    fallback_domains: Type.Array(Type.Object({ suffix: Type.String() }, closed)),
    gateway_unique_id: Type.String(),
    target_tests: Type.Array(Type.Object({ id: Type.String(), name: Type.String() }, closed)),
  },
  closed,
);

const list = listFace(listCustomPolicies, {
  ...where,
  method: "GET",
  path: "/accounts/{account_id}/devices/policies",
  paging: { default: devicePoliciesMax, max: devicePoliciesMax },
  answer,
  read: () => ({}),
  write: toWire,
});

const get = face(getDevicePolicy, {
  ...where,
  method: "GET",
  path: `${one}/{policy_id}`,
  answer,
  read: () => ({}),
  write: toWire,
});

const getDefault = face(getDefaultPolicy, {
  ...where,
  method: "GET",
  path: one,
  answer,
  read: () => ({}),
  write: toWire,
});

const create = face(createDevicePolicy, {
  ...where,
  method: "POST",
  path: one,
  body: Type.Object({
    name: member.name,
    match: member.match,
    precedence: member.precedence,
    description: orNull(member.description),
    enabled: orNull(member.enabled),
    ...sentSettings,
  }),
  answer,
  outcome: "created",
  read: ({ body }) => ({
    name: body.name,
    match: body.match,
    precedence: body.precedence,
    description: body.description ?? "",
    enabled: body.enabled ?? true,
    settings: settingsIn(body),
  }),
  write: toWire,
});

const update = face(editDevicePolicy, {
  ...where,
  method: "PATCH",
  path: `${one}/{policy_id}`,
  body: Type.Object({
    name: orNull(member.name),
    match: orNull(member.match),
    precedence: orNull(member.precedence),
    description: orNull(member.description),
    enabled: orNull(member.enabled),
    ...sentSettings,
  }),
  answer,
  read: ({ body }) => ({
    ...(body.name && { name: body.name }),
    ...(body.match && { match: body.match }),
    ...(typeof body.precedence === "number" && { precedence: body.precedence }),
    ...(body.description !== undefined && { description: body.description ?? "" }),
    ...(typeof body.enabled === "boolean" && { enabled: body.enabled }),
    settings: settingsIn(body),
  }),
  write: toWire,
});

const updateDefault = face(editDefaultPolicy, {
  ...where,
  method: "PATCH",
  path: one,
  body: Type.Object(sentSettings),
  answer,
  read: ({ body }) => ({ settings: settingsIn(body) }),
  write: toWire,
});

const remove = face(removeDevicePolicy, {
  ...where,
  method: "DELETE",
  path: `${one}/{policy_id}`,
  answer: Type.Array(answer),
  read: () => ({}),
  write: (left) => left.map(toWire),
});

/** The faces of device policies on `/client/v4`. */
export const v4 = [list, getDefault, updateDefault, create, get, update, remove];

/** The settings in a body: members of other names are no settings. */
export function settingsIn(body: Readonly<Record<string, unknown>>): SentSettings {
  for (const name of ["exclude", "include"] as const)
    for (const [index, item] of ((body[name] ?? []) as object[]).entries())
      if ("address" in item && "host" in item)
        throw invalid(`/${name}/${index}`, `${name}/${index}: expected an address or a host, not both`);
  return Object.fromEntries(
    settingNames.flatMap((name) => (name in body ? [[name, knownPart(name, body[name])]] : [])),
  );
}

function toWire(devicePolicy: DevicePolicy): Static<typeof answer> {
  const { id, name, description, match, precedence, enabled, isDefault, settings } = devicePolicy;
  return {
    policy_id: id,
    name,
    description,
    ...(match !== null && { match }),
    ...(precedence !== null && { precedence }),
    enabled,
    default: isDefault,
    ...defaults,
    ...settings,
    fallback_domains: fallbackDomains,
    gateway_unique_id: id.replaceAll("-", ""),
    target_tests: [],
  };
}

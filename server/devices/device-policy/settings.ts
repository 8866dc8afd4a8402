import Type, { type Static, type TSchema } from "typebox";
import { line, wholeNumber } from "../../operation/text.ts";

const closed = { additionalProperties: false } as const;
const note = line({ max: 100 });
const seconds = wholeNumber(0, 86_400);
const destination = line({ min: 1, max: 255 });
const uuid = Type.String({
  pattern: "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$",
  expected: "a UUID",
});

const tunnelled = Type.Union([
  Type.Object({ address: destination, description: Type.Optional(note) }),
  Type.Object({ host: destination, description: Type.Optional(note) }),
]);
const endpoints = Type.Array(line({ min: 1, max: 255 }), { maxItems: 5 });

/**
 * What a device policy tells its devices, beside which devices it is for. None of it decides anything here: it is kept
 * as one checked object for the clients that ask for it.
 */
export const setting = {
  allow_mode_switch: Type.Boolean(),
  allow_updates: Type.Boolean(),
  allowed_to_leave: Type.Boolean(),
  auto_connect: seconds,
  captive_portal: seconds,
  disable_auto_fallback: Type.Boolean(),
  dns_search_suffixes: Type.Array(
    Type.Object({ suffix: line({ min: 1, max: 255 }), description: Type.Optional(note) }),
    { maxItems: 1000 },
  ),
  exclude: Type.Array(tunnelled, { maxItems: 1000 }),
  exclude_office_ips: Type.Boolean(),
  global_acceleration: Type.Object({
    enabled: Type.Boolean(),
    api_endpoints: endpoints,
    wireguard_endpoints: endpoints,
    masque_endpoints: endpoints,
  }),
  include: Type.Array(tunnelled, { maxItems: 1000 }),
  lan_allow_minutes: wholeNumber(0, 1_000_000),
  lan_allow_subnet_size: wholeNumber(0, 128),
  register_interface_ip_with_dns: Type.Boolean(),
  sccm_vpn_boundary_support: Type.Boolean(),
  service_mode_v2: Type.Object({
    mode: Type.Optional(line({ min: 1, max: 64 })),
    port: Type.Optional(wholeNumber(0, 65_535)),
  }),
  support_url: line({ max: 2048 }),
  switch_locked: Type.Boolean(),
  tunnel_protocol: line({ max: 64 }),
  virtual_networks: Type.Object({
    allowed: Type.Array(uuid, { minItems: 1, maxItems: 1000 }),
    default: uuid,
  }),
};

/** The name of one setting, on the wire and in what is kept. */
export type SettingName = keyof typeof setting;
/** Settings that somebody made; the others are as documented. */
export type Settings = { readonly [Name in SettingName]?: Static<(typeof setting)[Name]> };

/** The names of all settings. */
export const settingNames = Object.keys(setting) as SettingName[];

const builtInExcludes = [
  { address: "10.0.0.0/8" },
  { address: "100.64.0.0/10" },
  { address: "169.254.0.0/16", description: "DHCP Unspecified" },
  { address: "172.16.0.0/12" },
  { address: "192.0.0.0/24" },
  { address: "192.168.0.0/16" },
  { address: "224.0.0.0/24" },
  { address: "240.0.0.0/4" },
  { address: "255.255.255.255/32", description: "DHCP Broadcast" },
  { address: "fe80::/10", description: "IPv6 Link Local" },
  { address: "fd00::/8" },
  { address: "ff01::/16" },
  { address: "ff02::/16" },
  { address: "ff03::/16" },
  { address: "ff04::/16" },
  { address: "ff05::/16" },
];

/** What holds where nobody set anything. Settings that are not here are not answered unless they were set. */
export const defaults = {
  allow_mode_switch: false,
  allow_updates: false,
  allowed_to_leave: true,
  auto_connect: 0,
  captive_portal: 180,
  disable_auto_fallback: false,
  dns_search_suffixes: [],
  exclude: builtInExcludes,
  exclude_office_ips: false,
  include: [],
  register_interface_ip_with_dns: true,
  sccm_vpn_boundary_support: false,
  service_mode_v2: { mode: "warp" },
  support_url: "",
  switch_locked: false,
  tunnel_protocol: "",
} satisfies Settings;

/** Domains that every policy leaves to the local resolver; they can't be changed here. */
export const fallbackDomains = [
  ...["intranet", "internal", "private", "localdomain", "domain", "lan", "home", "host", "corp", "local"],
  ...["localhost", "home.arpa", "invalid", "test"],
].map((suffix) => ({ suffix }));

/**
 * A setting without the members that are not known: clients of other generations send more. One that fits none of
 * several shapes alone is left to the check.
 */
export function knownPart(name: SettingName, value: unknown): unknown {
  return value === null ? null : pick(setting[name], value);
}

function pick(schema: TSchema, value: unknown): unknown {
  const { properties, items, anyOf } = schema as Shape;
  if (anyOf && isObject(value)) return pick(anyOf.find((part) => fitsIn(part, value)) ?? schema, value);
  if (Array.isArray(value)) return items ? value.map((item) => pick(items, item)) : value;
  if (!properties || !isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(properties).flatMap(([key, part]) =>
      key in value ? [[key, pick(part, value[key])]] : [],
    ),
  );
}

type Shape = {
  properties?: Record<string, TSchema>;
  items?: TSchema;
  anyOf?: TSchema[];
  required?: string[];
};

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function fitsIn(schema: TSchema, value: Record<string, unknown>): boolean {
  return ((schema as Shape).required ?? []).every((key) => key in value);
}

/** The schema of settings as they are answered. */
export const shownSettings = Object.fromEntries(
  settingNames.map((name) => [name, Type.Optional(asShown(setting[name]))]),
);

/** What is answered is built from what was checked: only the shape is said again, without its limits. */
function asShown(schema: TSchema): TSchema {
  const { properties, items, anyOf, required: names = [] } = schema as Shape;
  if (anyOf) return Type.Union(anyOf.map(asShown));
  if (items) return Type.Array(asShown(items));
  if (!properties) return schema;
  const required = new Set(names);
  const shown = Object.entries(properties).map(([name, part]) => [
    name,
    required.has(name) ? asShown(part) : Type.Optional(asShown(part)),
  ]);
  return Type.Object(Object.fromEntries(shown), closed);
}

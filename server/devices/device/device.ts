import Type, { type Static } from "typebox";
import { line, oneOf, slug, textList, textMap, wholeNumber } from "../../operation/text.ts";

const kibi = 1024;
const megabytesMax = kibi * kibi * kibi;

/** What a device says it is, as far as selectors and people ask about it: the wire's names are the columns' names. */
export const attribute = {
  os_version: line({ max: 255 }),
  sdk_version: line({ max: 255 }),
  app_id: line({ max: 255 }),
  app_version: line({ max: 255 }),
  manufacturer: line({ max: 255 }),
  model: line({ max: 255 }),
  cpu_architecture: line({ max: 255 }),
  gpu_available: Type.Boolean(),
  npu_available: Type.Boolean(),
  total_memory_mb: wholeNumber(0, megabytesMax),
  available_storage_mb: wholeNumber(0, megabytesMax),
  battery_pct: Type.Number({ minimum: 0, maximum: 100 }),
  charging: Type.Boolean(),
  locale: line({ max: 255 }),
  region: line({ max: 255 }),
  timezone: line({ max: 255 }),
};

/** The name of one attribute, on the wire and in the table. */
export type AttributeName = keyof typeof attribute;
/** What is known of a device; what is not known is absent. */
export type Attributes = { readonly [Name in AttributeName]?: Static<(typeof attribute)[Name]> };
/** The names of all attributes, in the order of the table. */
export const attributeNames = Object.keys(attribute) as AttributeName[];

/** Labels that one device can have. */
export const labelsMax = 64;

/** Members that the metadata of one device can have. */
export const metadataMax = 256;

/** Bytes that the metadata, and the capabilities, of one device can have as JSON. */
export const freeFormMaxBytes = 16_384;

/** Groups that an identity provider has a person in, and SAML attributes that it says of one, as many as one device keeps. */
export const claimsMax = 200;

const claim = line({ min: 1, max: 255 });

/** The members of a device on the wire, with their limits. */
export const member = {
  id: Type.String(),
  identifier: line({
    min: 1,
    max: 255,
    description: "What the device calls itself; unique in its organization.",
  }),
  platform: slug(),
  status: Type.Union([Type.Literal("active"), Type.Literal("inactive"), Type.Literal("revoked")]),
  labels: textMap({ max: labelsMax, key: line({ min: 1, max: 128 }), item: line({ max: 255 }) }),
  /** Kept and answered as sent. */
  capabilities: textMap({ max: 256, key: line({ max: 255 }), item: Type.Unknown() }),
  metadata: textMap({ max: metadataMax, key: line({ max: 255 }), item: Type.Unknown() }),
  clientVersion: line({ min: 1, max: 255 }),
  /** The name of the managed network that it is in. */
  network: line({ min: 1, max: 255 }),
  user: Type.Object({
    id: Type.Optional(claim),
    email: Type.Optional(claim),
    name: Type.Optional(claim),
    groups: Type.Optional(
      textList({
        max: claimsMax,
        item: Type.Object({
          id: Type.Optional(claim),
          name: Type.Optional(claim),
          email: Type.Optional(claim),
        }),
      }),
    ),
    saml_attributes: Type.Optional(textList({ max: claimsMax, item: claim })),
    service_token_uuid: Type.Optional(claim),
  }),
};

/** Who uses a device, as an identity provider or an operator says: what `identity.…` of selectors is read from. */
export type DeviceUser = {
  readonly id?: string;
  readonly email?: string;
  readonly name?: string;
  readonly groups: readonly { readonly id?: string; readonly name?: string; readonly email?: string }[];
  /** `attribute=value` each. */
  readonly samlAttributes: readonly string[];
  readonly serviceTokenUuid?: string;
};

/** The version that a device runs, as it was last told. */
export type ClientVersion = {
  readonly version: string;
  /** Microseconds since the epoch: when it was first told that this version runs. */
  readonly reportedAt: number;
  readonly source: VersionSource;
};

/** By what a version that runs was told. */
export const versionSource = oneOf("register", "heartbeat", "patch", "observed_state", "import");

/** One of them. */
export type VersionSource = Static<typeof versionSource>;

/** Whose word stands for an attribute: an operator's over its enrolment's, and that over the device's own. */
export type Owner = "operator" | "enrolment" | "device";

/** A thing that runs versions. */
export type Device = {
  readonly id: string;
  /** What it calls itself: unique in its account, chosen by the caller. */
  readonly identifier: string;
  readonly platform: string;
  readonly status: Static<typeof member.status>;
  readonly attributes: Attributes;
  readonly labels: Readonly<Record<string, string>>;
  readonly capabilities: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly clientVersion: ClientVersion | null;
  readonly user: DeviceUser | null;
  readonly network: string | null;
  /** What somebody else than the device said, by the name of the attribute (`label:<key>` for a label). */
  readonly owners: Owners;
  /** All times are microseconds since the epoch. */
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly lastSeenAt: number | null;
};

/** Owners by the names of attributes; what the device itself said is not in it. */
export type Owners = Readonly<Record<string, Exclude<Owner, "device">>>;

/** What seeing and changing devices takes, making new ones, and speaking for one. */
export const permission = {
  read: "device.read",
  write: "device.write",
  register: "device.register",
  report: "device.report",
} as const;

/** Which permission groups contain them. */
export const permissions = {
  [permission.read]: ["Zero Trust Read", "Zero Trust Write", "Devices Read", "Devices Write"],
  [permission.write]: ["Zero Trust Write", "Devices Write"],
  [permission.register]: ["Zero Trust Write", "Devices Write"],
  [permission.report]: ["Zero Trust Write", "Devices Write"],
};

/** The kind of scope key that devices have. */
export const kind = "device";

/** Words that stand for something else where a path names a device. */
export const reservedIdentifiers: readonly string[] = ["register", "heartbeat", "profiles"];

/** How often a device is expected to be heard of. */
export const heartbeatIntervalS = 300;

/** How lately a device was heard of. */
export function connectivity(device: Pick<Device, "status" | "lastSeenAt">, now: number): Connectivity {
  if (device.status === "revoked") return "revoked";
  const silentS = (now - (device.lastSeenAt ?? 0)) / 1_000_000;
  if (silentS <= 2 * heartbeatIntervalS) return "online";
  return silentS <= 5 * heartbeatIntervalS ? "stale" : "offline";
}

/** In words, how lately a device was heard of. */
export type Connectivity = "online" | "stale" | "offline" | "revoked";

/** A device and how lately it was heard of at the time of asking. */
export type DeviceNow = Device & { readonly connectivity: Connectivity };

/** Adds how lately a device was heard of. */
export function atTime(device: Device, now: number): DeviceNow {
  return { ...device, connectivity: connectivity(device, now) };
}

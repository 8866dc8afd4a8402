import { invalid } from "../../failure.ts";
import {
  type Attributes,
  type ClientVersion,
  type Device,
  type DeviceUser,
  freeFormMaxBytes,
  labelsMax,
  metadataMax,
  type Owner,
} from "./device.ts";

/** What somebody says of a device: what is absent stays; `null` takes away what is known. */
export type Said = {
  readonly platform?: string;
  readonly attributes?: { readonly [Name in keyof Attributes]?: Attributes[Name] | null };
  readonly labels?: Readonly<Record<string, string | null>>;
  readonly capabilities?: Readonly<Record<string, unknown>>;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly network?: string | null;
  /** Never said by a device itself. */
  readonly user?: DeviceUser | null;
  readonly clientVersion?: ClientVersion;
};

const rank: Readonly<Record<Owner, number>> = { device: 0, enrolment: 1, operator: 2 };

/**
 * A device with what somebody says put over what is known. Whose word counts less than the one that stands is not
 * heard; an operator who takes a value away gives the word back. The version that runs is a measurement: the latest
 * counts, whoever tells it.
 *
 * @throws Failure `invalid` where the device would have too many labels, or too much of free form
 */
export function brought(device: Device, said: Said, owner: Owner): Device {
  const owners: Record<string, Exclude<Owner, "device">> = { ...device.owners };
  const heard = (name: string, value: unknown): boolean => {
    const standing = Object.hasOwn(owners, name) ? (owners[name] as Owner) : "device";
    if (value === undefined || rank[standing] > rank[owner]) return false;
    // Only of metadata null is a value like any other.
    const takenBack = value === null && owner === "operator" && !name.startsWith("metadata:");
    if (owner === "device" || takenBack) delete owners[name];
    else owners[name] = owner;
    return true;
  };
  const after = {
    ...device,
    owners,
    attributes: over("", device.attributes, said.attributes, heard),
    labels: over("label:", device.labels, said.labels, heard),
    metadata: over("metadata:", device.metadata, said.metadata, heard),
    ...(heard("platform", said.platform) && { platform: said.platform as string }),
    ...(heard("capabilities", said.capabilities) && { capabilities: said.capabilities ?? {} }),
    ...(heard("network", said.network) && { network: said.network ?? null }),
    ...(owner !== "device" && heard("user", said.user) && { user: said.user ?? null }),
    clientVersion: laterOf(device.clientVersion, said.clientVersion),
  };
  checkSizes(after);
  return after;
}

function over<Known>(
  prefix: string,
  known: Known & object,
  said: object | undefined,
  heard: (name: string, value: unknown) => boolean,
): Known {
  if (!said) return known;
  const merged = { ...known } as Record<string, unknown>;
  for (const [name, value] of Object.entries(said)) {
    if (!heard(prefix + name, value)) continue;
    // Metadata may well hold nulls; of everything else null means nothing.
    if (value === null && prefix !== "metadata:") delete merged[name];
    else merged[name] = value;
  }
  return merged as Known;
}

function laterOf(known: ClientVersion | null, said: ClientVersion | undefined): ClientVersion | null {
  if (!said || (known && (known.version === said.version || known.reportedAt > said.reportedAt)))
    return known;
  return said;
}

function checkSizes({ labels, metadata, capabilities }: Device): void {
  if (Object.keys(labels).length > labelsMax)
    throw invalid("/labels", `labels: expected at most ${labelsMax} on one device`);
  if (Object.keys(metadata).length > metadataMax)
    throw invalid("/metadata", `metadata: expected at most ${metadataMax} on one device`);
  checkBytes("metadata", metadata);
  checkBytes("capabilities", capabilities);
}

function checkBytes(name: string, members: Readonly<Record<string, unknown>>): void {
  if (Buffer.byteLength(JSON.stringify(members)) > freeFormMaxBytes)
    throw invalid(`/${name}`, `${name}: expected at most ${freeFormMaxBytes} bytes on one device`);
}

/** Whether anything that is said differs from what is known; the version that runs differs only by itself. */
export function saysNews(device: Device, said: Said): boolean {
  const {
    attributes = {},
    labels = {},
    metadata = {},
    capabilities,
    network,
    platform,
    user,
    clientVersion,
  } = said;
  return (
    differs(device.attributes, attributes) ||
    differs(device.labels, labels) ||
    differs(device.metadata, metadata) ||
    (platform !== undefined && platform !== device.platform) ||
    (network !== undefined && network !== device.network) ||
    (clientVersion !== undefined && clientVersion.version !== device.clientVersion?.version) ||
    user !== undefined ||
    (capabilities !== undefined && JSON.stringify(capabilities) !== JSON.stringify(device.capabilities))
  );
}

function differs(known: object, said: object): boolean {
  for (const [name, value] of Object.entries(said)) {
    const present = Object.hasOwn(known, name) ? (known as Record<string, unknown>)[name] : undefined;
    if (present === value) continue;
    if (typeof value !== "object" || JSON.stringify(present) !== JSON.stringify(value)) return true;
  }
  return false;
}

/** What makes a device another one than before: all but when it was last heard of, and when it last changed. */
export function essence({ lastSeenAt, updatedAt, attributes, labels, owners, ...device }: Device): string {
  const sorted = (members: object) => Object.entries(members).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([device, sorted(attributes), sorted(labels), sorted(owners)]);
}

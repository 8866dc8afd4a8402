import { fold } from "../../operation/text.ts";
import { environmentKey } from "../../selector/environment.ts";
import { versionKey } from "../../selector/version.ts";
import {
  type Attributes,
  type attribute,
  attributeNames,
  type ClientVersion,
  type Device,
  type DeviceUser,
  type Owners,
} from "./device.ts";
import { bucketOf, npuKnown } from "./subject.ts";

type Flags = { gpu_available: number | null; npu_available: number | null; charging: number | null };
type Numbers = {
  total_memory_mb: number | null;
  available_storage_mb: number | null;
  battery_pct: number | null;
};
type Texts = {
  [Name in Exclude<keyof typeof attribute, keyof Flags | keyof Numbers>]: string | null;
};

/** A device as its table holds it. */
export type DeviceTable = Flags &
  Numbers &
  Texts & {
    account_id: string;
    id: string;
    device_identifier: string;
    platform: string;
    status: string;
    capabilities: string;
    metadata: string;
    client_version: string | null;
    client_version_at: number | null;
    client_version_source: string | null;
    user_id: string | null;
    user_email: string | null;
    user_name: string | null;
    user_groups: string;
    saml_attributes: string;
    service_token_uuid: string | null;
    network: string | null;
    owners: string;
    /** What follows are keys by which selectors compare, computed from the rest. */
    identifier_key: string;
    platform_key: string;
    os_version_key: string | null;
    sdk_version_key: string | null;
    app_version_key: string | null;
    client_version_key: string | null;
    manufacturer_key: string | null;
    locale_key: string | null;
    region_key: string | null;
    npu_known: number | null;
    bucket: number;
    created_at: number;
    updated_at: number;
  };

/** A device with when it was last heard of, which stands in a narrow table of its own. */
export type Row = DeviceTable & { last_seen_at: number | null };

/** Writes what can change of a device. */
export function toRow(device: Device) {
  const columns = attributeNames.map((name) => {
    const value = device.attributes[name];
    return [name, typeof value === "boolean" ? Number(value) : (value ?? null)];
  });
  const { user, clientVersion } = device;
  return {
    device_identifier: device.identifier,
    platform: device.platform,
    status: device.status,
    ...(Object.fromEntries(columns) as Flags & Numbers & Texts),
    capabilities: JSON.stringify(device.capabilities),
    metadata: JSON.stringify(device.metadata),
    client_version: clientVersion?.version ?? null,
    client_version_at: clientVersion?.reportedAt ?? null,
    client_version_source: clientVersion?.source ?? null,
    user_id: user?.id ?? null,
    user_email: user?.email ?? null,
    user_name: user?.name ?? null,
    user_groups: JSON.stringify(user?.groups ?? []),
    saml_attributes: JSON.stringify(user?.samlAttributes ?? []),
    service_token_uuid: user?.serviceTokenUuid ?? null,
    network: device.network,
    owners: JSON.stringify(device.owners),
    ...keysOf(device),
    updated_at: device.updatedAt,
  };
}

/** Writes a whole device. */
export function toWholeRow(accountId: string, device: Device): DeviceTable {
  const { id, createdAt } = device;
  const bucket = bucketOf(accountId, id);
  return { account_id: accountId, id, created_at: createdAt, bucket, ...toRow(device) };
}

/** The keys by which selectors compare what is kept of a device. */
function keysOf(device: Device) {
  const { attributes } = device;
  const versionOf = (text: string | undefined) => (text === undefined ? null : (versionKey(text) ?? null));
  const folded = (text: string | undefined) => (text === undefined ? null : fold(text));
  const npu = npuKnown(device);
  return {
    identifier_key: fold(device.identifier),
    platform_key: environmentKey(device.platform),
    os_version_key: versionOf(attributes.os_version),
    sdk_version_key: versionOf(attributes.sdk_version),
    app_version_key: versionOf(attributes.app_version),
    client_version_key: versionOf(device.clientVersion?.version ?? attributes.app_version),
    manufacturer_key: folded(attributes.manufacturer),
    locale_key: folded(attributes.locale),
    region_key: folded(attributes.region),
    npu_known: npu === undefined ? null : Number(npu),
  };
}

const isFlag = (name: string): name is keyof Flags =>
  ["gpu_available", "npu_available", "charging"].includes(name);

/** Reads a device; its labels come from their own rows. */
export function fromRow(row: Row, labels: Record<string, string>): Device {
  const known = attributeNames.filter((name) => row[name] !== null);
  const attributes = Object.fromEntries(
    known.map((name) => [name, isFlag(name) ? row[name] === 1 : row[name]]),
  );
  return {
    id: row.id,
    identifier: row.device_identifier,
    platform: row.platform,
    status: row.status as Device["status"],
    attributes: attributes as Attributes,
    labels,
    capabilities: JSON.parse(row.capabilities),
    metadata: JSON.parse(row.metadata),
    clientVersion: clientVersionIn(row),
    user: userIn(row),
    network: row.network,
    owners: JSON.parse(row.owners) as Owners,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    lastSeenAt: row.last_seen_at,
  };
}

function clientVersionIn(row: Row): ClientVersion | null {
  if (row.client_version === null) return null;
  return {
    version: row.client_version,
    reportedAt: row.client_version_at ?? row.updated_at,
    source: row.client_version_source as ClientVersion["source"],
  };
}

function userIn(row: Row): DeviceUser | null {
  const texts = {
    ...(row.user_id !== null && { id: row.user_id }),
    ...(row.user_email !== null && { email: row.user_email }),
    ...(row.user_name !== null && { name: row.user_name }),
    ...(row.service_token_uuid !== null && { serviceTokenUuid: row.service_token_uuid }),
  };
  const empty = row.user_groups === "[]" && row.saml_attributes === "[]";
  if (empty && Object.keys(texts).length === 0) return null;
  return {
    ...texts,
    groups: empty ? [] : JSON.parse(row.user_groups),
    samlAttributes: empty ? [] : JSON.parse(row.saml_attributes),
  };
}

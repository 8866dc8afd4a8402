import { type Attributes, type attribute, attributeNames, type Device } from "./device.ts";

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
export interface DeviceTable extends Flags, Numbers, Texts {
  account_id: string;
  id: string;
  device_identifier: string;
  platform: string;
  status: string;
  capabilities: string;
  metadata: string;
  created_at: number;
  updated_at: number;
}

/** A device with when it was last heard of, which stands in a narrow table of its own. */
export type Row = DeviceTable & { last_seen_at: number | null };

/** Writes what can change of a device. */
export function toRow(device: Device) {
  const columns = attributeNames.map((name) => {
    const value = device.attributes[name];
    return [name, typeof value === "boolean" ? Number(value) : (value ?? null)];
  });
  return {
    device_identifier: device.identifier,
    platform: device.platform,
    status: device.status,
    ...(Object.fromEntries(columns) as Flags & Numbers & Texts),
    capabilities: JSON.stringify(device.capabilities),
    metadata: JSON.stringify(device.metadata),
    updated_at: device.updatedAt,
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
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    lastSeenAt: row.last_seen_at,
  };
}

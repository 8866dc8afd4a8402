import { attributeNames, wire as deviceWire, kind } from "../../devices/device/index.ts";

const asText = (text: string) => text;

/** A number or a truth where it is one: what is neither is told by the check of the line. */
const asNumber = (text: string) => (/^-?\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : text);
const asTruth = (text: string) => ({ true: true, false: false })[text.trim().toLowerCase()] ?? text;

const others = [
  ...["id", "device_identifier", "platform", "status", "client_version", "client_version_reported_at"],
  ...["network", "created_at", "last_seen_at"],
];
const ofMembership = [
  "device",
  "group",
  "group_id",
  "device_id",
  "device_identifier",
  "added_at",
  "added_by",
];

/** How a cell of a member is read, in a table of devices or of memberships; undefined for what is no member. */
export function cellOf(
  what: "device" | "membership",
  member: string,
): ((text: string) => unknown) | undefined {
  if (what !== kind) return ofMembership.includes(member) ? asText : undefined;
  if (/^(label|metadata):./.test(member) || /^user\.(id|email|name)$/.test(member)) return asText;
  if (others.includes(member)) return asText;
  const name = attributeNames.find((each) => each === member);
  if (name === undefined) return undefined;
  const { type } = deviceWire.sent[name] as { type?: string };
  if (type === "boolean") return asTruth;
  return type === "number" || type === "integer" ? asNumber : asText;
}

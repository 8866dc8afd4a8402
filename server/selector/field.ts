import { fold } from "../operation/text.ts";
import { environmentKey } from "./environment.ts";

/** What the values of a field are, and so how they compare. */
export type FieldType = "text" | "folded" | "environment" | "version" | "number" | "flag" | "list";

/** Something of a device that a selector can ask about. A label's is asked by its key. */
export type Field = { readonly name: string; readonly type: FieldType; readonly label?: string };

/** The fields that match expressions know, by name. */
export const fields: ReadonlyMap<string, FieldType> = new Map<string, FieldType>([
  ["identity.email", "text"],
  ["identity.groups.id", "list"],
  ["identity.groups.name", "list"],
  ["identity.groups.email", "list"],
  ["identity.service_token_uuid", "text"],
  ["identity.saml_attributes", "list"],
  ["network", "text"],
  ["os.name", "environment"],
  ["os.version", "version"],
  ["device.id", "text"],
  ["device.platform", "environment"],
  ["device.groups", "list"],
  ["device.group_ids", "list"],
  ["device.bucket", "number"],
  ["device.client_version", "version"],
  ["device.sdk_version", "version"],
  ["device.app_version", "version"],
  ["device.manufacturer", "folded"],
  ["device.model", "text"],
  ["device.locale", "folded"],
  ["device.region", "folded"],
  ["device.ram_gb", "number"],
  ["device.gpu_available", "flag"],
  ["device.npu_available", "flag"],
]);

/** The field that holds a label. */
export function labelField(key: string): Field {
  return { name: `device.labels[${JSON.stringify(key)}]`, type: "text", label: key };
}

/** The field with a name, or undefined. */
export function fieldNamed(name: string): Field | undefined {
  const type = fields.get(name);
  return type && { name, type };
}

/** The key by which the texts of a type compare: the same for those that count as the same. */
export function textKey(type: FieldType, text: string): string {
  if (type === "environment") return environmentKey(text);
  return type === "folded" ? fold(text) : text;
}

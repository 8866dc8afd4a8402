import fc, { type Arbitrary } from "fast-check";
import type { Schema } from "./document.ts";

/**
 * What may stand where a member of this name is described: identifiers that exist, and words that collide. The
 * server knows `{{kind.number}}` as an id of an object that is there when the request is sent.
 */
const hints: Readonly<Record<string, Arbitrary<unknown>>> = {
  org_id: fc.constantFrom("{{org.0}}", "{{account.0}}", "{{org.1}}"),
  device_ids: fc.array(anyOf("device", 4), { minLength: 1, maxLength: 5 }),
  from: anyOf("group", 4),
  device_identifier: fc.constantFrom("machine 1", "machine 2", "register", "{{device.0}}"),
  policy_ids: fc.uniqueArray(fc.constantFrom("one", "two", "{{policy.0}}", "{{policy.1}}"), { maxLength: 3 }),
  match: fc.constantFrom(
    'identity.email == "one@example.com"',
    'os.name in {"windows" "mac"}\n and not (network == "Austin office")',
    'any(identity.groups.name[*] in {"\\"finance\\""}) || device.ram_gb >= 1.5',
    "device.bucket < 1e9",
    `${"(".repeat(64)}device.gpu_available == true${")".repeat(64)}`,
  ),
  expression: fc.constantFrom(
    'device.labels["ring"] == "canary" and device.battery_pct < 50',
    'os.version >= 10.2 or not (device.model in {"a" "b"})',
    'device.region == "\u{1f600}" // no comment',
    `${"not ".repeat(70)}device.gpu_available == true`,
    "",
  ),
  field: fc.constantFrom("platform", "os_version", "ram_gb", "gpu_available", "colour"),
  operator: fc.constantFrom("eq", "neq", "in", "gte", "lt"),
  precedence: fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 7),
  exclude: splitTunnels(),
  include: splitTunnels(),
  permission_groups: fc.array(fc.record({ id: anyOf("permission", 12) }), { minLength: 1, maxLength: 3 }),
  resources: fc.dictionary(scopeKeys(), fc.constant("*"), { minKeys: 1, maxKeys: 3 }),
  expires_on: fc.constantFrom("2253-01-01T00:00:00Z", "2020-02-29T23:59:59.999999999+14:00", null),
  in: fc.constantFrom(["127.0.0.0/8"], ["::1/128", "10.0.0.0/8"], []),
  not_in: fc.constantFrom(["192.0.2.0/24"], ["::ffff:192.0.2.0/120"], []),
  id: fc.constantFrom("{{member.0}}", "{{member.1}}", "{{member.2}}", "{{user_group.0}}", "{{account.0}}"),
  email: fc.constantFrom("One@example.com", "one@example.com", "two@example.com", "ß@example.com"),
  access: fc.constantFrom("allow", "deny", "Allow", "DENY"),
  token: anyOf("invitation", 3),
  member_id: anyOf("member", 3),
  token_id: anyOf("token", 3),
  permission: fc.constantFrom(
    "device.read",
    "device-group.change-members",
    "member.write",
    "user-group.read",
  ),
  resource: scopeKeys(),
  roles: fc.uniqueArray(
    fc.oneof(
      anyOf("role", 3),
      anyOf("role", 3).map((id) => ({ id })),
    ),
    { maxLength: 3 },
  ),
  resource_groups: fc.array(fc.oneof(fc.record({ id: anyOf("resource_group", 4) }), scopes()), {
    minLength: 1,
    maxLength: 3,
  }),
  key: scopeKeys(),
  objects: scopeObjects(),
  name: fc.constantFrom("One", " one ", "Ⅸ", "two"),
  version_config: fc.constantFrom(
    [{ target_environment: "macos", version: "2026.7.1377.0" }],
    [
      { target_environment: null, version: "1" },
      { target_environment: "mac", version: "2" },
    ],
  ),
};

/** Where devices go without the tunnel, or through it. */
function splitTunnels(): Arbitrary<unknown> {
  const item = fc.constantFrom({ address: "10.0.0.0/8", description: "Office" }, { host: "*.example.com" });
  return fc.oneof(fc.constantFrom(null, []), fc.array(item, { maxLength: 3 }));
}

function anyOf(kind: string, count: number): Arbitrary<string> {
  return fc.nat(count - 1).map((number) => `{{${kind}.${number}}}`);
}

/** A scope that is spelled out, as an object or as a list of it. */
function scopes(): Arbitrary<{ scope: unknown }> {
  const scope = fc.record({ key: scopeKeys(), objects: scopeObjects() });
  return fc.record({ scope: fc.oneof(scope, fc.tuple(scope)) });
}

function scopeObjects(): Arbitrary<unknown> {
  const object = fc.record({ key: fc.oneof(scopeKeys(), fc.constant("*")) });
  return fc.array(object, { minLength: 1, maxLength: 3 });
}

function scopeKeys(): Arbitrary<string> {
  const prefix = "com.cloudflare.api.account.";
  return fc.constantFrom(
    `${prefix}{{account.0}}`,
    `${prefix}{{account.1}}`,
    `${prefix}*`,
    `${prefix}device-group.*`,
    `${prefix}device-group.{{group.0}}`,
    `${prefix}device.{{device.0}}`,
    `${prefix}user-group.{{user_group.0}}`,
    `${prefix}member.*`,
  );
}

/** Values that a schema takes, small ones mostly; members that are known by name hold ids that exist. */
export function valuesOf(schema: Schema, name = ""): Arbitrary<unknown> {
  const hint = Object.hasOwn(hints, name) ? hints[name] : undefined;
  const plain = plainValuesOf(schema);
  return hint ? fc.oneof({ weight: 4, arbitrary: hint }, { weight: 1, arbitrary: plain }) : plain;
}

function plainValuesOf(schema: Schema): Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map((one) => valuesOf(one)));
  const { minimum: min = -(2 ** 31), maximum: max = 2 ** 31 } = schema;
  if (schema.type === "string") return textsOf(schema);
  if (schema.type === "integer") return fc.integer({ min, max: Math.max(min, Math.min(max, 2 ** 31)) });
  if (schema.type === "number") return fc.double({ min, max, noNaN: true });
  if (schema.type === "boolean") return fc.boolean();
  if (schema.type === "null") return fc.constant(null);
  if (schema.type === "array") return listsOf(schema);
  if (schema.type === "object") return objectsOf(schema);
  return fc.jsonValue({ maxDepth: 3 });
}

function listsOf({ items = {}, minItems = 0, maxItems = 4 }: Schema): Arbitrary<unknown> {
  return fc.array(valuesOf(items), { minLength: minItems, maxLength: Math.min(maxItems, minItems + 3) });
}

function textsOf({ minLength = 0, maxLength = 400, pattern, format }: Schema): Arbitrary<string> {
  if (format === "date-time")
    return fc
      .date({ noInvalidDate: true, min: new Date(0), max: new Date("2200-01-01") })
      .map((date) => date.toISOString());
  const small = Math.max(minLength, Math.min(maxLength, 12));
  const lengths = { minLength, maxLength: small };
  const slug = fc.string({ unit: fc.constantFrom(..."az09_-"), ...lengths });
  const drawn = fc.oneof(
    { weight: 3, arbitrary: slug },
    { weight: 2, arbitrary: fc.string({ unit: "grapheme", ...lengths }) },
    { weight: 1, arbitrary: fc.constant("é".repeat(maxLength)) },
    { weight: 1, arbitrary: fc.constant("😀".repeat(maxLength)) },
  );
  if (!pattern) return drawn;
  const fitting = new RegExp(pattern, "u");
  const fits = (text: string) => fitting.test(text) && [...text].length <= maxLength;
  return fc.tuple(drawn, slug).map(([text, spare]) => (fits(text) ? text : spare));
}

function objectsOf(schema: Schema): Arbitrary<unknown> {
  const { properties = {}, required = [], additionalProperties, patternProperties } = schema;
  const declared = Object.fromEntries(
    Object.entries(properties).map(([name, one]) => [name, valuesOf(one, name)] as const),
  );
  const known = fc.record(declared, { requiredKeys: [...required] });
  const further = Object.values(patternProperties ?? {})[0] ?? additionalProperties;
  if (further === undefined || further === false) return known;
  const names = schema.propertyNames ? textsOf(schema.propertyNames) : fc.string({ maxLength: 8 });
  const minKeys = schema.minProperties ?? 0;
  const values = valuesOf(further === true ? {} : further);
  const others = fc.dictionary(names, values, { minKeys, maxKeys: minKeys + 3 });
  return fc.tuple(others, known).map(([more, own]) => ({ ...more, ...(own as object) }));
}

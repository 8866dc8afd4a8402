import fc from "fast-check";
import { type Field, fieldNamed, fields, labelField } from "../server/selector/field.ts";
import type { Predicate, Value } from "../server/selector/predicate.ts";
import type { Rule } from "../server/selector/rules.ts";

/** Texts that are easily taken for each other, or for something else. */
export const texts = [
  ...["", " ", "a", "A", "a ", "b", "aa", "a_", "a%", "%", "_", "null", "0", "1", "true", "ab".repeat(150)],
  ...['"', '"a"', '""', '"a', "'", "';--", "\\", "\\\\", '\\"', "{}", "[]", "$1", "?", ":a", "é", "e\u0301"],
  ...["Straße", "STRASSE", "STRAẞE", "ß", "ẞ", "ss", "ſ", "s", "S", "İ", "i̇", "i", "I", "ı", "Σ", "σ", "ς"],
  ...["mac", "macOS", "Darwin", " MACOS ", "linux", "Linux", "😀", "\uffff", "\ufffd", "en-US", "EN-us"],
];

/** Versions, and texts that are none. */
export const versions = [
  ...["1", "1.0", "1.0.0", "01.0", "v1", "1.9", "1.10", "1.10-beta.2", "Darwin 23.4", "23.4.0", "0", "0.0"],
  ...["9".repeat(15), "9".repeat(20), "1..2", "1.", ".5", "10.15", "10.15.0", Array(20).fill(1).join(".")],
  ...[Array(16).fill(1).join("."), "", "none", "٣", "-1", "１"],
];

/** The ids and names of the device groups of random devices; no two names are the same when folded. */
export const deviceGroups = ["a", '"b"', "b", "Straße", "%", "😀", "'"].map((name, index) => ({
  id: ["grp_a", "GRP_A", "a", '"a"', "grp_5", "grp_6", "grp_7"][index] as string,
  name,
}));

const deviceIds = ["d", "D", '"d"', "", "ß", "ss", "%", "d%", "😀", "1", "true"];
const labelKeys = ["a", "A", "", '"', "\\", "'", "%", "ß", "__proto__", "constructor", "a.b", "😀"];
const megabytes = [0, 1, 512, 1000, 1024, 2048, 7680, 8192, 8193, 2 ** 31];
const buckets = [0, 5e-324, 0.1, 0.1 + 0.2, 1, 10, 33.333333333333336, 50, 99.99999999999999];
const numbers = ["0", "-0", "-1", "0.1", "0.3", "0.30000000000000004", "1", "1.0", "10", "50", "100", "7.5"];
numbers.push("8", "0.9765625", "8.0009765625", "2097152", "33.333333333333336", "99.99999999999999");
numbers.push("33.333333333333335701808", `1${"0".repeat(30)}`, "9".repeat(400), `-${"9".repeat(400)}`);

/** What is known of a random device, by the names of the fields; its lists are never empty but for its groups. */
export type Known = {
  readonly id: string;
  readonly fields: Readonly<Record<string, string | number | boolean | readonly string[]>>;
  readonly labels: ReadonlyMap<string, string>;
  readonly groups: readonly (typeof deviceGroups)[number][];
};

const anyList = fc.uniqueArray(fc.constantFrom(...texts.slice(0, 24)), { minLength: 1, maxLength: 4 });
const anyText = fc.constantFrom(...texts);
const anyVersion = fc.constantFrom(...versions);

const anyKnownFields = fc.record(
  {
    "identity.email": anyText,
    "identity.groups.id": anyList,
    "identity.groups.name": anyList,
    "identity.groups.email": anyList,
    "identity.service_token_uuid": anyText,
    "identity.saml_attributes": anyList,
    network: anyText,
    "device.platform": anyText,
    "device.bucket": fc.constantFrom(...buckets),
    "os.version": anyVersion,
    "device.client_version": anyVersion,
    "device.sdk_version": anyVersion,
    "device.app_version": anyVersion,
    "device.manufacturer": anyText,
    "device.model": anyText,
    "device.locale": anyText,
    "device.region": anyText,
    "device.ram_gb": fc.constantFrom(...megabytes.map((each) => each / 1024)),
    "device.gpu_available": fc.boolean(),
    "device.npu_available": fc.boolean(),
  },
  { requiredKeys: ["device.platform", "device.bucket"] },
);

/** So many random devices, each with an id of its own. */
export const anyDevices = (count: number): fc.Arbitrary<Known[]> =>
  fc
    .array(
      fc.record({
        fields: anyKnownFields,
        labels: fc.dictionary(fc.constantFrom(...labelKeys), anyText, { maxKeys: 5 }),
        groups: fc.subarray(deviceGroups),
      }),
      { minLength: count, maxLength: count },
    )
    .map((devices) =>
      devices.map(({ fields, labels, groups }, index) => ({
        id: deviceIds[index] ?? `d${index}`,
        fields,
        labels: new Map(Object.entries(labels)),
        groups,
      })),
    );

/** A text as expressions write it. */
export const quoted = (text: string) => `"${text.replace(/["\\]/g, "\\$&")}"`;

const anyField: fc.Arbitrary<Field> = fc
  .constantFrom(...fields.keys(), ...labelKeys.slice(0, 8).map((key) => ({ key })))
  .map((asked) => (typeof asked === "string" ? (fieldNamed(asked) as Field) : labelField(asked.key)));

function anyValue({ name, type }: Field): fc.Arbitrary<string> {
  if (type === "number") return fc.constantFrom(...numbers);
  if (type === "flag") return fc.constantFrom("true", "false");
  if (type === "version") return anyVersion.map(quoted);
  if (name === "device.id") return fc.constantFrom(...deviceIds, "d11", "d12").map(quoted);
  const named = /^device\.group/.test(name) ? deviceGroups.flatMap((each) => [each.id, each.name]) : texts;
  // Texts that are well formed nowhere but in an expression.
  return fc.constantFrom(...named, ...named.map(quoted), "\0", "a\0", "\ud800").map(quoted);
}

const equal = ["==", "!=", "eq", "ne"];
const ordered = ["<", "<=", ">", ">=", "lt", "le", "gt", "ge"];

const anyTest: fc.Arbitrary<string> = anyField.chain((field) => {
  const value = anyValue(field);
  const hasOrder = field.type === "number" || field.type === "version";
  const operator = fc.constantFrom(...equal, ...(hasOrder ? ordered : []));
  const one = fc.tuple(operator, value).map(([how, what]) => `${field.name} ${how} ${what}`);
  const several = fc
    .array(value, { minLength: 1, maxLength: 8 })
    .map((all) => `${field.name} in {${all.join(" ")}}`);
  if (field.type !== "list") return fc.oneof({ weight: 2, arbitrary: one }, several);
  const listed = value.map((what) => `any(${field.name}[*] == ${what})`);
  return fc.oneof(one, several, listed);
});

/** A random match expression over all fields and comparisons. */
export const anyExpression: fc.Arbitrary<string> = fc
  .letrec<{ tree: string }>((tie) => ({
    tree: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      anyTest,
      fc
        .tuple(
          fc.constantFrom(" and ", " or ", "&&", "||"),
          fc.array(tie("tree"), { minLength: 2, maxLength: 4 }),
        )
        .map(([joint, parts]) => parts.map((part) => `(${part})`).join(joint)),
      tie("tree").map((part) => `not (${part})`),
    ),
  }))
  .tree.filter((expression) => expression.length <= 4000);

/** Predicates with values of types that the field does not have, which no spelling makes and no check lets pass. */
export const anyMistyped: fc.Arbitrary<Predicate> = anyField.chain((field) => {
  const value: fc.Arbitrary<Value> = fc.oneof(
    fc.constantFrom<Value>(0, 1, 10, true, false),
    anyText,
    anyVersion,
  );
  return fc
    .tuple(fc.constantFrom("==" as const, "!=" as const, "in" as const), fc.array(value, { maxLength: 4 }))
    .map(([comparison, values]): Predicate => ({ kind: "test", field, comparison, values, at: 1 }));
});

const ruleFields = ["platform", "os_version", "locale", "region", "manufacturer", "model", "sdk_version"];
ruleFields.push("app_version", "ram_gb", "gpu_available", "npu_available");

/** Random rules and labels, of which some mean nothing. */
export const anyRules: fc.Arbitrary<{ rules: Rule[]; labels: Record<string, string> }> = fc.record({
  rules: fc.array(
    fc.record({
      field: fc.constantFrom(...ruleFields),
      operator: fc.constantFrom("eq", "neq", "in", "gt", "gte", "lt", "lte"),
      value: fc.oneof(
        anyText,
        anyVersion,
        fc.constantFrom<unknown>(true, "false", 8, "7.5", 0),
        fc.array(anyText, { maxLength: 20 }),
      ),
    }),
    { maxLength: 2 },
  ),
  labels: fc.dictionary(fc.constantFrom(...labelKeys), anyText, { maxKeys: 1 }),
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { checkPredicate, type Place } from "./check.ts";
import { compileMatcher, type Subject } from "./closure.ts";
import { lengthMax, readExpression } from "./expression.ts";
import type { Field } from "./field.ts";
import { type Predicate, SelectorError } from "./predicate.ts";
import { type Rule, readRules } from "./rules.ts";
import { versionKey } from "./version.ts";

type Known = Readonly<Record<string, string | number | boolean | readonly string[]>>;

const subject =
  (known: Known): Subject =>
  ({ name }: Field) =>
    known[name];

function selects(expression: string, known: Known, place: Place = "device-policy"): boolean {
  const predicate = readExpression(expression);
  checkPredicate(predicate, place);
  return compileMatcher(predicate)(subject(known));
}

function refusal(expression: string, place: Place = "device-policy"): string {
  try {
    checkPredicate(readExpression(expression), place);
  } catch (error) {
    assert.ok(error instanceof SelectorError, String(error));
    return `${error.at}: ${error.message}`;
  }
  return "";
}

describe("a match expression", () => {
  it("means what configurations of Cloudflare's mean by it", () => {
    const ada = {
      "identity.email": "test@cloudflare.com",
      "identity.groups.name": ["developers", "finance", "All Company"],
      "identity.groups.id": ["12jf495bhjd7893ml09o"],
      "identity.saml_attributes": ["group=finance", "groups=infra_admin"],
      "os.name": "Windows",
      "os.version": "10.15",
      network: "Austin office",
    };
    for (const expression of [
      'identity.email == "test@cloudflare.com"',
      'identity.email in {"jdoe@example.com"} or any(identity.groups.name[*] in {"developers" "admin"}) and os.name == "windows"',
      'any(identity.groups.id[*] in {"12jf495bhjd7893ml09o"})',
      'identity.groups.id == "12jf495bhjd7893ml09o"',
      String.raw`identity.groups.name == "\"finance\""`,
      String.raw`identity.saml_attributes == "\"group=finance\""`,
      'any(identity.saml_attributes[*] in {"groups=infra_admin"}) or any(identity.saml_attributes[*] in {"groups=contractors"})',
      'os.name in {"windows" "mac"}',
      'os.name == "Windows"',
      'os.version == "10.15.0"',
      'network == "Austin office"',
      'any(identity.groups.name[*] in {"All Company"})\n  or identity.email == "non_identity@team.cloudflareaccess.com"',
    ])
      assert.ok(selects(expression, ada), expression);
    assert.ok(selects('os.name == "mac"', { "os.name": "darwin" }));
    assert.ok(!selects('identity.service_token_uuid == "f174e90a-fafe-4643-bbbc-4a0ed4fc8415"', ada));
  });

  it("binds `and` tighter than `or`, and `not` tighter than both", () => {
    const known = { network: "a", "device.id": "b" };
    assert.ok(selects('network == "a" or network == "x" and device.id == "x"', known));
    assert.ok(!selects('(network == "a" or network == "x") and device.id == "x"', known));
    assert.ok(selects('not network == "x" and device.id == "b"', known));
    assert.ok(selects('!(network == "x" && device.id == "b") || network == "y"', known));
  });

  it("is false of what is not known, `!=` too, and `not` turns that round", () => {
    assert.ok(!selects('network == "a"', {}));
    assert.ok(!selects('network != "a"', {}));
    assert.ok(selects('not (network == "a")', {}));
    assert.ok(!selects('identity.groups.name != "a"', {}));
    assert.ok(selects('identity.groups.name != "a"', { "identity.groups.name": ["b"] }));
  });

  it("compares versions part by part and numbers as numbers", () => {
    const known = {
      "device.client_version": "2026.10.1.0",
      "device.bucket": 9.5,
      "os.version": "Darwin 23.4",
    };
    assert.ok(selects('device.client_version > "2026.9.300"', known));
    assert.ok(selects('device.client_version == "2026.10.1"', known));
    assert.ok(selects('os.version >= "23.4.0" and os.version < "23.10"', known));
    assert.ok(selects("device.bucket < 10", known));
    assert.ok(!selects("device.bucket < 9", known));
  });

  it("asks for labels by their key", () => {
    assert.ok(selects('device.labels["a\\"b"] == "x"', { 'device.labels["a\\"b"]': "x" }));
  });

  it("that is empty is nobody", () => {
    assert.ok(!selects(" \n", { network: "a" }));
  });

  for (const [expression, expected] of [
    ['user.identity == "a"', /^1: there is no field user.identity; there are identity.email,/],
    ["network ==", /^11: expected a value.*got the end$/],
    ['network = "a"', /^9: expected a field, a value or an operator, got "="$/],
    ['network == "a', /^12: this text has no closing quote$/],
    [String.raw`network == "a\n"`, /^14: expected \\" or \\\\ behind a backslash$/],
    ['network == "a" network', /^16: expected and, or, or the end, got "network"$/],
    ['(network == "a"', /^16: expected \), got the end$/],
    ["network in {}", /^1: expected at least one value behind network in$/],
    ['network < "a"', /^1: network has no order/],
    ["network == 1", /^1: network: expected a text in quotes, got 1$/],
    ['device.bucket < "1"', /^1: device.bucket: expected a number, got "1"$/],
    ['os.version == "x"', /^1: os.version: expected a version in quotes/],
    ['any(network[*] == "a")', /^5: network is no list/],
    ['any(identity.groups.name == "a")', /^26: expected \[\*\], got "=="$/],
    ['network matches "a.*"', /^9: expected an operator .*got "matches"$/],
    ["device.labels[x] == 1", /^15: expected a label's name in quotes, got "x"$/],
    ["toString == 1", /^1: there is no field toString/],
  ] as const)
    it(`is refused with the place of the fault: ${expression}`, () => {
      assert.match(refusal(expression), expected);
    });

  it("may not ask for device groups where it makes one", () => {
    assert.match(refusal('device.groups == "a"', "device-group"), /^1: device.groups can't be asked/);
    assert.match(refusal('any(device.group_ids[*] in {"a"})', "device-group"), /can't be asked/);
    assert.equal(refusal('any(device.groups[*] in {"a"})'), "");
  });

  it("has a greatest length and depth, and hostile ones cost no more than their length", () => {
    assert.match(refusal("(".repeat(lengthMax)), /^52: expected at most 50 parentheses/);
    assert.match(refusal("not ".repeat(900)), /expected at most 50/);
    assert.match(refusal(" ".repeat(lengthMax + 1)), /expected at most 4000 characters/);
    const many = Array.from({ length: 190 }, () => "device.bucket<1").join(" or ");
    assert.ok(!selects(many, { "device.bucket": 1 }));
    const set = Array.from({ length: 900 }, (_, index) => `"${index % 10}"`).join(" ");
    assert.ok(selects(`any(identity.groups.id[*] in {${set}})`, { "identity.groups.id": ["9"] }));
  });
});

describe("rules and labels", () => {
  const read = (rules: readonly Rule[], labels = {}) => readRules(rules, labels);
  const holds = (rules: readonly Rule[], known: Known, labels = {}) => {
    const predicate = read(rules, labels);
    assert.ok("kind" in predicate, JSON.stringify(predicate));
    return compileMatcher(predicate)(subject(known));
  };

  it("must all hold", () => {
    const rules = [
      { field: "platform", operator: "in", value: "ios, Android" },
      { field: "ram_gb", operator: "gte", value: "4" },
    ];
    const known = { "device.platform": "android", "device.ram_gb": 4, 'device.labels["site"]': "berlin" };
    assert.ok(holds(rules, known));
    assert.ok(holds(rules, known, { site: "berlin" }));
    assert.ok(!holds(rules, known, { site: "Berlin" }));
    assert.ok(!holds(rules, { "device.platform": "android" }));
  });

  it("fold what the contract folds, and nothing else", () => {
    assert.ok(holds([{ field: "region", operator: "eq", value: "EU" }], { "device.region": "eu" }));
    assert.ok(!holds([{ field: "model", operator: "eq", value: "X" }], { "device.model": "x" }));
  });

  it("that are none mean nobody", () => {
    assert.ok(!holds([], { network: "a" }));
  });

  it("are refused by their number and member", () => {
    for (const [rule, member] of [
      [{ field: "toString", operator: "eq", value: "a" }, "field"],
      [{ field: "model", operator: "neq", value: "a" }, "operator"],
      [{ field: "model", operator: "toString", value: "a" }, "operator"],
      [{ field: "model", operator: "eq", value: 1 }, "value"],
      [{ field: "model", operator: "in", value: [] }, "value"],
      [{ field: "ram_gb", operator: "gt", value: "" }, "value"],
      [{ field: "gpu_available", operator: "eq", value: "yes" }, "value"],
    ] as const) {
      const fault = read([{ field: "model", operator: "eq", value: "a" }, rule]);
      assert.ok(!("kind" in fault), JSON.stringify(rule));
      assert.deepEqual([fault.rule, fault.member], [1, member]);
    }
  });
});

describe("a version's key", () => {
  it("sorts as its parts do, and knows no zeros at the end", () => {
    const inOrder = ["0", "1", "1.0.1", "1.2", "1.10", "2", "2026.9.1", "2026.10.0.1", "99999999999999"];
    const keys = inOrder.map((version) => versionKey(version) as string);
    assert.deepEqual([...keys].sort(), keys);
    assert.equal(versionKey("v1.2.0.0-beta3"), versionKey("Release 01.2"));
    assert.equal(versionKey("none"), undefined);
  });
});

describe("random expressions", () => {
  const texts = ["a", "A", "b", '"a"', "\\", ""];
  const anyTest = fc.oneof(
    fc.record({
      field: fc.constantFrom("network", "device.id", "os.name"),
      comparison: fc.constantFrom("==", "!="),
      value: fc.constantFrom(...texts),
    }),
    fc.record({
      field: fc.constant("device.bucket"),
      comparison: fc.constantFrom("==", "!=", "<", "<=", ">", ">="),
      value: fc.constantFrom(0, 1, 2),
    }),
  );
  type Tree =
    | { test: { field: string; comparison: string; value: string | number } }
    | { join: "and" | "or"; parts: Tree[] }
    | { not: Tree };
  const { tree: anyTree } = fc.letrec<{ tree: Tree }>((tie) => ({
    tree: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      anyTest.map((test): Tree => ({ test })),
      fc
        .tuple(
          fc.constantFrom("and" as const, "or" as const),
          fc.array(tie("tree"), { minLength: 2, maxLength: 3 }),
        )
        .map(([join, parts]): Tree => ({ join, parts })),
      tie("tree").map((not): Tree => ({ not })),
    ),
  }));
  const anyDevice = fc.record(
    {
      network: fc.constantFrom(...texts),
      "device.id": fc.constantFrom(...texts),
      "os.name": fc.constantFrom("a", "A"),
      "device.bucket": fc.constantFrom(0, 1, 2),
    },
    { requiredKeys: [] },
  );

  function printed(tree: Tree): string {
    if ("test" in tree) {
      const { field, comparison, value } = tree.test;
      const quoted = typeof value === "number" ? value : `"${value.replace(/["\\]/g, "\\$&")}"`;
      return `${field} ${comparison} ${quoted}`;
    }
    if ("not" in tree) return `not (${printed(tree.not)})`;
    return tree.parts.map((part) => `(${printed(part)})`).join(` ${tree.join} `);
  }

  function plainly(tree: Tree, device: Known): boolean {
    if ("not" in tree) return !plainly(tree.not, device);
    if ("join" in tree)
      return tree.join === "and"
        ? tree.parts.every((part) => plainly(part, device))
        : tree.parts.some((part) => plainly(part, device));
    const { field, comparison, value } = tree.test;
    let known = device[field] as string | number | undefined;
    if (known === undefined) return false;
    let wanted: string | number = value;
    if (field === "os.name")
      [known, wanted] = [String(known).toLowerCase(), String(wanted).toLowerCase().trim()];
    return {
      "==": known === wanted,
      "!=": known !== wanted,
      "<": known < wanted,
      "<=": known <= wanted,
      ">": known > wanted,
      ">=": known >= wanted,
    }[comparison] as boolean;
  }

  it("are decided as a plain reading of their tree", () => {
    fc.assert(
      fc.property(anyTree, anyDevice, (tree, device) => {
        fc.pre(printed(tree).length < lengthMax);
        assert.equal(selects(printed(tree), device), plainly(tree, device), printed(tree));
      }),
      { numRuns: 5000, seed: 20260 },
    );
  });

  it("of any characters are read or refused with a place in them", () => {
    const pieces = fc.constantFrom(
      "network",
      "==",
      '"',
      "\\",
      "(",
      ")",
      "not",
      "any",
      "[*]",
      "in",
      "{",
      "}",
      " ",
      "é",
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
        const expression = parts.join(" ");
        let predicate: Predicate | undefined;
        try {
          predicate = readExpression(expression);
        } catch (error) {
          assert.ok(error instanceof SelectorError && error.at >= 1 && error.at <= expression.length + 1);
        }
        if (predicate) compileMatcher(predicate)(subject({}));
      }),
      { numRuns: 3000, seed: 20260 },
    );
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkPredicate, type Place } from "./check.ts";
import { compileMatcher, type Subject } from "./closure.ts";
import { lengthMax, readExpression } from "./expression.ts";
import type { Field } from "./field.ts";
import { SelectorError } from "./predicate.ts";
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

describe("a version's key", () => {
  it("sorts as its parts do, and knows no zeros at the end", () => {
    const inOrder = ["0", "1", "1.0.1", "1.2", "1.10", "2", "2026.9.1", "2026.10.0.1", "99999999999999"];
    const keys = inOrder.map((version) => versionKey(version) as string);
    assert.deepEqual([...keys].sort(), keys);
    assert.equal(versionKey("v1.2.0.0-beta3"), versionKey("Release 01.2"));
    assert.equal(versionKey("none"), undefined);
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { compileMatcher, type Subject } from "./closure.ts";
import type { Field } from "./field.ts";
import { type Rule, readRules } from "./rules.ts";

type Known = Readonly<Record<string, string | number | boolean | readonly string[]>>;

const subject =
  (known: Known): Subject =>
  ({ name }: Field) =>
    known[name];

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

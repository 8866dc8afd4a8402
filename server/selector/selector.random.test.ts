import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { checkPredicate } from "./check.ts";
import { compileMatcher, type Subject } from "./closure.ts";
import { lengthMax, readExpression } from "./expression.ts";
import type { Field } from "./field.ts";
import { type Predicate, SelectorError } from "./predicate.ts";

type Known = Readonly<Record<string, string | number | boolean | readonly string[]>>;

const subject =
  (known: Known): Subject =>
  ({ name }: Field) =>
    known[name];

function selects(expression: string, known: Known): boolean {
  const predicate = readExpression(expression);
  checkPredicate(predicate, "device-policy");
  return compileMatcher(predicate)(subject(known));
}

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

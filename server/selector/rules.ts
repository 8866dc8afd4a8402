import { type Field, fieldNamed, labelField } from "./field.ts";
import type { Comparison, Predicate, Test, Value } from "./predicate.ts";

/** A rule as it is sent: a field, an operator and a value; all rules of a group must hold. */
export type Rule = { readonly field: string; readonly operator: string; readonly value: unknown };

/** What is wrong with a rule: its number, the member that is wrong, and what was expected there. */
export type RuleFault = {
  readonly rule: number;
  readonly member: "field" | "operator" | "value";
  readonly expected: string;
};

const comparisons: Readonly<Record<string, Comparison | "in">> = {
  eq: "==",
  neq: "!=",
  in: "in",
  gt: ">",
  gte: ">=",
  lt: "<",
  lte: "<=",
};

/** The fields that rules know, what they are in match expressions, and the operators that each takes. */
const known: Readonly<Record<string, { readonly name: string; readonly operators: readonly string[] }>> = {
  platform: { name: "device.platform", operators: ["eq", "neq", "in"] },
  os_version: { name: "os.version", operators: ["eq", "gte", "lte", "gt", "lt"] },
  locale: { name: "device.locale", operators: ["eq", "in"] },
  region: { name: "device.region", operators: ["eq", "in"] },
  manufacturer: { name: "device.manufacturer", operators: ["eq", "in"] },
  model: { name: "device.model", operators: ["eq", "in"] },
  sdk_version: { name: "device.sdk_version", operators: ["eq", "gte", "lte"] },
  app_version: { name: "device.app_version", operators: ["eq", "gte", "lte"] },
  ram_gb: { name: "device.ram_gb", operators: ["gte", "lte", "gt", "lt"] },
  gpu_available: { name: "device.gpu_available", operators: ["eq"] },
  npu_available: { name: "device.npu_available", operators: ["eq"] },
};

/**
 * Reads rules and labels, which must all hold, as a predicate. None at all is nobody. The `at` of its tests is the
 * number of the rule from 1; labels come behind the rules.
 */
export function readRules(
  rules: readonly Rule[],
  labels: Readonly<Record<string, string>>,
): Predicate | RuleFault {
  const parts: Test[] = [];
  for (const [index, rule] of rules.entries()) {
    const test = readRule(rule, index);
    if (!("kind" in test)) return test;
    parts.push(test);
  }
  for (const [key, value] of Object.entries(labels)) {
    const at = parts.length + 1;
    parts.push({ kind: "test", field: labelField(key), comparison: "==", values: [value], at });
  }
  return { kind: "all", parts };
}

function readRule({ field, operator, value }: Rule, index: number): Test | RuleFault {
  const fault = (member: RuleFault["member"], expected: string) => ({ rule: index, member, expected });
  const rule = Object.hasOwn(known, field) ? known[field] : undefined;
  if (!rule) return fault("field", `one of ${Object.keys(known).join(", ")}`);
  const comparison = rule.operators.includes(operator) ? comparisons[operator] : undefined;
  if (!comparison) return fault("operator", `${field} takes ${rule.operators.join(", ")}`);
  const asked = fieldNamed(rule.name) as Field;
  const values = valuesOf(value, comparison);
  const typed = values?.map((each) => typedAs(asked, each));
  if (!typed || typed.length === 0 || typed.includes(undefined))
    return fault("value", comparison === "in" ? `a list of ${said(asked)}` : said(asked));
  return { kind: "test", field: asked, comparison, values: typed as Value[], at: index + 1 };
}

/** A list may also be one text with commas, as command lines write it. */
function valuesOf(value: unknown, comparison: Test["comparison"]): readonly unknown[] | undefined {
  if (comparison !== "in") return [value];
  if (typeof value === "string") return value.split(",").map((part) => part.trim());
  return Array.isArray(value) ? value : undefined;
}

/** Command lines know only texts: numbers and truths may be written as such. */
function typedAs({ type }: Field, value: unknown): Value | undefined {
  if (type === "flag") {
    if (typeof value === "boolean") return value;
    return value === "true" ? true : value === "false" ? false : undefined;
  }
  if (type === "number") {
    const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
    return typeof number === "number" && Number.isFinite(number) ? number : undefined;
  }
  if (type === "version" && typeof value === "number") return String(value);
  return typeof value === "string" && value !== "" ? value : undefined;
}

function said({ type }: Field): string {
  if (type === "flag") return "true or false";
  if (type === "number") return "a number";
  return type === "version" ? 'a version such as "10.15"' : "a text";
}

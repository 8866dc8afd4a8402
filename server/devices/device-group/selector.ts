import { invalid } from "../../failure.ts";
import { checkPredicate } from "../../selector/check.ts";
import { compileMatcher, type Matcher } from "../../selector/closure.ts";
import { readExpression } from "../../selector/expression.ts";
import { type Predicate, SelectorError } from "../../selector/predicate.ts";
import { readRules } from "../../selector/rules.ts";
import type { GroupRules } from "./device-group.ts";

/**
 * Reads rules, labels and an expression, which must all hold, as one predicate. Nothing at all is nobody.
 *
 * @throws Failure `invalid` that points at the member under `pointer` which is not understood
 */
export function predicateOf(rules: GroupRules, pointer = "/auto_assignment_rules"): Predicate {
  const triples = readRules(rules.rules ?? [], rules.matchLabels ?? {});
  if (!("kind" in triples)) {
    const at = `${pointer}/rules/${triples.rule}/${triples.member}`;
    throw invalid(at, `${at.slice(1)}: expected ${triples.expected}`);
  }
  const parts = triples.kind === "all" ? [...triples.parts] : [triples];
  if (rules.expression !== undefined && rules.expression.trim() !== "")
    parts.push(expressionIn(rules.expression, `${pointer}/expression`));
  return { kind: "all", parts };
}

function expressionIn(expression: string, pointer: string): Predicate {
  try {
    const predicate = readExpression(expression);
    checkPredicate(predicate, "device-group");
    return predicate;
  } catch (error) {
    if (!(error instanceof SelectorError)) throw error;
    throw invalid(pointer, `${pointer.slice(1)}: at character ${error.at}: ${error.message}`);
  }
}

/** Whether rules ask anything at all. */
export function isEmpty({ rules = [], matchLabels = {}, expression = "" }: GroupRules): boolean {
  return rules.length === 0 && Object.keys(matchLabels).length === 0 && expression.trim() === "";
}

/** Rules as they are kept; those that were taken away mean nobody. */
export function keptRules(text: string): GroupRules {
  return (JSON.parse(text) as GroupRules | null) ?? {};
}

/** Compiled rules that are kept ready. */
const keptMax = 10_000;

const kept = new Map<string, Matcher>();

/** The function that kept rules compile to: always the same one for the same text, so it is made once. */
export function matcherOfRules(text: string): Matcher {
  const known = kept.get(text);
  if (known) return known;
  const matcher = compileMatcher(predicateOf(keptRules(text)));
  if (kept.size >= keptMax) kept.clear();
  kept.set(text, matcher);
  return matcher;
}

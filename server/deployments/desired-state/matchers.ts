import { compileMatcher, type Matcher } from "../../selector/closure.ts";
import { readExpression } from "../../selector/expression.ts";

/** Compiled expressions that are kept ready; an account has at most 1000. */
const keptMax = 10_000;

const kept = new Map<string, Matcher>();

/** The function that an expression compiles to: always the same one for the same text, so it is made once. */
export function matcherOf(expression: string): Matcher {
  const known = kept.get(expression);
  if (known) return known;
  const matcher = compileMatcher(readExpression(expression));
  if (kept.size >= keptMax) kept.clear();
  kept.set(expression, matcher);
  return matcher;
}

import { SelectorError } from "./predicate.ts";

/** One word of an expression; `at` counts characters from 1. */
export type Token = {
  readonly kind: "name" | "text" | "number" | "symbol" | "end";
  readonly text: string;
  readonly at: number;
};

const patterns: readonly (readonly [Token["kind"] | "space", RegExp])[] = [
  ["space", /\s+/y],
  ["name", /[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*/y],
  ["number", /-?\d+(?:\.\d+)?(?![\w.])/y],
  ["symbol", /\[\*\]|==|!=|<=|>=|&&|\|\||[<>!(){}[\],]/y],
];

/**
 * Cuts an expression into words, the last one being its end. Every character is looked at once.
 *
 * @throws SelectorError for a character that begins no word, or a text that does not end
 */
export function tokensOf(expression: string): Token[] {
  const tokens: Token[] = [];
  let from = 0;
  while (from < expression.length) {
    if (expression[from] === '"') {
      const { text, end } = quoted(expression, from);
      tokens.push({ kind: "text", text, at: from + 1 });
      from = end;
      continue;
    }
    const { kind, text } = wordAt(expression, from);
    if (kind !== "space") tokens.push({ kind, text, at: from + 1 });
    from += text.length;
  }
  tokens.push({ kind: "end", text: "", at: expression.length + 1 });
  return tokens;
}

function wordAt(expression: string, from: number): { kind: Token["kind"] | "space"; text: string } {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = from;
    const [text] = pattern.exec(expression) ?? [];
    if (text) return { kind, text };
  }
  const character = String.fromCodePoint(expression.codePointAt(from) ?? 0);
  throw new SelectorError(
    from + 1,
    `expected a field, a value or an operator, got ${JSON.stringify(character)}`,
  );
}

/** A text in quotes, in which `\"` is a quote and `\\` a backslash. */
function quoted(expression: string, from: number): { text: string; end: number } {
  let text = "";
  for (let at = from + 1; at < expression.length; at += 1) {
    const character = expression[at] as string;
    if (character === '"') return { text, end: at + 1 };
    if (character !== "\\") {
      text += character;
      continue;
    }
    const next = expression[at + 1];
    if (next !== '"' && next !== "\\")
      throw new SelectorError(at + 1, 'expected \\" or \\\\ behind a backslash');
    text += next;
    at += 1;
  }
  throw new SelectorError(from + 1, "this text has no closing quote");
}

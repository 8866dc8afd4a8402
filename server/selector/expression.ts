import { type Field, fieldNamed, fields, labelField } from "./field.ts";
import { type Token, tokensOf } from "./lexer.ts";
import { type Comparison, type Predicate, SelectorError, type Test, type Value } from "./predicate.ts";

/** Characters that one expression can have. */
export const lengthMax = 4000;

/** Parentheses and negations that can stand within each other. */
const depthMax = 50;

const comparisons = new Map<string, Comparison>([
  ["==", "=="],
  ["eq", "=="],
  ["!=", "!="],
  ["ne", "!="],
  ["<", "<"],
  ["lt", "<"],
  ["<=", "<="],
  ["le", "<="],
  [">", ">"],
  ["gt", ">"],
  [">=", ">="],
  ["ge", ">="],
]);

/**
 * Reads a match expression: the subset of Cloudflare's rules language
 * (https://developers.cloudflare.com/ruleset-engine/rules-language/) that device policies use. `and` binds tighter
 * than `or`; line ends are spaces. An empty expression is nobody. Takes time in proportion to the length.
 *
 * @throws SelectorError that points at the character which is not understood
 */
export function readExpression(expression: string): Predicate {
  if (expression.length > lengthMax)
    throw new SelectorError(lengthMax + 1, `expected at most ${lengthMax} characters`);
  const reader = new Reader(tokensOf(expression));
  if (reader.peek().kind === "end") return { kind: "any", parts: [] };
  const predicate = reader.either(0);
  const rest = reader.peek();
  if (rest.kind !== "end") throw unexpected(rest, "and, or, or the end");
  return predicate;
}

class Reader {
  #next = 0;
  readonly #tokens: readonly Token[];

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  peek(): Token {
    return this.#tokens[this.#next] as Token;
  }

  take(): Token {
    const token = this.peek();
    if (token.kind !== "end") this.#next += 1;
    return token;
  }

  takes(...texts: readonly string[]): boolean {
    const { kind, text } = this.peek();
    const fits = (kind === "symbol" || kind === "name") && texts.includes(text);
    if (fits) this.#next += 1;
    return fits;
  }

  expect(text: string): void {
    const token = this.peek();
    if (!this.takes(text)) throw unexpected(token, text);
  }

  either(depth: number): Predicate {
    const parts = [this.both(depth)];
    while (this.takes("or", "||")) parts.push(this.both(depth));
    return parts.length === 1 ? (parts[0] as Predicate) : { kind: "any", parts };
  }

  both(depth: number): Predicate {
    const parts = [this.one(depth)];
    while (this.takes("and", "&&")) parts.push(this.one(depth));
    return parts.length === 1 ? (parts[0] as Predicate) : { kind: "all", parts };
  }

  one(depth: number): Predicate {
    const { at } = this.peek();
    if (depth > depthMax)
      throw new SelectorError(at, `expected at most ${depthMax} parentheses and negations within each other`);
    if (this.takes("not", "!")) return { kind: "not", part: this.one(depth + 1) };
    if (this.takes("(")) {
      const inner = this.either(depth + 1);
      this.expect(")");
      return inner;
    }
    return this.takes("any") ? this.anyOf(at) : this.test(at);
  }

  anyOf(at: number): Test {
    this.expect("(");
    const token = this.peek();
    const field = this.field();
    if (field.type !== "list") throw new SelectorError(token.at, `${field.name} is no list: any() takes one`);
    this.expect("[*]");
    const test = this.comparing(field, at);
    this.expect(")");
    return test;
  }

  test(at: number): Test {
    return this.comparing(this.field(), at);
  }

  field(): Field {
    const token = this.take();
    if (token.kind !== "name") throw unexpected(token, "a field");
    if (token.text === "device.labels") return this.label();
    const field = fieldNamed(token.text);
    if (!field)
      throw new SelectorError(
        token.at,
        `there is no field ${token.text}; there are ${[...fields.keys()].join(", ")} and device.labels["…"]`,
      );
    return field;
  }

  label(): Field {
    this.expect("[");
    const key = this.take();
    if (key.kind !== "text") throw unexpected(key, "a label's name in quotes");
    this.expect("]");
    return labelField(key.text);
  }

  comparing(field: Field, at: number): Test {
    const operator = this.take();
    if (operator.kind === "name" && operator.text === "in")
      return { kind: "test", field, comparison: "in", values: this.set(), at };
    const comparison = comparisons.get(operator.text);
    if (!comparison || operator.kind === "text")
      throw unexpected(
        operator,
        `an operator (${field.type === "list" ? "==, in" : "==, !=, <, <=, >, >=, in"})`,
      );
    return { kind: "test", field, comparison, values: [this.value()], at };
  }

  set(): Value[] {
    this.expect("{");
    const values: Value[] = [];
    while (!this.takes("}")) values.push(this.value());
    return values;
  }

  value(): Value {
    const token = this.take();
    if (token.kind === "text") return token.text;
    if (token.kind === "number") return Number(token.text);
    if (token.kind === "name" && (token.text === "true" || token.text === "false"))
      return token.text === "true";
    throw unexpected(token, "a value: a text in quotes, a number, true or false");
  }
}

function unexpected({ kind, text, at }: Token, expected: string): SelectorError {
  const got = kind === "end" ? "the end" : JSON.stringify(text);
  return new SelectorError(at, `expected ${expected}, got ${got}`);
}

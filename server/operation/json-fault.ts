import { type Failure, invalid } from "../failure.ts";
import { aboutMember, pointerUnder } from "./pointer.ts";

/** What a JSON text is the whole of: messages name it so. */
export type JsonWhole = "body" | "line";

/**
 * Reads a JSON text from front to back and throws `invalid(pointer, message)` for its first fault: a mistake
 * in the grammar, a key that stands twice in one object, a key that could reach a prototype, a lone surrogate,
 * or a number that can't be kept. Answers if there is none. Linear, but slow: it builds nothing and is only
 * asked about texts that are suspicious already. Nesting has to be limited by whoever calls.
 */
export function refuseFaulty(text: string, what: JsonWhole = "body"): void {
  new FaultReader(text, what).document();
}

const numberShape = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const blank = /[ \t\n\r]*/y;
const word = /true|false|null/y;
const escapeSequence = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const unescaped = /[^"\\\u0000-\u001f]*/y;

class FaultReader {
  readonly #text: string;
  readonly #what: JsonWhole;
  readonly #path: (string | number)[] = [];
  #at = 0;

  constructor(text: string, what: JsonWhole) {
    this.#text = text;
    this.#what = what;
  }

  document(): void {
    this.#take(blank);
    this.#value();
    if (this.#at < this.#text.length) throw this.#unexpected(`the end of the ${this.#what}`);
  }

  /** Reads one value and the blanks behind it. */
  #value(): void {
    const first = this.#text[this.#at];
    if (first === "{") this.#object();
    else if (first === "[") this.#list();
    else if (first === '"') this.#checkString(this.#string());
    else if (!this.#number() && this.#take(word) === undefined) throw this.#unexpected("a value");
    this.#take(blank);
  }

  #object(): void {
    const seen = new Set<string>();
    this.#symbol("{");
    if (this.#passes("}")) return;
    do this.#member(seen);
    while (this.#passes(","));
    if (!this.#passes("}")) throw this.#unexpected('"," or "}"');
  }

  #member(seen: Set<string>): void {
    if (this.#text[this.#at] !== '"') throw this.#unexpected("a member name in double quotes");
    const key = this.#string();
    this.#path.push(key);
    this.#checkString(key);
    if (key === "__proto__" || (key === "prototype" && this.#path.at(-2) === "constructor"))
      throw this.#wrong("not allowed as a member name");
    if (seen.has(key)) throw this.#wrong("stands twice in one object");
    seen.add(key);
    this.#take(blank);
    if (!this.#passes(":")) throw this.#unexpected('":"');
    this.#value();
    this.#path.pop();
  }

  #list(): void {
    this.#symbol("[");
    if (this.#passes("]")) return;
    let index = 0;
    do {
      this.#path.push(index);
      this.#value();
      this.#path.pop();
      index += 1;
    } while (this.#passes(","));
    if (!this.#passes("]")) throw this.#unexpected('"," or "]"');
  }

  /** Reads a string and answers what it means. */
  #string(): string {
    const start = this.#at;
    this.#at += 1;
    let plain = true;
    for (;;) {
      this.#take(unescaped);
      const next = this.#text[this.#at];
      if (next === '"') break;
      if (next !== "\\")
        throw this.#unexpected(next === undefined ? "a closing quote" : "an escape sequence");
      plain = false;
      if (this.#take(escapeSequence) === undefined)
        throw this.#unexpected("an escape sequence that JSON knows");
    }
    this.#at += 1;
    return plain ? this.#text.slice(start + 1, this.#at - 1) : JSON.parse(this.#text.slice(start, this.#at));
  }

  #checkString(text: string): void {
    if (!text.isWellFormed()) throw this.#wrong("holds half of a surrogate pair");
  }

  #number(): boolean {
    const digits = this.#take(numberShape);
    if (digits === undefined) return false;
    const whole = !/[.eE]/.test(digits);
    if (Math.abs(Number(digits)) > (whole ? Number.MAX_SAFE_INTEGER : Number.MAX_VALUE))
      throw this.#wrong("a number too large to be kept exactly");
    return true;
  }

  /** Steps over a character that is known to be there, and the blanks behind it. */
  #symbol(character: string): void {
    this.#at += character.length;
    this.#take(blank);
  }

  #passes(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#symbol(character);
    return true;
  }

  /** Reads what the pattern matches right here; `undefined` where it does not match. */
  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const taken = pattern.exec(this.#text)?.[0];
    this.#at += taken?.length ?? 0;
    return taken;
  }

  #wrong(problem: string): Failure {
    const pointer = this.#path.reduce<string>(pointerUnder, "");
    return invalid(pointer, aboutMember(pointer, problem));
  }

  #unexpected(expected: string): Failure {
    const character = this.#text.codePointAt(this.#at);
    const came = character === undefined ? "the end" : JSON.stringify(String.fromCodePoint(character));
    const before = this.#text.slice(0, this.#at);
    const column = this.#at - before.lastIndexOf("\n");
    const line = before.split("\n").length;
    const place = this.#what === "line" ? `column ${column}` : `line ${line}, column ${column}`;
    return invalid("", `malformed JSON at ${place}: expected ${expected}, got ${came}`);
  }
}

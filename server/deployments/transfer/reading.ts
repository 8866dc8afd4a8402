import { isUtf8 } from "node:buffer";
import { lineBytesMax, type Raw } from "./line.ts";

/** Brackets in one line that may be open at the same time. */
const depthMax = 64;

/** The text of a line, by its number from 1; `null` for one that has too many bytes or is no UTF-8. */
export type Text = { readonly number: number; readonly text: string | null };

const newline = 0x0a;

/**
 * Cuts bytes into lines, those before `from` only counted. The lines of each piece that arrives come together. One that
 * is too long is read over, so that memory never holds more than a piece and a line.
 */
export async function* linesIn(bytes: AsyncIterable<Uint8Array>, from = 1): AsyncGenerator<readonly Text[]> {
  const cutter = new Cutter(from);
  for await (const piece of bytes) {
    const lines = cutter.cut(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength));
    if (lines.length > 0) yield lines;
  }
  const last = cutter.rest();
  if (last) yield [last];
}

class Cutter {
  readonly #from: number;
  #number = 1;
  #held: Buffer[] = [];
  #heldBytes = 0;

  constructor(from: number) {
    this.#from = from;
  }

  cut(piece: Buffer): Text[] {
    const lines: Text[] = [];
    let start = 0;
    for (let end = piece.indexOf(newline); end >= 0; end = piece.indexOf(newline, start)) {
      this.#hold(piece.subarray(start, end));
      const line = this.#take();
      if (line) lines.push(line);
      start = end + 1;
    }
    // A copy: what arrived may be much longer than what is left of it.
    this.#hold(Buffer.from(piece.subarray(start)));
    return lines;
  }

  rest(): Text | undefined {
    return this.#heldBytes > 0 ? this.#take() : undefined;
  }

  #hold(part: Buffer): void {
    this.#heldBytes += part.length;
    if (this.#heldBytes > lineBytesMax + 1) this.#held = [];
    else if (part.length > 0 && this.#number >= this.#from) this.#held.push(part);
  }

  #take(): Text | undefined {
    const number = this.#number++;
    const [parts, size] = [this.#held, this.#heldBytes];
    this.#held = [];
    this.#heldBytes = 0;
    if (number < this.#from) return undefined;
    const bytes = parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
    const end = bytes.at(-1) === 0x0d ? bytes.length - 1 : bytes.length;
    if (size > lineBytesMax + 1 || end > lineBytesMax || !isUtf8(bytes)) return { number, text: null };
    const start = number === 1 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
    return { number, text: bytes.toString("utf8", start, end) };
  }
}

/** Reads lines of JSON; blank ones say nothing and are left out. */
export function readJsonLines(lines: readonly Text[]): Raw[] {
  return lines.flatMap(({ number, text }): Raw[] => {
    if (text === null)
      return [{ number, field: "", message: `expected UTF-8 of at most ${lineBytesMax} bytes` }];
    if (text.trim() === "") return [];
    if (isDeep(text))
      return [{ number, field: "", message: `expected JSON nested at most ${depthMax} levels deep` }];
    try {
      return [{ number, value: JSON.parse(text) }];
    } catch {
      return [{ number, field: "", message: "expected a JSON object" }];
    }
  });
}

/** Counts brackets in texts, too: who has so many of them open in one may do without. */
function isDeep(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x7b || code === 0x5b) {
      depth++;
      if (depth > depthMax) return true;
    } else if (code === 0x7d || code === 0x5d) depth--;
  }
  return false;
}

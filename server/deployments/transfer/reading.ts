import { isUtf8 } from "node:buffer";
import { parseJson } from "../../operation/json.ts";
import { faultOf, lineBytesMax, type Raw } from "./line.ts";

/** The UTF-8 of a line, by its number from 1; `null` for one that has too many bytes or is no UTF-8. */
export type Bytes = { readonly number: number; readonly bytes: Buffer | null };

/** How far bytes were cut into lines: the number of the last one, 0 where there is none. */
export type Reached = { last: number };

const newline = 0x0a;

/**
 * Cuts bytes into lines, those before `from` only counted. The lines of each piece that arrives come together. One that
 * is too long is read over, so that memory never holds more than a piece and a line.
 */
export async function* linesIn(
  bytes: AsyncIterable<Uint8Array>,
  from = 1,
  reached: Reached = { last: 0 },
): AsyncGenerator<readonly Bytes[]> {
  const cutter = new Cutter(from);
  for await (const piece of bytes) {
    const lines = cutter.cut(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength));
    reached.last = cutter.last;
    if (lines.length > 0) yield lines;
  }
  const last = cutter.rest();
  reached.last = cutter.last;
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

  /** The number of the last line that ended. */
  get last(): number {
    return this.#number - 1;
  }

  cut(piece: Buffer): Bytes[] {
    const lines: Bytes[] = [];
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

  rest(): Bytes | undefined {
    return this.#heldBytes > 0 ? this.#take() : undefined;
  }

  #hold(part: Buffer): void {
    this.#heldBytes += part.length;
    if (this.#heldBytes > lineBytesMax + 1) this.#held = [];
    else if (part.length > 0 && this.#number >= this.#from) this.#held.push(part);
  }

  #take(): Bytes | undefined {
    const number = this.#number++;
    const [parts, size] = [this.#held, this.#heldBytes];
    this.#held = [];
    this.#heldBytes = 0;
    if (number < this.#from) return undefined;
    const bytes = parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
    const end = bytes.at(-1) === 0x0d ? bytes.length - 1 : bytes.length;
    if (size > lineBytesMax + 1 || end > lineBytesMax || !isUtf8(bytes)) return { number, bytes: null };
    const start = number === 1 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
    return { number, bytes: bytes.subarray(start, end) };
  }
}

/** Reads lines of JSON by the rules for whole bodies; blank ones say nothing and are left out. */
export function readJsonLines(lines: readonly Bytes[]): Raw[] {
  const read: Raw[] = [];
  for (const { number, bytes } of lines) {
    if (bytes === null)
      read.push({ number, field: "", message: `expected UTF-8 of at most ${lineBytesMax} bytes` });
    else if (!isBlank(bytes)) read.push(readJson(number, bytes));
  }
  return read;
}

function readJson(number: number, bytes: Buffer): Raw {
  try {
    return { number, value: parseJson(bytes, "line") };
  } catch (error) {
    const { field = "", message = "" } = faultOf(error);
    return { number, field, message };
  }
}

function isBlank(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d));
}

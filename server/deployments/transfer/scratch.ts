import { hash } from "node:crypto";
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Keys that are kept in memory before they are put aside; each takes 16 bytes of a table that is at most half full. */
const keptMax = 1 << 17;

/** Bits of the filter in front of keys that were put aside, for each of them: one in a hundred is looked for in vain. */
const filterBits = 10;

/** How many places of the filter each key has. */
const filterPlaces = 4;

/** Bytes of one key with its number: two halves of its hash, the number in two halves. */
const entryBytes = 16;

type Run = { readonly at: number; readonly filter: Uint32Array };

/**
 * A map from texts to whole numbers from 0 to 2^53, of any size, in as good as constant memory: beyond some hundred
 * thousand keys they go to a temporary file. Keys are told apart by 64 bits of their hash. Keys are never taken out.
 */
export class Scratch {
  #table = new Uint32Array((keptMax * 2 * entryBytes) / 4);
  #kept = 0;
  readonly #runs: Run[] = [];
  #file: number | undefined;
  #folder: string | undefined;
  readonly #entry = new Uint32Array(entryBytes / 4);
  readonly #keptMax: number;

  /** `max` keys stay in memory: a power of two. */
  constructor(max = keptMax) {
    this.#keptMax = max;
    this.#table = new Uint32Array((max * 2 * entryBytes) / 4);
  }

  /** The number that was last put under a key, or undefined. */
  get(key: string): number | undefined {
    const [high, low] = hashOf(key);
    const place = this.#placeOf(this.#table, high, low);
    if (this.#table[place + 3] !== 0) return numberIn(this.#table, place);
    for (let index = this.#runs.length - 1; index >= 0; index--) {
      const run = this.#runs[index] as Run;
      if (!mayHold(run.filter, high, low)) continue;
      const found = this.#lookIn(run, high, low);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Puts a number under a key, in the place of another. */
  put(key: string, number: number): void {
    const [high, low] = hashOf(key);
    const place = this.#placeOf(this.#table, high, low);
    if (this.#table[place + 3] === 0) this.#kept++;
    this.#table[place] = high;
    this.#table[place + 1] = low;
    this.#table[place + 2] = number >>> 0;
    // The lowest bit says that the place is taken.
    this.#table[place + 3] = Math.floor(number / 0x1_0000_0000) * 2 + 1;
    if (this.#kept >= this.#keptMax) this.#putAside();
  }

  /** Removes the file, where there is one. */
  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
    this.#file = undefined;
    this.#folder = undefined;
  }

  #slots(): number {
    return this.#keptMax * 2;
  }

  #placeOf(table: Uint32Array, high: number, low: number): number {
    const slots = this.#slots();
    let slot = high % slots;
    for (;;) {
      const place = slot * 4;
      if (table[place + 3] === 0) return place;
      if (table[place] === high && table[place + 1] === low) return place;
      slot = (slot + 1) % slots;
    }
  }

  #putAside(): void {
    this.#folder ??= mkdtempSync(join(tmpdir(), "flotilla-import-"));
    this.#file ??= openSync(join(this.#folder, "keys"), "w+", 0o600);
    const at = this.#runs.length * this.#table.byteLength;
    writeSync(this.#file, this.#table, 0, this.#table.byteLength, at);
    this.#runs.push({ at, filter: filterOf(this.#table, this.#kept) });
    this.#table.fill(0);
    this.#kept = 0;
  }

  #lookIn({ at }: Run, high: number, low: number): number | undefined {
    const slots = this.#slots();
    let slot = high % slots;
    for (;;) {
      readSync(this.#file as number, this.#entry, 0, entryBytes, at + slot * entryBytes);
      if (this.#entry[3] === 0) return undefined;
      if (this.#entry[0] === high && this.#entry[1] === low) return numberIn(this.#entry, 0);
      slot = (slot + 1) % slots;
    }
  }
}

function hashOf(key: string): readonly [number, number] {
  const bytes = hash("sha256", key, "buffer");
  return [bytes.readUInt32LE(0), bytes.readUInt32LE(4)];
}

function numberIn(table: Uint32Array, place: number): number {
  const [low = 0, high = 0] = [table[place + 2], table[place + 3]];
  return (high >>> 1) * 0x1_0000_0000 + low;
}

function filterOf(table: Uint32Array, count: number): Uint32Array {
  const filter = new Uint32Array(Math.ceil((count * filterBits) / 32));
  for (let place = 0; place < table.length; place += 4) {
    if (table[place + 3] === 0) continue;
    forEachBit(filter, table[place] as number, table[place + 1] as number, (word, bit) => {
      filter[word] = (filter[word] as number) | bit;
      return true;
    });
  }
  return filter;
}

function mayHold(filter: Uint32Array, high: number, low: number): boolean {
  return forEachBit(filter, high, low, (word, bit) => ((filter[word] as number) & bit) !== 0);
}

/** Each key's bits, until one is answered with false. */
function forEachBit(
  filter: Uint32Array,
  high: number,
  low: number,
  look: (word: number, bit: number) => boolean,
): boolean {
  const bits = filter.length * 32;
  for (let index = 0; index < filterPlaces; index++) {
    const at = (low + index * ((high | 1) >>> 0)) % bits;
    if (!look(at >>> 5, 1 << (at & 31))) return false;
  }
  return true;
}

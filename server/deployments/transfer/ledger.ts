import type { Scratch } from "./scratch.ts";

/**
 * What the lines of an import were about so far. What a chunk adds counts at once, but is kept only when the chunk is:
 * its transaction may be undone and made again.
 */
export class Ledger {
  readonly #scratch: Scratch;
  #added = new Map<string, number>();

  /** Keeps in `scratch`, which its maker closes. */
  constructor(scratch: Scratch) {
    this.#scratch = scratch;
  }

  /** Begins a chunk anew: what was added and not kept is forgotten. */
  begin(): void {
    this.#added.clear();
  }

  /** Keeps what the chunk added. */
  keep(): void {
    for (const [key, number] of this.#added) this.#scratch.put(key, number);
    this.#added.clear();
  }

  /** The number under a key, or undefined. */
  get(key: string): number | undefined {
    return this.#added.get(key) ?? this.#scratch.get(key);
  }

  /** Whether there is anything under a key. */
  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  /** Puts a whole number under a key. */
  put(key: string, number: number): void {
    this.#added.set(key, number);
  }
}

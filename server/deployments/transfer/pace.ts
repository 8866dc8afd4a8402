/** Milliseconds that a chunk should hold the writer, its commit included: others wait for it. */
const goalMs = 40;

/** How much of a chunk, 1 being the usual one, there may be at least and at most. */
const bounds = { least: 1 / 8, most: 2 };

/** How large chunks are: as much as can be done in the time that others can wait for. */
export class Pace {
  #size = 1 / 2;

  /** What the shares of the lines of a chunk may come to. */
  get size(): number {
    return this.#size;
  }

  /** Tells how long a chunk took, in milliseconds, whose lines' shares came to `share`. */
  took(ms: number, share: number): void {
    if (share < this.#size / 2) return;
    const factor = Math.min(Math.max(goalMs / Math.max(ms, 1), 0.5), 1.25);
    this.#size = Math.min(Math.max(this.#size * factor, bounds.least), bounds.most);
  }
}

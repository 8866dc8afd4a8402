/** Mulberry32, a small generator of numbers from 0 to 1 that repeat for a seed. */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One of some items. */
export function pick<Item>(items: readonly Item[], random: () => number): Item {
  return items[Math.floor(random() * items.length)] as Item;
}

/** From so many to so many of some items; one may come twice. */
export function some<Item>(items: readonly Item[], from: number, to: number, random: () => number): Item[] {
  return Array.from({ length: from + Math.floor(random() * (to - from + 1)) }, () => pick(items, random));
}

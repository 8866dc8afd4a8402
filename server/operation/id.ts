import { randomBytes as nodeRandomBytes } from "node:crypto";

/** Tells the time in integer microseconds since the epoch. */
export interface Clock {
  /**
   * Never smaller than what any earlier call answered: while the machine's clock is set back, the last time
   * is answered until it has caught up. Two calls may answer the same time.
   */
  now(): number;
}

/** Makes new ids: all are UUIDv7 (RFC 9562), each greater than every earlier one of the same maker. */
export interface Ids {
  /** 32 lowercase hex digits. */
  hex(): string;
  /** A UUID as RFC 9562 prints it, lowercase. */
  uuid(): string;
  /** The prefix, `_` and 26 characters of lowercase Crockford base32. */
  prefixed(prefix: IdPrefix): string;
}

/** What the ids of device groups, devices and audit entries, and the handles of accounts begin with. */
export type IdPrefix = "grp" | "dev" | "evt" | "org";

/** Fills in randomness: answers exactly `size` bytes. */
export type RandomBytes = (size: number) => Uint8Array;

/**
 * Adds the microseconds that `Date.now` lacks. The steady clock gives them and is pulled to the wall clock's
 * millisecond whenever the two have drifted apart, so that setting the clock is followed at once.
 */
function finer(wholeMs: () => number, steadyMs: () => number): () => number {
  let offset = wholeMs() - steadyMs();
  return () => {
    const floor = wholeMs();
    const fine = steadyMs() + offset;
    if (fine < floor) offset += floor - fine;
    else if (fine >= floor + 1) offset -= fine - (floor + 0.999);
    return Math.min(Math.max(fine, floor), floor + 0.999);
  };
}

/** The wall clock in milliseconds with a fraction. */
const wallMs = finer(Date.now, () => performance.now());

/** Makes a clock; `nowMs` is where it reads the wall clock, in milliseconds, whole or not. */
export function makeClock(nowMs: () => number = wallMs): Clock {
  let last = 0;
  return {
    now() {
      last = Math.max(last, Math.floor(nowMs() * 1000));
      return last;
    },
  };
}

/** How many ids one draw of randomness serves: asking the system for each costs more than making the id. */
const idsPerDraw = 512;

/** Random bytes that one id takes: 4 for the counter's start, 6 for its tail. */
const randomPerId = 10;

/**
 * Makes an id maker. An id is 48 bits of milliseconds, a 30-bit counter (12 bits before the variant, 18
 * after it) and 44 random bits. The counter starts anew at a random place in its lower half in each
 * millisecond and goes up by one per id; should it run over, the ids' own time runs ahead by a millisecond.
 * The ids' time never goes back, whatever the clock does.
 */
export function makeIds(clock: Clock, randomBytes: RandomBytes = nodeRandomBytes): Ids {
  const next = makeNext(clock, randomBytes);
  return {
    hex: () => hexOf(next()),
    uuid: () => dashed(hexOf(next())),
    prefixed: (prefix) => `${prefix}_${base32Of(next())}`,
  };
}

function makeNext(clock: Clock, randomBytes: RandomBytes): () => Uint8Array {
  const id = new Uint8Array(16);
  let pool: Uint8Array = new Uint8Array(0);
  let at = 0;
  let ms = 0;
  let counter = 0;
  return () => {
    if (at + randomPerId > pool.length) [pool, at] = [randomBytes(idsPerDraw * randomPerId), 0];
    const now = Math.floor(clock.now() / 1000);
    const overflows = counter === 0x3fffffff;
    if (now > ms || overflows) {
      ms = Math.max(now, ms + 1);
      counter = counterStart(pool, at);
    } else counter += 1;
    write(id, ms, counter, pool, at + 4);
    at += randomPerId;
    return id;
  };
}

/** 29 random bits: the upper half of the counter's range stays free for counting. */
function counterStart(random: Uint8Array, at: number): number {
  const [a = 0, b = 0, c = 0, d = 0] = random.subarray(at, at + 4);
  return ((a & 0x1f) << 24) | (b << 16) | (c << 8) | d;
}

function write(id: Uint8Array, ms: number, counter: number, random: Uint8Array, at: number): void {
  const upper = Math.floor(ms / 0x10000);
  id[0] = upper >>> 24;
  id[1] = upper >>> 16;
  id[2] = upper >>> 8;
  id[3] = upper;
  id[4] = ms / 0x100;
  id[5] = ms;
  id[6] = 0x70 | (counter >>> 26);
  id[7] = counter >>> 18;
  id[8] = 0x80 | ((counter >>> 12) & 0x3f);
  id[9] = counter >>> 4;
  id[10] = ((counter & 0xf) << 4) | ((random[at] ?? 0) & 0xf);
  for (let i = 1; i < 6; i += 1) id[10 + i] = random[at + i] ?? 0;
}

function hexOf(id: Uint8Array): string {
  return id.toHex();
}

function dashed(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

const crockford = "0123456789abcdefghjkmnpqrstvwxyz";

/** 128 bits as 26 digits of 5 bits, two zero bits in front: sorts as the bytes do. */
function base32Of(id: Uint8Array): string {
  let text = "";
  let bits = 2;
  let rest = 0;
  for (const byte of id) {
    rest = (rest << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += crockford[(rest >>> bits) & 31];
    }
    rest &= (1 << bits) - 1;
  }
  return text;
}

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Clock, makeClock, makeIds } from "./id.ts";

const many = 200_000;

function ascending(texts: readonly string[]): void {
  const wrong = texts.findIndex((text, at) => at > 0 && text <= (texts[at - 1] as string));
  assert.equal(wrong, -1, `${texts[wrong - 1]} then ${texts[wrong]}`);
}

const make = (count: number, next: () => string) => Array.from({ length: count }, next);
const still = (us: number): Clock => ({ now: () => us });

describe("makeClock", () => {
  it("tells the wall clock's time in whole microseconds and never goes back", () => {
    const clock = makeClock();
    let last = 0;
    for (let count = 0; count < many; count += 1) {
      const now = clock.now();
      assert.ok(Number.isSafeInteger(now) && now >= last);
      last = now;
    }
    assert.ok(Math.abs(last / 1000 - Date.now()) < 60_000);
  });

  it("is finer than a millisecond", () => {
    const clock = makeClock();
    const seen = new Set<number>();
    const end = performance.now() + 20;
    while (performance.now() < end) seen.add(clock.now());
    assert.ok(seen.size > 100, `${seen.size} times in 20 ms`);
  });

  it("waits while the wall clock is behind", () => {
    const times = [1000, 1000.5, 400, 1000.4, 1000.7];
    const clock = makeClock(() => times.shift() ?? 0);
    assert.deepEqual(
      make(5, () => String(clock.now())),
      ["1000000", "1000500", "1000500", "1000500", "1000700"],
    );
  });
});

describe("makeIds", () => {
  it("makes UUIDv7 in three spellings", () => {
    const ids = makeIds(still(1_795_252_211_123_456));
    const stamp = (1_795_252_211_123).toString(16).padStart(12, "0");
    assert.match(ids.hex(), new RegExp(`^${stamp}7[0-9a-f]{3}[89ab][0-9a-f]{15}$`));
    assert.match(ids.uuid(), /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    for (const prefix of ["grp", "dev", "evt", "org"] as const)
      assert.match(ids.prefixed(prefix), new RegExp(`^${prefix}_[0-7][0-9abcdefghjkmnpqrstvwxyz]{25}$`));
  });

  it("spells the same 128 bits in every form", () => {
    const fixed = () => makeIds(still(1_795_252_211_123_456), (size) => new Uint8Array(size).fill(0xa5));
    const hex = fixed().hex();
    assert.equal(fixed().uuid().replaceAll("-", ""), hex);
    const digits = [...fixed().prefixed("dev").slice(4)].map((digit) =>
      "0123456789abcdefghjkmnpqrstvwxyz".indexOf(digit),
    );
    assert.equal(
      digits.reduce((sum, digit) => sum * 32n + BigInt(digit), 0n),
      BigInt(`0x${hex}`),
    );
    // By hand from the layout: 30 counter bits 0x05a5a5a5 around the version and the variant, then 44 random.
    assert.equal(hex, "01a1fd5ecdb371699a5a55a5a5a5a5a5");
  });

  it("makes ids that ascend in every spelling, on the real clock", () => {
    const ids = makeIds(makeClock());
    ascending(make(many, ids.hex));
    ascending(make(many, ids.uuid));
    ascending(make(many, () => ids.prefixed("dev")));
  });

  it("makes ids that ascend while the clock stands still or goes back", () => {
    ascending(make(many, makeIds(still(5_000_000)).hex));
    let us = 1_795_252_211_123_456;
    const ids = makeIds({ now: () => (us -= 700) });
    ascending(make(many, () => ids.prefixed("grp")));
  });

  it("makes ids that differ although two makers share one millisecond", () => {
    const made = [makeIds(still(5_000)), makeIds(still(5_000))].flatMap((ids) => make(1000, ids.hex));
    assert.equal(new Set(made).size, made.length);
  });

  it("uses every random bit it has", () => {
    const seen = make(2000, makeIds(makeClock()).hex).map((hex) => BigInt(`0x${hex.slice(20)}`));
    const once = seen.reduce((all, tail) => all | tail, 0n) & ((1n << 44n) - 1n);
    const always = seen.reduce((all, tail) => all & tail) & ((1n << 44n) - 1n);
    assert.deepEqual([once, always], [(1n << 44n) - 1n, 0n]);
  });
});

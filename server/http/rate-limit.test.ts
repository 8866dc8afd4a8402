import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { makeRateLimit } from "./rate-limit.ts";

describe("the windows of a rate limit", () => {
  it("are forgotten once they have ended, and not before", () => {
    let now = 5000;
    const standingOf = makeRateLimit({ requests: 3, windowS: 10 }, () => now);
    // The same, with every window kept for good.
    const plain = new Map<string, { ends: number; count: number }>();
    const expected = (credential: string) => {
      const known = plain.get(credential);
      const window = known && known.ends > now ? known : { ends: now + 10_000, count: 0 };
      plain.set(credential, window);
      return { count: ++window.count, resetS: Math.max(1, Math.ceil((window.ends - now) / 1000)) };
    };
    let state = 1;
    const random = (below: number) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    for (let call = 0; call < 20_000; call++) {
      now += random(50) === 0 ? random(40_000) : random(400);
      const credential = `device ${random(40)}`;
      const { count, resetS } = expected(credential);
      const told = standingOf(credential);
      assert.deepEqual([told.exceeded, told.resetS, told.retryAfterS], [count > 3, resetS, resetS]);
      assert.equal(told.remaining, Math.max(0, 3 - count));
    }
  });
});

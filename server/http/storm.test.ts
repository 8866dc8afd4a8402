import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { makeStormLimit } from "./storm.ts";

/** Numbers from 0 to below 1 that are the same in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

type Storm = { clients: number; withinMs: number; requests: number; latencyMs: number; gone?: number };

/**
 * Lets clients call for the first time, each at some instant of the first `withinMs`, and again whenever they were told
 * to, late by up to `latencyMs`; a share of `gone` never comes back. Answers when the last got in, how many got in in the
 * busiest second, and how many calls were made.
 */
function simulate({ clients, withinMs, requests, latencyMs, gone = 0 }: Storm) {
  let now = 0;
  const random = seeded(7);
  const standingOf = makeStormLimit({ requests, windowS: 1 }, () => now, random);
  // Calls by the millisecond that they arrive in.
  const calls: number[] = [];
  const call = (ms: number) => {
    calls[ms] = (calls[ms] ?? 0) + 1;
  };
  for (let client = 0; client < clients; client++) call(Math.floor(random() * withinMs));
  const passed: number[] = [];
  const told: number[] = [];
  let arrived = 0;
  for (let ms = 0; ms < calls.length; ms++) {
    now = ms;
    for (let left = calls[ms] ?? 0; left > 0; left--) {
      arrived++;
      const { exceeded, retryAfterS } = standingOf("fleet");
      if (!exceeded) passed.push(ms);
      else {
        told.push(retryAfterS);
        if (random() >= gone) call(ms + retryAfterS * 1000 + Math.floor(random() * latencyMs));
      }
    }
  }
  // A window begins with a call, so that two of them reach into any second of a calendar: any second at all may have
  // twice the limit, never more, and a window exactly the limit.
  const windows: number[] = [];
  let begin = Number.NEGATIVE_INFINITY;
  for (const ms of passed) {
    if (ms >= begin + 1000) {
      begin = ms;
      windows.push(0);
    }
    windows[windows.length - 1] = (windows.at(-1) ?? 0) + 1;
  }
  return {
    in: passed.length,
    lastS: (passed.at(-1) ?? 0) / 1000,
    busiest: Math.max(...windows),
    told,
    arrived,
  };
}

describe("a limit that a fleet shares", () => {
  it("lets 50 000 first calls in, never more at a time than it says, within three times the ideal", (context) => {
    const requests = 500;
    for (const withinMs of [1, 2000, 30_000]) {
      const storm = simulate({ clients: 50_000, withinMs, requests, latencyMs: 250 });
      const idealS = 50_000 / requests;
      context.diagnostic(
        `all at once within ${withinMs} ms: in after ${storm.lastS} s, ideal ${idealS} s, ${storm.arrived} calls`,
      );
      assert.equal(storm.in, 50_000);
      assert.ok(storm.lastS <= 3 * idealS, `${storm.lastS} s`);
      assert.equal(storm.busiest, requests);
      assert.ok(storm.told.every((seconds) => Number.isInteger(seconds) && seconds >= 1 && seconds <= 600));
    }
  });

  it("is not misled for long by those who never come back", () => {
    const storm = simulate({ clients: 20_000, withinMs: 2000, requests: 500, latencyMs: 250, gone: 0.5 });
    const idealS = storm.in / 500;
    assert.ok(storm.in > 5000 && storm.lastS <= 4 * idealS + 60, `${storm.in} in ${storm.lastS} s`);
  });

  it("tells nobody to wait for more than ten minutes, and all get in nevertheless", () => {
    const storm = simulate({ clients: 4000, withinMs: 1000, requests: 2, latencyMs: 250 });
    assert.equal(storm.in, 4000);
    assert.ok(Math.max(...storm.told) <= 600);
    assert.ok(Math.max(...storm.told) > 500);
  });

  it("tells the next second where hardly anybody waits, and each credential its own", () => {
    let now = 0;
    const standingOf = makeStormLimit(
      { requests: 2, windowS: 1 },
      () => now,
      () => 0.999,
    );
    const waits = (credential: string, count: number) =>
      Array.from({ length: count }, () => standingOf(credential)).map(({ exceeded, retryAfterS }) =>
        exceeded ? retryAfterS : null,
      );
    assert.deepEqual(waits("a", 7), [null, null, 1, 1, 2, 2, 3]);
    assert.deepEqual(waits("b", 3), [null, null, 1]);
    // The two who were told to come back after a second, and one more: two of them are no longer waited for.
    now = 1000;
    assert.deepEqual(waits("a", 3), [null, null, 2]);
    // All others are due or forgotten by now.
    now = 1_000_000;
    assert.deepEqual(waits("a", 3), [null, null, 1]);
  });
});

import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { makeTicking } from "./ticking.ts";

test("jobs run at their times, never twice at once, and go on after a failure", async () => {
  mock.timers.enable({ apis: ["setInterval"] });
  const ends: (() => void)[] = [];
  const errors: unknown[] = [];
  let failures = 0;
  const ticking = makeTicking(
    [
      { everyMs: 10, run: () => new Promise((resolve) => ends.push(resolve)) },
      {
        everyMs: 20,
        async run() {
          failures++;
          throw new Error("no");
        },
      },
    ],
    (error) => errors.push(error),
  );
  ticking.start();
  mock.timers.tick(20);
  assert.equal(ends.length, 1);
  ends[0]?.();
  await new Promise(setImmediate);
  mock.timers.tick(20);
  assert.deepEqual([ends.length, failures, errors.length], [2, 2, 1]);
  const stopped = ticking.stop();
  ends[1]?.();
  await stopped;
  mock.timers.tick(100);
  assert.equal(ends.length, 2);
  mock.timers.reset();
});

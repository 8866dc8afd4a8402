import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type BatchParts, makeBatches } from "./batches.ts";
import type { ReportOperation } from "./operation.ts";

type Held = { readonly rows: readonly number[]; go(): void };

/** Batches whose transactions end when the test says so. */
function begun(inOrder: boolean) {
  const held: Held[] = [];
  const operation = {
    name: "device.heartbeat",
    async apply(_batch: unknown, rows: readonly number[]) {
      const gate = Promise.withResolvers<void>();
      held.push({ rows, go: gate.resolve });
      await gate.promise;
      return rows.map((row) => row * 10);
    },
  } as unknown as ReportOperation<any, any, any, any>;
  const parts = { inOrder, write: (work: (db: never) => unknown) => work(undefined as never) };
  const report = makeBatches(parts as unknown as BatchParts);
  return { held, report: (row: number) => report(operation, "a", row) };
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await nextTurn();
}

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

describe("reports in batches", () => {
  it("share one where they come together, and each has its own answer", async () => {
    const { held, report } = begun(true);
    const answers = Promise.all(numbers(0, 3).map(report));
    await settled();
    assert.deepEqual(
      held.map(({ rows }) => rows),
      [[0, 1, 2]],
    );
    held[0]?.go();
    assert.deepEqual(await answers, [0, 10, 20]);
  });

  for (const [inOrder, most] of [
    [true, 2],
    [false, 1],
  ] as const)
    it(`are kept ${most} at a time where batches ${inOrder ? "" : "don't "}stay in order`, async () => {
      const { held, report } = begun(inOrder);
      const answers: Promise<unknown>[] = [];
      for (const row of numbers(0, 5)) {
        answers.push(report(row));
        await settled();
      }
      assert.deepEqual(held.length, most);
      for (let at = 0; at < held.length; at++) {
        held[at]?.go();
        await settled();
      }
      assert.deepEqual(
        held.flatMap(({ rows }) => rows),
        numbers(0, 5),
      );
      assert.deepEqual(
        await Promise.all(answers),
        numbers(0, 5).map((row) => row * 10),
      );
    });

  it("that are too many for one go on with the next at once", async () => {
    const { held, report } = begun(true);
    const answers = Promise.all(numbers(0, 1300).map(report));
    await settled();
    assert.deepEqual(
      held.map(({ rows }) => rows.length),
      [500, 500],
    );
    held[1]?.go();
    await settled();
    held[0]?.go();
    held[2]?.go();
    assert.equal((await answers).length, 1300);
    assert.deepEqual(
      held.flatMap(({ rows }) => rows),
      numbers(0, 1300),
    );
  });
});

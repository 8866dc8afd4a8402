import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { TableReader } from "./csv.ts";
import { rowLinesMax, rowsIn } from "./row.ts";

const seed = 20261121;
const linesOf = (texts: readonly string[]) =>
  texts.map((text, index) => ({ number: index + 1, bytes: Buffer.from(text) }));
const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;
const table = { kind: "device", columns: {}, cell: () => (text: string) => text } as const;

describe("rows of a table", () => {
  it("are read as they were written, wherever they are cut", () => {
    const cell = fc.string({ unit: fc.constantFrom("a", '"', ",", "\n", " ", "ü"), maxLength: 6 });
    const rows = fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 8 });
    const same = (written: readonly (readonly [string, string])[], size: number) => {
      const text = ["a,b", ...written.map((row) => row.map(quoted).join(","))].join("\n");
      const lines = linesOf(text.split("\n"));
      const reader = new TableReader(table);
      const read = Array.from({ length: Math.ceil(lines.length / size) }, (_, index) =>
        reader.read(lines.slice(index * size, (index + 1) * size)),
      );
      const values = [...read, reader.rest()].flat().map((raw) => ("value" in raw ? raw.value : raw));
      const wanted = written.map(([a, b]) => ({ type: "device", ...(a && { a }), ...(b && { b }) }));
      assert.deepEqual(values, wanted);
    };
    fc.assert(fc.property(rows, fc.integer({ min: 1, max: 5 }), same), { seed, numRuns: 500 });
  });

  it("are never lost with one that is none: each line is in one row, or is named", () => {
    const text = fc.string({ unit: fc.constantFrom("a", '"', '"', ","), maxLength: 6 });
    const texts = fc.array(text, { maxLength: 12 });
    const all = (sent: readonly string[]) => {
      const { rows, open } = rowsIn(linesOf(sent), true);
      assert.equal(open.length, 0);
      const lines = rows.flatMap((row) => row.text?.split("\n") ?? sent[row.number - 1]);
      assert.deepEqual(lines, sent);
    };
    fc.assert(fc.property(texts, all), { seed, numRuns: 2000 });
  });

  it("cost no more for quotes that are never closed than a fixed number of looks at each line", () => {
    const sent = linesOf(Array.from({ length: 20_000 }, () => 'a","'));
    const { rows, open } = rowsIn(sent, false);
    assert.equal(rows.length, sent.length - rowLinesMax);
    assert.equal(open.length, rowLinesMax);
  });
});

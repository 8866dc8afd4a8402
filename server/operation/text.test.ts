import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { TSchema } from "typebox";
import { Compile } from "typebox/compile";
import { fold, instant, line, prose, slug, textList, textMap, trimmed, wholeNumber } from "./text.ts";

const seed = 20261121;

function takes(schema: TSchema, ...values: unknown[]): void {
  for (const value of values) assert.ok(Compile(schema).Check(value), `refused ${JSON.stringify(value)}`);
}

function refuses(schema: TSchema, ...values: unknown[]): void {
  for (const value of values) assert.ok(!Compile(schema).Check(value), `took ${JSON.stringify(value)}`);
}

describe("members of text", () => {
  it("counts code points", () => {
    takes(line({ min: 1, max: 2 }), "a", "😀😀", "é");
    refuses(line({ min: 1, max: 2 }), "", "abc", "😀😀😀", 5, null);
    refuses(line({ min: 2, max: 3 }), "😀");
    takes(line({ max: 2 }), "");
  });

  it("refuses control characters and lone surrogates in a line", () => {
    refuses(
      line({ max: 9 }),
      "\u0000",
      "a\n",
      "\t",
      "\u007f",
      "\u0085",
      "\u009f",
      "\ud83d",
      "\ude00a",
      "\ude00\ud83d",
    );
    takes(line({ max: 9 }), "\u00a0", "a\u200d", "\u2028", "~", " ");
  });

  it("takes tabs and line ends in prose, a carriage return only before a line feed", () => {
    takes(prose({ max: 20 }), "", "a\n\tb", "a\r\nb\r\n", "\r\n\r\n");
    refuses(
      prose({ max: 20 }),
      "a\rb",
      "\r",
      "\r\r\n",
      "a\u0000",
      "\u001b[1m",
      "\u0085",
      "\ud83d",
      "x".repeat(21),
    );
  });

  it("holds the limits of trimmed text against what trimming leaves", () => {
    const schema = trimmed({ max: 3 });
    takes(schema, "a", " a ", "abc", "  abc\u00a0\u3000", "a b", " 😀😀😀 ");
    refuses(schema, "", " ", "\u00a0", "abcd", " abcd ", "a\n", "\ta", "\u0000", "a\ud83d");
    refuses(trimmed({ min: 2, max: 3 }), " a ");
    const anyText = fc.string({
      unit: fc.constantFrom(" ", "a", "\n", "😀", "\u00a0", "\ufeff", "\ud83d"),
      maxLength: 8,
    });
    const allowed = (text: string) => {
      const length = [...text.trim()].length;
      return length >= 1 && length <= 3 && !/[\p{Cc}\p{Cs}]/u.test(text);
    };
    const check = Compile(schema);
    fc.assert(
      fc.property(anyText, (text) => check.Check(text) === allowed(text)),
      { seed, numRuns: 5000 },
    );
  });

  it("has no text that takes long to check", () => {
    const texts = [" ".repeat(1e6), `a${" ".repeat(1e6)}\n`, "a b ".repeat(25e4), `${"\r\n".repeat(5e5)}\r`];
    for (const schema of [trimmed({ max: 255 }), line({ max: 2e6 }), prose({ max: 2e6 })])
      for (const text of texts) Compile(schema).Check(text);
  });

  it("takes machine names, whole numbers, lists and maps within their limits", () => {
    takes(slug(), "a", "a-b_9", "x".repeat(32));
    refuses(slug(), "", "A", "a b", "é", "x".repeat(33), "a\n");
    takes(wholeNumber(1, 5), 1, 5, JSON.parse("2.0"), -0 + 1);
    refuses(wholeNumber(1, 5), 0, 6, 1.5, "1", null, Number.NaN);
    takes(textList({ max: 2, item: slug() }), [], ["a", "b"]);
    refuses(textList({ min: 1, max: 2, item: slug() }), [], ["a", "b", "c"], [""], "a");
    takes(textMap({ max: 1, key: slug(), item: line({ max: 1 }) }), {}, { a: "b" });
    refuses(
      textMap({ max: 1, key: slug(), item: line({ max: 1 }) }),
      [],
      { A: "b" },
      { a: "bc" },
      { a: "b", c: "d" },
    );
  });

  it("takes real instants only", () => {
    takes(instant(), "2026-11-21T09:10:11Z", "2026-11-21t09:10:11.5z", "2026-11-21T09:10:11+02:00");
    refuses(
      instant(),
      "2026-02-29T00:00:00Z",
      "2026-12-31T23:59:60Z",
      "2026-11-21",
      "2026-11-21T09:10:11",
      5,
    );
  });

  it("keeps further keywords and stays plain JSON", () => {
    const schema = line({ max: 5, description: "A name.", expected: "a name" });
    assert.deepEqual(JSON.parse(JSON.stringify(schema)).description, "A name.");
    assert.equal(JSON.parse(JSON.stringify(schema)).expected, "a name");
  });
});

describe("fold", () => {
  it("sees through case, composition and blanks around", () => {
    const same = [
      ["Straße", "STRASSE", "straſſe", "STRAẞE"],
      ["ΟΔΟΣ", "οδος", "οδοσ"],
      [" Café\t", "cafe\u0301"],
      ["K", "\u212a"],
    ];
    for (const group of same) assert.equal(new Set(group.map(fold)).size, 1, group.join());
    assert.notEqual(fold("a b"), fold("ab"));
    assert.notEqual(fold("e"), fold("é"));
  });

  it("finds a folded part in the folded whole", () => {
    assert.ok(fold("ΟΔΟΣΑ").includes(fold("ΟΔΟΣ")));
  });

  it("gives one key for each character in every case and composition, and folding it again changes nothing", () => {
    for (let point = 0; point < 0x20000; point += point === 0xd7ff ? 0x801 : 1) {
      const text = `a${String.fromCodePoint(point)}b`;
      const folded = fold(text);
      const others = [
        folded,
        text.toLowerCase(),
        text.toUpperCase(),
        text.normalize("NFD"),
        text.normalize("NFC"),
      ];
      if (others.some((other) => fold(other) !== folded)) assert.fail(`U+${point.toString(16)}`);
    }
  });

  it("changes nothing the second time, for any text", () => {
    const nasty = fc.constantFrom(
      ..."aiIıİßẞςσΣſK\u0345\u0301\u0307\u0313\u0342ᾳἈŉǰΐևﬁΩ\u0327 \u00a0\ufeffǅᎠꭰ\u0323",
    );
    const texts = fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: nasty }));
    const idempotent = (text: string) =>
      fold(fold(text)) === fold(text) && fold(text.normalize("NFD")) === fold(text);
    fc.assert(fc.property(texts, idempotent), { seed, numRuns: 5000 });
  });
});

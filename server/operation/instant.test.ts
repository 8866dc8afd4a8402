import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { instantYears, isInstant, parseInstant, printInstant } from "./instant.ts";

const seed = 20261121;
const first = Date.UTC(instantYears.first, 0, 1) * 1000;
const last = Date.UTC(instantYears.last + 1, 0, 1) * 1000 - 1;
const instants = fc.integer({ min: first, max: last });

describe("parseInstant", () => {
  it("reads UTC, offsets, small letters and fractions", () => {
    const us = Date.UTC(2026, 10, 21, 9, 10, 11) * 1000;
    assert.equal(parseInstant("2026-11-21T09:10:11Z"), us);
    assert.equal(parseInstant("2026-11-21t09:10:11z"), us);
    assert.equal(parseInstant("2026-11-21T11:40:11+02:30"), us);
    assert.equal(parseInstant("2026-11-20T23:10:11-10:00"), us);
    assert.equal(parseInstant("2026-11-21T09:10:11-00:00"), us);
    assert.equal(parseInstant("2026-11-21T09:10:11.5Z"), us + 500_000);
    assert.equal(parseInstant("2026-11-21T09:10:11.123456Z"), us + 123_456);
    assert.equal(parseInstant("2026-11-21T09:10:11.1234569Z"), us + 123_456);
    assert.equal(parseInstant("1969-12-31T23:59:59.9999999Z"), -1);
  });

  it("knows the days of each month and leap years", () => {
    for (const date of ["2024-02-29", "2000-02-29", "2026-04-30", "2026-12-31"])
      assert.ok(isInstant(`${date}T00:00:00Z`), date);
    for (const date of [
      "2026-02-29",
      "1900-02-29",
      "2026-04-31",
      "2026-13-01",
      "2026-00-01",
      "2026-01-00",
      "2026-01-32",
    ])
      assert.ok(!isInstant(`${date}T00:00:00Z`), date);
  });

  it("refuses everything else", () => {
    const wrong = [
      "",
      "2026-11-21",
      "2026-11-21T09:10:11",
      "2026-11-21 09:10:11Z",
      "2026-11-21T09:10Z",
      "2026-11-21T24:00:00Z",
      "2026-11-21T09:60:00Z",
      "2026-12-31T23:59:60Z",
      "2026-11-21T09:10:11.Z",
      "2026-11-21T09:10:11,5Z",
      "2026-11-21T09:10:11+0200",
      "2026-11-21T09:10:11+24:00",
      "2026-11-21T09:10:11+02:60",
      "2026-11-21T09:10:11Z\n",
      " 2026-11-21T09:10:11Z",
      "+002026-11-21T09:10:11Z",
      "2026-11-21T09:10:11Z[UTC]",
      "２026-11-21T09:10:11Z",
      "1700000000",
    ];
    for (const text of wrong) assert.throws(() => parseInstant(text), RangeError, text);
  });

  it("takes only instants that a number and the embedded store keep exactly", () => {
    assert.equal(parseInstant(`${instantYears.first}-01-01T00:00:00Z`), first);
    assert.equal(parseInstant(`${instantYears.last}-12-31T23:59:59.999999Z`), last);
    assert.ok(Number.isSafeInteger(first) && Number.isSafeInteger(last));
    assert.ok(!isInstant(`${instantYears.first}-01-01T00:00:00+00:01`));
    assert.ok(!isInstant(`${instantYears.last}-12-31T23:59:59-00:01`));
    for (const year of ["0000", "0001", "0099", "9999"])
      assert.ok(!isInstant(`${year}-01-01T00:00:00Z`), year);
  });

  it("agrees with Temporal", () => {
    const texts = fc.tuple(instants, fc.integer({ min: -1439, max: 1439 })).map(([us, minutes]) => {
      const size = Math.abs(minutes);
      const offset = `${minutes < 0 ? "-" : "+"}${String(Math.floor(size / 60)).padStart(2, "0")}:${String(size % 60).padStart(2, "0")}`;
      return printInstant(us, "micro").replace("Z", offset);
    });
    const agrees = (text: string) => {
      if (isInstant(text))
        assert.equal(BigInt(parseInstant(text)) * 1000n, Temporal.Instant.from(text).epochNanoseconds);
    };
    fc.assert(fc.property(texts, agrees), { seed, numRuns: 5000 });
  });
});

describe("printInstant", () => {
  it("prints microseconds, seconds, or the shorter of the two", () => {
    const us = Date.UTC(2026, 10, 21, 9, 10, 11) * 1000 + 123_456;
    assert.equal(printInstant(us, "micro"), "2026-11-21T09:10:11.123456Z");
    assert.equal(printInstant(us, "seconds"), "2026-11-21T09:10:11Z");
    assert.equal(printInstant(us, "shortest"), "2026-11-21T09:10:11.123456Z");
    assert.equal(printInstant(us - 123_456, "micro"), "2026-11-21T09:10:11.000000Z");
    assert.equal(printInstant(us - 123_456, "shortest"), "2026-11-21T09:10:11Z");
    assert.equal(printInstant(-1, "micro"), "1969-12-31T23:59:59.999999Z");
    assert.equal(printInstant(-1, "seconds"), "1969-12-31T23:59:59Z");
    assert.equal(printInstant(-62_135_596_800_000_000, "shortest"), "0001-01-01T00:00:00Z");
  });

  it("refuses what is no instant", () => {
    for (const us of [
      Number.NaN,
      0.5,
      Number.POSITIVE_INFINITY,
      253_402_300_800_000_000,
      -62_135_596_801_000_000,
    ])
      assert.throws(() => printInstant(us, "micro"), RangeError);
  });

  it("comes back as it went", () => {
    const returns = (us: number) => {
      assert.equal(parseInstant(printInstant(us, "micro")), us);
      assert.equal(parseInstant(printInstant(us, "shortest")), us);
      assert.equal(parseInstant(printInstant(us, "seconds")), Math.floor(us / 1e6) * 1e6);
    };
    fc.assert(fc.property(instants, returns), { seed, numRuns: 5000 });
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import Type, { type TSchema } from "typebox";
import { Failure } from "../failure.ts";
import { checker, conforms } from "./check.ts";
import { line, prose, slug, textList, textMap, wholeNumber } from "./text.ts";

function said(schema: TSchema, value: unknown, at?: string): string {
  try {
    checker(schema)(value, at);
  } catch (failure) {
    assert.ok(failure instanceof Failure, String(failure));
    assert.equal(failure.kind, "invalid");
    return `${failure.details.pointer} | ${failure.message}`;
  }
  return "fits";
}

const entry = Type.Object({
  version: line({ min: 1, max: 20 }),
  environment: Type.Optional(Type.Union([line({ min: 1, max: 10 }), Type.Null()])),
});

const group = Type.Object({
  name: line({ min: 1, max: 255 }),
  description: Type.Optional(Type.Union([prose({ max: 2000 }), Type.Null()])),
  effect: Type.Optional(Type.Union([Type.Literal("allow"), Type.Literal("deny")])),
  kind: Type.Optional(Type.Enum(["static", "dynamic"])),
  version_config: Type.Optional(Type.Array(entry, { minItems: 1, maxItems: 3 })),
  limit: Type.Optional(wholeNumber(1, 1000)),
  enabled: Type.Optional(Type.Boolean()),
  "a/b~c": Type.Optional(Type.Number({ minimum: 0 })),
});

describe("checker", () => {
  it("passes what fits, unknown members and undefined optional ones too", () => {
    assert.equal(
      said(group, { name: "a", more: 1, limit: undefined, version_config: [{ version: "1" }] }),
      "fits",
    );
    assert.equal(said(group, { name: "a", limit: JSON.parse("1.0"), description: null }), "fits");
  });

  it("names the member, what was expected and what came", () => {
    const text = "expected a string of 1 to 255 characters";
    assert.equal(said(group, { name: 5 }), `/name | name: ${text}, got 5`);
    assert.equal(said(group, { name: null }), `/name | name: ${text}, got null`);
    assert.equal(said(group, { name: "" }), `/name | name: ${text}, got an empty string`);
    assert.equal(said(group, { name: "😀".repeat(256) }), `/name | name: ${text}, got 256 characters`);
    assert.equal(said(group, { name: "x".repeat(9999) }), `/name | name: ${text}, got 9999 characters`);
    assert.equal(said(group, { name: "a\u0007" }), `/name | name: ${text}, got the character U+0007`);
    assert.equal(
      said(group, { name: "a", limit: 0 }),
      "/limit | limit: expected a whole number from 1 to 1000, got 0",
    );
    assert.equal(
      said(group, { name: "a", limit: "5" }),
      '/limit | limit: expected a whole number from 1 to 1000, got "5"',
    );
    assert.equal(
      said(group, { name: "a", enabled: "no, not at all" }),
      "/enabled | enabled: expected true or false, got a string",
    );
    assert.equal(
      said(group, { name: "a", "a/b~c": -1 }),
      "/a~1b~0c | a~1b~0c: expected a number of at least 0, got -1",
    );
  });

  it("points at the member that is missing", () => {
    assert.equal(said(group, {}), "/name | name: required");
    assert.equal(said(group, { name: undefined }), "/name | name: required");
    assert.equal(
      said(group, { name: "a", version_config: [{}] }),
      "/version_config/0/version | version_config/0/version: required",
    );
  });

  it("says what a list lacks or has too much of before it looks inside", () => {
    assert.equal(
      said(group, { name: "a", version_config: [] }),
      "/version_config | version_config: expected at least 1 item",
    );
    assert.equal(
      said(group, { name: "a", version_config: [0, 0, 0, 0] }),
      "/version_config | version_config: expected at most 3 items, got 4",
    );
    assert.equal(
      said(group, { name: "a", version_config: {} }),
      "/version_config | version_config: expected a list, got an object",
    );
  });

  it("speaks of the whole value without a name, and of a part with its place", () => {
    assert.equal(said(group, undefined), " | expected an object, got nothing");
    assert.equal(said(group, []), " | expected an object, got a list");
    assert.equal(
      said(group, { name: 1 }, "/items/3"),
      "/items/3/name | items/3/name: expected a string of 1 to 255 characters, got 1",
    );
    assert.equal(
      said(wholeNumber(1, 5), 9, "/limit"),
      "/limit | limit: expected a whole number from 1 to 5, got 9",
    );
  });
});

describe("checker, on what it looks into", () => {
  it("takes the first wrong member in the order of the document", () => {
    assert.equal(said(group, { limit: 0, name: 1 }).split(" ")[0], "/limit");
    assert.equal(said(group, { name: 1, limit: 0 }).split(" ")[0], "/name");
    assert.equal(
      said(group, { version_config: [{ version: "1" }, { version: 2 }, {}] }).split(" ")[0],
      "/version_config/1/version",
    );
  });

  it("lists fixed values, and adds null where it is fine", () => {
    assert.equal(
      said(group, { name: "a", effect: "maybe" }),
      '/effect | effect: expected one of allow, deny, got "maybe"',
    );
    assert.equal(
      said(group, { name: "a", effect: "a".repeat(99) }),
      "/effect | effect: expected one of allow, deny, got a string",
    );
    assert.equal(said(group, { name: "a", kind: 1 }), "/kind | kind: expected one of static, dynamic, got 1");
    assert.equal(
      said(group, { name: "a", description: 1 }),
      "/description | description: expected a string of at most 2000 characters or null, got 1",
    );
    assert.equal(
      said(Type.Union([Type.Literal("x y"), Type.Literal(2), Type.Null()]), "z"),
      ' | expected one of "x y", 2 or null, got "z"',
    );
    assert.equal(
      said(Type.Union([Type.Integer(), Type.String({ minLength: 1 })]), ""),
      " | expected a whole number or a string of at least 1 character, got an empty string",
    );
    assert.equal(said(Type.Literal("a"), "b"), ' | expected a, got "b"');
  });

  it("goes into the alternative that was meant", () => {
    const shapes = Type.Union([
      Type.Object({ type: Type.Literal("a"), size: Type.Integer() }),
      Type.Object({ type: Type.Literal("b"), name: Type.String() }),
      Type.Null(),
    ]);
    assert.equal(said(shapes, { type: "b", name: 1 }), "/name | name: expected a string, got 1");
    assert.equal(said(shapes, { type: "b" }), "/name | name: required");
    assert.equal(said(shapes, { type: "c" }), '/type | type: expected one of a, b, got "c"');
    assert.equal(said(shapes, {}), "/type | type: required");
    assert.equal(said(shapes, "x"), ' | expected an object or null, got "x"');
    const untagged = Type.Union([
      Type.Object({ id: Type.String() }),
      Type.Object({ name: Type.String(), size: Type.Integer() }),
    ]);
    assert.equal(said(untagged, { name: "a", size: "b" }), '/size | size: expected a whole number, got "b"');
    const flagOrShape = Type.Union([Type.Enum(["on", "off"]), Type.Object({ size: Type.Integer() })]);
    assert.equal(said(flagOrShape, { size: "b" }), '/size | size: expected a whole number, got "b"');
    const inOurWords = Type.Union([Type.Integer(), Type.Array(Type.Integer())], { expected: "numbers" });
    assert.equal(said(inOurWords, "x"), ' | expected numbers, got "x"');
    assert.equal(said(inOurWords, [1, "x"]), '/1 | 1: expected a whole number, got "x"');
    assert.equal(
      said(Type.Union([Type.Array(entry), Type.Null()]), [{}]),
      "/0/version | 0/version: required",
    );
  });
});

describe("checker, on combined schemas", () => {
  it("looks into intersections, maps and tuples", () => {
    const both = Type.Intersect([Type.Object({ a: Type.Integer() }), Type.Object({ b: Type.Integer() })]);
    assert.equal(said(both, { a: 1 }), "/b | b: required");
    const labels = textMap({ max: 2, key: slug(), item: line({ max: 3 }) });
    assert.equal(said(labels, { a: "x", b: "" }), "fits");
    assert.equal(said(labels, { a: "x", b: 1 }), "/b | b: expected a string of at most 3 characters, got 1");
    assert.equal(
      said(labels, { "A\n": 1 }),
      "/A\n | A\n: its name: expected 1 to 32 of the characters a-z, 0-9, _ and -",
    );
    assert.equal(said(labels, { a: "", b: "", c: "" }), " | expected at most 2 members, got 3");
    assert.equal(
      said(Type.Record(Type.String(), Type.Integer()), { a: "b" }),
      '/a | a: expected a whole number, got "b"',
    );
    assert.equal(
      said(Type.Tuple([Type.Integer(), Type.String()]), [1, 2]),
      "/1 | 1: expected a string, got 2",
    );
    assert.equal(
      said(textList({ max: 2, item: slug() }), ["a", "B"]),
      '/1 | 1: expected 1 to 32 of the characters a-z, 0-9, _ and -, got "B"',
    );
    assert.equal(
      said(Type.Array(Type.Integer(), { uniqueItems: true }), [1, 1]),
      " | expected no item twice",
    );
  });
});

describe("checker, on bad days", () => {
  it("never repeats much of what was sent", () => {
    const long = "k".repeat(100_000);
    const map = textMap({ max: 9, key: line({ max: 1e6 }), item: Type.Integer() });
    for (const message of [said(group, { name: long }), said(map, { [long]: long }), said(group, long)])
      assert.ok(message.length < 300, message.slice(0, 400));
  });

  it("stays linear on a long list that is wrong everywhere, or only at its end", () => {
    const check = checker(Type.Array(entry));
    const good = Array.from({ length: 200_000 }, () => ({ version: "1" }));
    assert.throws(() => check([...good, {}]), { message: "200000/version: required" });
    assert.throws(() => check(good.map(() => 0)), { message: "0: expected an object, got 0" });
  });

  it("stops at a schema with a mistake when it is compiled", () => {
    assert.throws(() => checker(Type.String({ pattern: "(" })));
  });
});

describe("conforms", () => {
  const closed = Type.Object({ id: Type.String() }, { additionalProperties: false });

  it("answers null for an answer as promised", () => {
    assert.equal(conforms(closed)({ id: "a" }), null);
  });

  it("describes the first mismatch, members nobody promised included", () => {
    assert.equal(conforms(closed)({ id: "a", more: 1 }), "more: not expected here");
    assert.equal(conforms(Type.Array(closed))([{ id: "a" }, {}]), "1/id: required");
    assert.equal(conforms(closed)(null), "expected an object, got null");
  });
});

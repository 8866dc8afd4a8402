import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { Failure } from "../failure.ts";
import { deepestNesting, parseJson } from "./json.ts";
import { refuseFaulty } from "./json-fault.ts";

const seed = 20261121;
const bytesOf = (text: string) => new TextEncoder().encode(text);

function refusal(body: string | Uint8Array): { pointer: string | undefined; message: string } {
  try {
    parseJson(typeof body === "string" ? bytesOf(body) : body);
  } catch (failure) {
    assert.ok(failure instanceof Failure, String(failure));
    assert.equal(failure.kind, "invalid");
    return { pointer: failure.details.pointer, message: failure.message };
  }
  return assert.fail(`was accepted: ${String(body).slice(0, 80)}`);
}

const malformed = (line: number, column: number, rest: string) => ({
  pointer: "",
  message: `malformed JSON at line ${line}, column ${column}: expected ${rest}`,
});

describe("parseJson", () => {
  it("answers nothing for no bytes, and the value for valid JSON", () => {
    assert.equal(parseJson(new Uint8Array(0)), undefined);
    assert.deepEqual(parseJson(bytesOf(' {"a":[1.0,-2e3,"\\u00e9\\ud83d\\ude00",null,true]} ')), {
      a: [1, -2000, "é😀", null, true],
    });
    assert.deepEqual(parseJson(Buffer.from('xx{"a":1}').subarray(2)), { a: 1 });
  });

  it("agrees with JSON.parse on valid documents", () => {
    const documents = fc.json({ maxDepth: 6 }).filter((text) => !/__proto__|[0-9]{16}/.test(text));
    const agrees = (text: string) => assert.deepStrictEqual(parseJson(bytesOf(text)), JSON.parse(text));
    fc.assert(fc.property(documents, agrees), { seed, numRuns: 2000 });
  });

  it("refuses exactly what JSON.parse refuses among damaged documents", () => {
    const damaged = fc.tuple(
      fc.json({ maxDepth: 4 }),
      fc.nat(),
      fc.constantFrom(...'{}[]",:\\ 01-.eEtu\n\u0001x'),
    );
    const cases = damaged.map(([text, at, put]) => {
      const place = at % (text.length + 1);
      return text.slice(0, place) + put + text.slice(place + (at % 2));
    });
    const agrees = (text: string) => {
      let valid = true;
      try {
        JSON.parse(text);
      } catch {
        valid = false;
      }
      if (!valid)
        assert.match(
          refusal(text).message,
          /^malformed JSON at line|stands twice|not allowed|surrogate|large/,
        );
    };
    fc.assert(fc.property(cases, agrees), { seed, numRuns: 5000 });
  });

  it("finds with the quick look whatever the slow reader finds", () => {
    const keys = fc.constantFrom(
      "a",
      "b",
      "\\u0061",
      "\\ud83d",
      "\\ud83d\\ude00",
      "__proto__",
      "constructor",
      "prototype",
    );
    const scalar = fc.constantFrom(
      "1",
      '"x"',
      '"\\udc00"',
      "9007199254740993",
      "1e999",
      '{"prototype":1}',
      "[]",
    );
    const members = fc.array(fc.tuple(keys, scalar), { maxLength: 4 });
    const objects = members.map((list) => `{${list.map(([key, value]) => `"${key}":${value}`).join(",")}}`);
    const agrees = (text: string) => {
      let refused = false;
      try {
        refuseFaulty(text);
      } catch {
        refused = true;
      }
      if (refused) refusal(text);
      else parseJson(bytesOf(text));
    };
    fc.assert(fc.property(objects, agrees), { seed, numRuns: 5000 });
  });
});

describe("parseJson, on malformed bodies", () => {
  it("says where malformed JSON goes wrong", () => {
    assert.deepEqual(refusal("  "), malformed(1, 3, "a value, got the end"));
    assert.deepEqual(refusal('{"a":1,}'), malformed(1, 8, 'a member name in double quotes, got "}"'));
    assert.deepEqual(refusal('{"a" 1}'), malformed(1, 6, '":", got "1"'));
    assert.deepEqual(refusal('{\n  "a": tru\n}'), malformed(2, 8, 'a value, got "t"'));
    assert.deepEqual(refusal("[1,2"), malformed(1, 5, '"," or "]", got the end'));
    assert.deepEqual(refusal("[1] 2"), malformed(1, 5, 'the end of the body, got "2"'));
    assert.deepEqual(refusal('"a'), malformed(1, 3, "a closing quote, got the end"));
    assert.deepEqual(refusal('"a\tb"'), malformed(1, 3, 'an escape sequence, got "\\t"'));
    assert.deepEqual(refusal('"\\x41"'), malformed(1, 2, 'an escape sequence that JSON knows, got "\\\\"'));
    assert.deepEqual(refusal("NaN"), malformed(1, 1, 'a value, got "N"'));
  });

  it("refuses bytes that are no UTF-8, and a byte order mark", () => {
    assert.match(refusal(Uint8Array.of(0x22, 0xc3, 0x28, 0x22)).message, /not valid UTF-8/);
    assert.match(refusal(Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22)).message, /not valid UTF-8/);
    assert.match(refusal(Uint8Array.of(0xff, 0xfe, 0x7b, 0x00)).message, /not valid UTF-8/);
    assert.match(refusal("\ufeff{}").message, /byte order mark/);
  });

  it("takes 64 levels and refuses 65 before parsing, whatever stands in strings", () => {
    const nested = (levels: number) => "[".repeat(levels) + "]".repeat(levels);
    parseJson(bytesOf(nested(deepestNesting)));
    assert.match(refusal(nested(deepestNesting + 1)).message, /deeper than 64 levels/);
    assert.match(refusal('{"a":'.repeat(65)).message, /deeper than 64 levels/);
    assert.match(refusal("[".repeat(500_000)).message, /deeper than 64 levels/);
    assert.equal(
      parseJson(bytesOf(`"${"[".repeat(100)}\\"${"{".repeat(100)}"`)),
      `${"[".repeat(100)}"${"{".repeat(100)}`,
    );
    parseJson(bytesOf(`[${Array(100).fill(nested(60)).join(",")}]`));
  });
});

describe("parseJson, on JSON that is too free", () => {
  it("refuses a key that stands twice, however it is spelled", () => {
    assert.deepEqual(refusal('{"a":1,"b":2,"a":1}'), {
      pointer: "/a",
      message: "a: stands twice in one object",
    });
    assert.equal(refusal('[0,{"x":{"b/~":1,"\\u0062/~":2}}]').pointer, "/1/x/b~1~0");
    assert.equal(refusal('{"":1,"":2}').pointer, "/");
    assert.deepEqual(parseJson(bytesOf('[{"a":":"},{"a":"\\":{"}]')), [{ a: ":" }, { a: '":{' }]);
  });

  it("refuses keys that could reach a prototype", () => {
    assert.equal(refusal('{"a":[{"__proto__":{}}]}').pointer, "/a/0/__proto__");
    assert.equal(refusal('{"\\u005f_proto__":1}').pointer, "/__proto__");
    assert.equal(refusal('{"constructor":{"a":1,"prototype":{}}}').pointer, "/constructor/prototype");
    assert.deepEqual(parseJson(bytesOf('{"constructor":{"a":1},"prototype":2}')), {
      constructor: { a: 1 },
      prototype: 2,
    });
    assert.deepEqual(parseJson(bytesOf('{"constructor":[{"prototype":1}]}')), {
      constructor: [{ prototype: 1 }],
    });
  });

  it("refuses lone surrogates in values and keys", () => {
    assert.deepEqual(refusal('{"a":["\\ud83d x"]}'), {
      pointer: "/a/0",
      message: "a/0: holds half of a surrogate pair",
    });
    assert.equal(refusal('["\\uDE00\\uD83D"]').pointer, "/0");
    assert.equal(refusal('{"b\\udfff":1}').pointer, "/b\ufffd");
    assert.deepEqual(parseJson(bytesOf('["\\ud83d\\ude00","\\\\ud83d"]')), ["😀", "\\ud83d"]);
  });

  it("refuses numbers that would change when they are kept", () => {
    assert.equal(refusal('{"a":123456789012345678901234567890}').pointer, "/a");
    assert.equal(refusal("[9007199254740992]").pointer, "/0");
    assert.equal(refusal("[-1e999]").pointer, "/0");
    assert.deepEqual(parseJson(bytesOf("[9007199254740991,1e300,-0.1]")), [9007199254740991, 1e300, -0.1]);
  });

  it("leaves control characters that JSON allows to the checks of the members", () => {
    assert.equal(parseJson(bytesOf('"\\u0000\u007f"')), "\u0000\u007f");
  });
});

describe("parseJson, on bad days", () => {
  it("never repeats much of what was sent", () => {
    const long = "k".repeat(100_000);
    for (const body of [`{"${long}":1,"${long}":2}`, `{"${long}":"\\ud800"}`, `[${long}]`, `{"a":"${long}`]) {
      const { pointer = "", message } = refusal(body);
      assert.ok(pointer.length < 100 && message.length < 150, message);
    }
  });

  it("stays linear for bodies made to be slow", () => {
    const size = 1 << 20;
    const bodies = [
      "[".repeat(size),
      `"${"\\".repeat(size)}`,
      `{${'"a":1,'.repeat(size / 6)}"b":1}`,
      `[${'{"constructor":1},'.repeat(size / 18)}0]`,
      `${"\n".repeat(size)}x`,
    ];
    for (const body of bodies) {
      const bytes = bytesOf(body);
      try {
        parseJson(bytes);
      } catch {}
      // Some 40 ms on a slow machine; anything quadratic takes minutes.
    }
  });
});

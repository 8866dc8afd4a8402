import { Buffer } from "node:buffer";

/** A body that is no right JSON text at all, and what must come of it. */
export type WrongText = {
  readonly what: string;
  readonly text: string | Uint8Array;
  readonly contentType?: string;
  readonly status: number;
  readonly pointer?: string;
};

const nested = (levels: number, inside: string) => '{"a":'.repeat(levels) + inside + "}".repeat(levels);
const whole = { status: 400, pointer: "" };

const anObject: WrongText = { what: "an object", text: "{}", ...whole };

/** What an operation refuses, whatever its body is about: an empty list may be the body that a list is wanted for. */
export function wrongTextsFor(body: { readonly type?: string } = {}): readonly WrongText[] {
  return body.type === "array" ? [...wrongTexts.filter(({ text }) => text !== "[]"), anObject] : wrongTexts;
}

const wrongTexts: readonly WrongText[] = [
  { what: "malformed JSON", text: '{"name":', ...whole },
  { what: "JSON with something behind it", text: "{} x", ...whole },
  { what: "a trailing comma", text: '{"name":"x",}', ...whole },
  { what: "single quotes", text: "{'name':'x'}", ...whole },
  { what: "a control character in a text", text: '{"name":"a\u0001"}', ...whole },
  { what: "NaN", text: '{"name":NaN}', ...whole },
  { what: "null", text: "null", ...whole },
  { what: "a list", text: "[]", ...whole },
  { what: "a text", text: '"text"', ...whole },
  { what: "a number", text: "1", ...whole },
  { what: "only spaces", text: "  ", ...whole },
  { what: "a byte order mark", text: "\ufeff{}", ...whole },
  { what: "no UTF-8", text: Buffer.from([0x7b, 0xff, 0x7d]), ...whole },
  { what: "65 levels", text: nested(65, "1"), ...whole },
  { what: "a hundred thousand levels", text: nested(100_000, "1"), ...whole },
  { what: "a hundred thousand open brackets", text: "[".repeat(100_000), ...whole },
  { what: "__proto__", text: '{"__proto__":{"name":"x"}}', status: 400, pointer: "/__proto__" },
  { what: "__proto__ in disguise", text: '{"\\u005f_proto__":1}', status: 400, pointer: "/__proto__" },
  { what: "__proto__ deeper down", text: '{"x":[{"__proto__":1}]}', status: 400, pointer: "/x/0/__proto__" },
  {
    what: "a constructor's prototype",
    text: '{"constructor":{"prototype":{}}}',
    status: 400,
    pointer: "/constructor/prototype",
  },
  { what: "a member twice", text: '{"x":1,"y":{},"x":2}', status: 400, pointer: "/x" },
  { what: "half a surrogate pair", text: '{"x":"\\ud800"}', status: 400, pointer: "/x" },
  { what: "a number too great for a double", text: '{"x":1e999}', status: 400, pointer: "/x" },
  { what: "a whole number too great", text: '{"x":9007199254740993}', status: 400, pointer: "/x" },
  { what: "text", text: "{}", contentType: "text/plain", status: 415 },
  { what: "a form", text: "a=1", contentType: "application/x-www-form-urlencoded", status: 415 },
  { what: "something called JSON", text: "{}", contentType: "application/jsonp", status: 415 },
  { what: "no content type that can be read", text: "{}", contentType: "json", status: 415 },
];

/** Ten megabytes of right JSON. */
export const tenMegabytes = `{"x":"${"x".repeat(10 * 1024 * 1024)}"}`;

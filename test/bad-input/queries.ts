import type { Operation } from "../fuzz/document.ts";

/** A query that is right but for one member. */
export type WrongQuery = { readonly what: string; readonly query: string; readonly pointer: string };

const noNumbers = ["", "x", "1.5", "-1", "1e3", "0x10", "%2B1", "%20", "%D9%A3", "true", "null"];
const noFlags = ["", "yes", "1", "TRUE", "null"];

/** Every member of an operation's query made wrong in every way that its schema rules out. */
export function wrongQueries({ query }: Operation): WrongQuery[] {
  const withOrg = query.some(({ name, required }) => name === "org_id" && required) ? "&org_id=org_test" : "";
  return query.flatMap(({ name, required, schema }) => {
    const wrong = (value: string): WrongQuery => ({
      what: `${name}=${value.slice(0, 40)}`,
      query: `${name}=${value}${name === "org_id" ? "" : withOrg}`,
      pointer: `/${name}`,
    });
    const { type, anyOf, minimum = 0, maximum = Number.MAX_SAFE_INTEGER, maxLength } = schema;
    const tooGreat = maximum < Number.MAX_SAFE_INTEGER ? [`${maximum + 1}`, "9".repeat(30)] : [];
    return [
      ...(type === "integer" ? [...noNumbers, `${minimum - 1}`, ...tooGreat].map(wrong) : []),
      ...(type === "boolean" ? noFlags.map(wrong) : []),
      ...(anyOf ? ["", "no such", "ASC", "null"].map(wrong) : []),
      ...(maxLength === undefined ? [] : [wrong("x".repeat(maxLength + 1))]),
      ...(name === "cursor" ? ["x", "W10", "bnVsbA", "WzEsMl0", "WyIxIiwiYSJd"].map(wrong) : []),
      ...(type === "array" || name === "org_id" ? [] : [wrong(`1&${name}=1`)]),
      ...(name === "org_id" ? [] : [wrong("%00"), wrong("a%00b")]),
      ...(required ? [{ what: `no ${name}`, query: "", pointer: `/${name}` }, wrong("")] : []),
    ];
  });
}

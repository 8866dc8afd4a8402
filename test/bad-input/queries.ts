import type { Operation } from "../fuzz/document.ts";

/** A query that is right but for one member. */
export type WrongQuery = { readonly what: string; readonly query: string; readonly pointer: string };

const noNumbers = ["", "x", "1.5", "-1", "1e3", "0x10", "%2B1", "%20", "%D9%A3", "true", "null"];
const noFlags = ["", "yes", "1", "TRUE", "null"];

/** What a query must hold to be right, but for one member: the first organization, and whatever has an example. */
export function requiredQuery({ query }: Operation, but = ""): string {
  return query
    .filter(({ name, required, schema }) => (required || schema.examples) && name !== but)
    .map(({ name, schema }) => `&${name}=${name === "org_id" ? "org_test" : schema.examples?.[0]}`)
    .join("");
}

/** Every member of an operation's query made wrong in every way that its schema rules out. */
export function wrongQueries(operation: Operation): WrongQuery[] {
  return operation.query.flatMap(({ name, required, schema }) => {
    const wrong = (value: string): WrongQuery => ({
      what: `${name}=${value.slice(0, 40)}`,
      query: `${name}=${value}${requiredQuery(operation, name)}`,
      pointer: `/${name}`,
    });
    const { type, anyOf, enum: words, minimum = 0, maximum = Number.MAX_SAFE_INTEGER, maxLength } = schema;
    const tooGreat = maximum < Number.MAX_SAFE_INTEGER ? [`${maximum + 1}`, "9".repeat(30)] : [];
    return [
      ...(type === "integer" ? [...noNumbers, `${minimum - 1}`, ...tooGreat].map(wrong) : []),
      ...(type === "boolean" ? noFlags.map(wrong) : []),
      ...(anyOf || words ? ["", "no such", "ASC", "null"].map(wrong) : []),
      ...(maxLength === undefined ? [] : [wrong("x".repeat(maxLength + 1))]),
      ...(name === "cursor" ? ["x", "W10", "bnVsbA", "WzEsMl0", "WyIxIiwiYSJd"].map(wrong) : []),
      ...(type === "array" || name === "org_id" ? [] : [wrong(`1&${name}=1`)]),
      ...(name === "org_id" ? [] : [wrong("%00"), wrong("a%00b")]),
      ...(required
        ? [{ what: `no ${name}`, query: requiredQuery(operation, name), pointer: `/${name}` }, wrong("")]
        : []),
    ];
  });
}

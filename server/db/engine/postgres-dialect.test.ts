import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Kysely } from "kysely";
import { listed } from "../value-list.ts";
import { serverDialect } from "./postgres-dialect.ts";

describe("a list to look in, on a server,", () => {
  const db = new Kysely<any>({ dialect: serverDialect() });
  const compiled = (values: readonly string[]) =>
    db.selectFrom("thing").select("id").where("size", "=", 7).where("id", "in", listed(values)).compile();

  test("is an array where it is short", () => {
    const { sql, parameters } = compiled(["a", 'b"\\', "c,d"]);
    assert.match(sql, /"size" = \$1 and "id" = any\(cast\(\$2 as text\[\]\)\)$/);
    assert.deepEqual(parameters, [7, '{"a","b\\"\\\\","c,d"}']);
  });

  test("stays a list where it is long", () => {
    const long = Array.from({ length: 1000 }, (_, i) => `id-${i}`);
    const { sql, parameters } = compiled(long);
    assert.match(sql, /"id" in \(select value from json_each\(cast\(\$2 as text\)\)\)$/);
    assert.deepEqual(parameters, [7, JSON.stringify(long)]);
  });
});

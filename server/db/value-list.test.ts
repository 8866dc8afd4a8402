import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { sql } from "kysely";
import { engines } from "../../test/engines.ts";
import type { Store } from "./database.ts";
import { once } from "./once.ts";
import { alongside, listed, valueList } from "./value-list.ts";

for (const engine of engines) {
  describe(`a list of values on ${engine.name}`, () => {
    let store: Store;
    before(async () => {
      store = await engine.open();
    });
    after(() => store.close());

    test("is a table of positions and texts", async () => {
      const values = ["b", "", 'quo"te', "ä\n😀", "b", "null"];
      const rows = await store.read((db) =>
        db.selectFrom(valueList(values).as("list")).select(["key", "value"]).orderBy("key").execute(),
      );
      assert.deepEqual(
        rows,
        values.map((value, key) => ({ key, value })),
      );
    });

    test("goes beside another one, place by place", async () => {
      const names = ["b", "a", "b", "c"];
      const sizes = [3, 1, 2, 1];
      const beside = once((db, some: readonly string[], theirs: readonly number[]) =>
        db
          .selectFrom(valueList(some).as("name"))
          .innerJoin(alongside(theirs).as("size"), "size.key", "name.key")
          .select(["name.value as name", "size.value as size"])
          .orderBy("name.key"),
      );
      assert.deepEqual(
        await store.read((db) => beside(db, names, sizes)),
        names.map((name, place) => ({ name, size: String(sizes[place]) })),
      );
    });

    test("holds numbers as text, to be cast", async () => {
      const rows = await store.read((db) =>
        db
          .selectFrom(valueList([7, 9007199254740991]).as("list"))
          .select(["value", sql<number>`cast(value as bigint)`.as("number")])
          .orderBy("key")
          .execute(),
      );
      assert.deepEqual(rows, [
        { value: "7", number: 7 },
        { value: "9007199254740991", number: 9007199254740991 },
      ]);
    });

    test("joins ten thousand values to a table by its key", async () => {
      const values = Array.from({ length: 10_000 }, (_, i) => `id-${i}`);
      const count = await store.rehearse(async (db) => {
        await sql`create table thing (id text primary key)`.execute(db);
        await sql`insert into thing select value from ${valueList(values)} as list`.execute(db);
        const { rows } = await sql<{ count: number }>`
          select count(*) as count from ${valueList(values.slice(5_000))} as list
          join thing on thing.id = list.value`.execute(db);
        return rows[0]?.count;
      });
      assert.equal(count, 5_000);
    });

    test("finds in it what is one of them, however they are written and however many there are", async () => {
      const strange = [
        "",
        "null",
        "NULL",
        'quo"te',
        "back\\slash",
        "\\n",
        "ä\n😀\t",
        "{a,b}",
        "a,b",
        " b ",
        "'",
      ];
      const others = ["b", "Null", "quo", "back", "n", "{a", "slash"];
      const all = [...strange, ...others];
      const count = (values: readonly string[]) =>
        Array.from({ length: 1000 }, (_, i) => values[i] ?? `id-${i}`);
      const asked = once((db, values: readonly string[]) =>
        db
          .selectFrom(valueList(all).as("every"))
          .select("value")
          .where("value", "in", listed(values))
          .orderBy("key"),
      );
      for (const wanted of [strange, strange.slice(0, 1), [], count(strange)]) {
        const expected = all.filter((value) => wanted.includes(value));
        const [found, kept, missed] = await store.read(async (db) => {
          const every = db.selectFrom(valueList(all).as("every")).select("value").orderBy("key");
          return [
            await every.where("value", "in", listed(wanted)).execute(),
            await asked(db, wanted),
            await every.where(sql<boolean>`not (value in ${listed(wanted)})`).execute(),
          ];
        });
        assert.deepEqual(
          found.map(({ value }) => value),
          expected,
        );
        assert.deepEqual(kept, found);
        assert.equal(missed.length, all.length - expected.length);
      }
    });
  });
}

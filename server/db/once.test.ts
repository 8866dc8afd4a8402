import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { sql } from "kysely";
import { engines } from "../../test/engines.ts";
import type { Handle, Store } from "./database.ts";
import { once } from "./once.ts";
import { valueList } from "./value-list.ts";

type Tables = { thing: { id: string; kind: string; size: number | null } };

const tables = (db: Handle) => db.$extendTables<Tables>();

for (const engine of engines) {
  describe(`once on ${engine.name}`, () => {
    let store: Store;

    before(async () => {
      store = await engine.open();
      await store.write(async (db) => {
        await sql`create table thing (id text primary key, kind text not null, size bigint)`.execute(db);
        const values = ["a", "b", "c", "d"].map((id, size) => ({
          id,
          kind: size < 2 ? "low" : "high",
          size,
        }));
        await tables(db).insertInto("thing").values(values).execute();
      });
    });
    after(() => store.close());

    test("builds at the first call only and answers the rows of each call's values", async () => {
      let built = 0;
      const byKind = once((db, kind: string, size: number) => {
        built++;
        return tables(db).selectFrom("thing").select("id").where("kind", "=", kind).where("size", ">=", size);
      });
      assert.deepEqual(await store.read((db) => byKind(db, "low", 0)), [{ id: "a" }, { id: "b" }]);
      assert.deepEqual(await store.read((db) => byKind(db, "high", 3)), [{ id: "d" }]);
      assert.deepEqual(await store.write((db) => byKind(db, "low", 1)), [{ id: "b" }]);
      assert.equal(built, 1);
    });

    test("takes a value in several places and out of order, beside fixed ones", async () => {
      const query = once((db, id: string, kind: string) =>
        tables(db)
          .selectFrom("thing")
          .select(["id", sql<string>`cast(${id} as text)`.as("wanted")])
          .where("size", "<", 3)
          .where("kind", "=", kind)
          .where("id", ">=", id)
          .orderBy("id"),
      );
      const rows = await store.read((db) => query(db, "c", "high"));
      assert.deepEqual(rows, [{ id: "c", wanted: "c" }]);
    });

    test("answers a write's count, or its rows where it returns some", async () => {
      const grow = once((db, by: number, kind: string) =>
        tables(db)
          .updateTable("thing")
          .set((eb) => ({ size: eb("size", "+", by) }))
          .where("kind", "=", kind),
      );
      const add = once((db, id: string, size: number | null) =>
        tables(db)
          .insertInto("thing")
          .values({ id, kind: "new", size })
          .onConflict((conflict) => conflict.doNothing()),
      );
      const remove = once((db, kind: string) =>
        tables(db).deleteFrom("thing").where("kind", "=", kind).returning("id"),
      );
      await store.rehearse(async (db) => {
        assert.equal((await grow(db, 5, "low"))[0]?.numUpdatedRows, 2n);
        assert.equal((await add(db, "e", null))[0]?.numInsertedOrUpdatedRows, 1n);
        assert.equal((await add(db, "e", 1))[0]?.numInsertedOrUpdatedRows, 0n);
        assert.deepEqual(await remove(db, "new"), [{ id: "e" }]);
      });
    });

    test("takes raw SQL too", async () => {
      const named = once((_db, id: string) => sql<{ kind: string }>`select kind from thing where id = ${id}`);
      assert.deepEqual(await store.read((db) => named(db, "c")), [{ kind: "high" }]);
    });

    test("takes a list in the place of a list of values, and limits", async () => {
      const some = once((db, ids: readonly string[], limit: number) =>
        tables(db)
          .selectFrom("thing")
          .innerJoin(valueList(ids).as("wanted"), "wanted.value", "thing.id")
          .select("thing.id")
          .orderBy("wanted.key")
          .limit(limit),
      );
      assert.deepEqual(await store.read((db) => some(db, ["d", "none", "a", "b"], 2)), [
        { id: "d" },
        { id: "a" },
      ]);
      assert.deepEqual(await store.read((db) => some(db, [], 2)), []);
    });

    test("refuses a query that looks into a value it does not have yet", async () => {
      const prefixed = once((db, prefix: string) =>
        tables(db).selectFrom("thing").select("id").where("id", "like", `${prefix}%`),
      );
      await assert.rejects(
        store.read((db) => prefixed(db, "a")),
        /no value yet/,
      );
    });
  });
}

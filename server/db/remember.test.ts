import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { sql } from "kysely";
import { engines } from "../../test/engines.ts";
import type { Handle, Store } from "./database.ts";
import { remembering } from "./remember.ts";

for (const engine of engines) {
  describe(`remembering on ${engine.name}`, () => {
    let store: Store;
    let looked = 0;
    const size = async (db: Handle) => {
      looked++;
      const { rows } = await sql<{ size: number }>`select size from thing`.execute(db);
      return rows[0]?.size;
    };
    const put = (to: number) => store.write((db) => sql`update thing set size = ${to}`.execute(db));

    before(async () => {
      store = await engine.open();
      await store.write(async (db) => {
        await sql`create table thing (size bigint)`.execute(db);
        await sql`insert into thing (size) values (0)`.execute(db);
      });
    });
    after(() => store.close());

    test("answers after every commit what was committed", async () => {
      const remembered = remembering<number>(store, 10);
      for (const wanted of [1, 2, 3]) {
        await put(wanted);
        assert.deepEqual([await remembered("a", size), await remembered("a", size)], [wanted, wanted]);
      }
    });

    test("looks once between commits where the store knows of them all, else each time", async () => {
      const remembered = remembering<number>(store, 10);
      const lookedBefore = looked;
      for (const _ of [1, 2, 3]) await remembered("a", size);
      assert.equal(looked - lookedBefore, store.version() === undefined ? 3 : 1);
    });

    test("keeps nothing of a look that a commit overtook", async () => {
      const remembered = remembering<number>(store, 10);
      await put(4);
      const seen = await remembered("a", async (db) => {
        const before = await size(db);
        await put(5);
        await remembered("b", size);
        return before;
      });
      assert.deepEqual([seen, await remembered("a", size)], [4, 5]);
    });

    test("looks again for what it did not find, and forgets when it is full", async () => {
      const remembered = remembering<number>(store, 2);
      assert.equal(await remembered("a", async () => undefined), undefined);
      for (const key of ["a", "b", "c", "d"]) assert.equal(await remembered(key, size), 5);
    });
  });
}

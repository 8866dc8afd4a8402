import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { CompiledQuery, sql } from "kysely";
import { engines } from "../../../test/engines.ts";
import type { Store } from "../database.ts";
import { Inserted, Statistics } from "./postgres-statistics.ts";

const inserted = (rows: Record<string, number>) => {
  const each = new Inserted();
  for (const [table, count] of Object.entries(rows)) note(each, `insert into "${table}" values (1)`, count);
  return each;
};
const note = (to: Inserted, sql: string, count: number) =>
  to.note(CompiledQuery.raw(sql), { rows: [], numAffectedRows: BigInt(count) });

describe("what a transaction inserted", () => {
  test("is counted by table, whatever else it did", () => {
    const counted = new Inserted();
    note(counted, 'insert into "device" ("id") select 1', 3);
    note(counted, 'insert into "device" ("id") select 1 on conflict do nothing', 4);
    note(counted, 'insert into "audit_entry" values (1)', 1);
    note(counted, 'update "device" set "id" = 1', 10);
    note(counted, 'delete from "device"', 10);
    counted.note(CompiledQuery.raw("select 1"), { rows: [] });
    assert.deepEqual(
      [...counted.rows],
      [
        ["device", 7],
        ["audit_entry", 1],
      ],
    );
  });
});

describe("statistics", () => {
  test("are gathered of a table that has grown by as much as before, not of others", async () => {
    const looks: string[] = [];
    const statistics = new Statistics(async (table) => looks.push(table));
    const after = async (rows: Record<string, number>) => {
      statistics.grown(inserted(rows));
      await statistics.settled();
      return looks.splice(0);
    };
    assert.deepEqual(await after({ device: 499, member: 1 }), []);
    assert.deepEqual(await after({ device: 1 }), ["device"]);
    assert.deepEqual(await after({ device: 999, member: 498 }), []);
    assert.deepEqual(await after({ device: 1, member: 1 }), ["device", "member"]);
    assert.deepEqual(await after({ device: 1_999 }), []);
    assert.deepEqual(await after({ device: 1_000_000 }), ["device"]);
    assert.deepEqual(await after({ device: 3_999 }), []);
    assert.deepEqual(await after({ device: 1 }), ["device"]);
  });

  test("are gathered of one table at a time, and again of one that grew meanwhile", async () => {
    const looks: { readonly table: string; done(): void }[] = [];
    const statistics = new Statistics((table) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      looks.push({ table, done: resolve });
      return promise;
    });
    statistics.grown(inserted({ device: 500, member: 500 }));
    statistics.grown(inserted({ device: 1_000 }));
    const settled = statistics.settled();
    for (const table of ["device", "device", "member"]) {
      assert.deepEqual(
        looks.map((look) => look.table),
        [table],
      );
      looks.pop()?.done();
      // As many turns as the next look takes to begin.
      await new Promise(setImmediate);
    }
    await settled;
    assert.deepEqual(looks, []);
  });

  test("that could not be gathered are left until the table has grown as much again", async () => {
    let looks = 0;
    const statistics = new Statistics(async () => {
      looks++;
      throw new Error("the server is gone");
    });
    for (const [rows, expected] of [
      [500, 1],
      [999, 1],
      [1, 2],
    ] as const) {
      statistics.grown(inserted({ device: rows }));
      await statistics.settled();
      assert.equal(looks, expected);
    }
  });
});

const engine = engines.find(({ name }) => name === "postgres");

describe("a store on a server", { timeout: 30_000, skip: !engine }, () => {
  test("has a table looked at that has grown, so that the planner knows how many rows there are", async () => {
    const store = (await engine?.open()) as Store;
    try {
      const table = sql`create table crowd (id text primary key) with (autovacuum_enabled = false)`;
      await store.write((db) => table.execute(db));
      const grow = (end?: Error) =>
        store.write(async (db) => {
          await sql`insert into "crowd" select g from generate_series(1, 500) as g`.execute(db);
          if (end) throw end;
        });
      const undone = new Error("undone");
      await assert.rejects(grow(undone), undone);
      await grow();
      const known = () =>
        store.read((db) => sql`select 1 from pg_stats where tablename = 'crowd'`.execute(db));
      // Nobody else looks at it; the time limit ends the wait.
      while ((await known()).rows.length === 0);
    } finally {
      await store.close();
    }
  });
});

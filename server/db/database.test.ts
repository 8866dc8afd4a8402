import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { sql } from "kysely";
import { engines } from "../../test/engines.ts";
import { Failure } from "../failure.ts";
import type { Handle, Store } from "./database.ts";

for (const engine of engines) {
  describe(`a store on ${engine.name}`, { timeout: 20_000 }, () => {
    let store: Store;
    const present = async (prefix: string) => (await store.read((db) => ids(db, prefix))).join(" ");

    before(async () => {
      store = await engine.open();
      await store.write((db) => sql`create table thing (id text primary key, size bigint)`.execute(db));
    });
    after(() => store.close());

    test("keeps what a work wrote and answers what it answered", async () => {
      const answer = await store.write(async (db) => {
        await insert(db, "keep-1");
        await insert(db, "keep-2");
        return ids(db, "keep");
      });
      assert.deepEqual(answer, ["keep-1", "keep-2"]);
      assert.equal(await present("keep"), "keep-1 keep-2");
    });

    test("keeps nothing of a work that throws, and rejects with what it threw", async () => {
      const thrown = new Failure("conflict", "no");
      const writing = store.write(async (db) => {
        await insert(db, "throw-1");
        throw thrown;
      });
      await assert.rejects(writing, (error) => error === thrown);
      assert.equal(await present("throw"), "");
    });

    test("keeps nothing of a work that caught the error of a statement", async () => {
      const writing = store.write(async (db) => {
        await insert(db, "caught-1");
        await insert(db, "caught-1").catch(() => {});
        await insert(db, "caught-2").catch(() => {});
      });
      await assert.rejects(writing, /unique/i);
      assert.equal(await present("caught"), "");
    });

    test("keeps nothing of a rehearsal, and answers what it answered", async () => {
      const answer = await store.rehearse(async (db) => {
        await insert(db, "rehearse-1");
        return ids(db, "rehearse");
      });
      assert.deepEqual(answer, ["rehearse-1"]);
      await assert.rejects(
        store.rehearse(async () => {
          throw new Error("no");
        }),
        /^Error: no$/,
      );
      assert.equal(await present("rehearse"), "");
    });

    test("reads at once while a write is open, and sees nothing of it before its commit", async () => {
      const [open, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      const writing = store.write(async (db) => {
        await insert(db, "dirty-1");
        open.resolve();
        await go.promise;
      });
      await open.promise;
      assert.equal(await present("dirty"), "");
      go.resolve();
      await writing;
      assert.equal(await present("dirty"), "dirty-1");
    });

    test("a handle refuses statements after its work has ended", async () => {
      const handles: Handle[] = [];
      await store.write(async (db) => void handles.push(db));
      await store.rehearse(async (db) => void handles.push(db));
      const failed = store.write(async (db) => {
        handles.push(db);
        throw new Error("no");
      });
      await assert.rejects(failed);
      for (const db of handles) await assert.rejects(insert(db, "late-1"), /transaction is over/);
      assert.equal(await present("late"), "");
    });

    test("statements that a throwing work left behind don't reach the next one", async () => {
      const left: Promise<unknown>[] = [];
      const writing = store.write(async (db) => {
        for (let i = 0; i < 20; i++) left.push(insert(db, `left-${i}`).catch(() => {}));
        throw new Error("no");
      });
      const next = store.write((db) => insert(db, "next-1"));
      await assert.rejects(writing, /^Error: no$/);
      await next;
      await Promise.all(left);
      assert.equal(await present("left"), "");
      assert.equal(await present("next"), "next-1");
    });

    test("a handle in a transaction can't begin another one, and none can stream", async () => {
      await assert.rejects(store.write((db) => db.transaction().execute(async () => {})));
      const first = (db: Handle) => db.getExecutor().stream(sql`select 1`.compile(db), 1).next();
      await assert.rejects(store.read(first), /page/);
      await assert.rejects(store.write(first), /page/);
    });

    test("a read refuses to write, and says so as a mistake of ours", async () => {
      const writing = store.read((db) => insert(db, "read-1"));
      await assert.rejects(writing, (error) => !(error instanceof Failure));
      assert.equal(await present("read"), "");
    });

    test("of a hundred that race to insert one key, one does", async () => {
      const race = Array.from({ length: 100 }, () =>
        store.write(async (db) => {
          if ((await ids(db, "race")).length > 0) return 0;
          return insertUnlessThere(db, "race-1");
        }),
      );
      const counts = await Promise.all(race);
      assert.equal(
        counts.reduce((sum, count) => sum + count, 0),
        1,
      );
    });

    test("whole numbers, sums and truth are numbers", async () => {
      await store.write((db) => insert(db, "number-1", Number.MAX_SAFE_INTEGER));
      const { rows } = await store.read((db) =>
        sql`select size, exists (select 1) as truth,
              (select count(*) from thing where id = 'number-1') as counted,
              (select sum(size) from thing where id = 'number-1') as summed
            from thing where id = 'number-1'`.execute(db),
      );
      const { MAX_SAFE_INTEGER } = Number;
      assert.deepEqual(rows, [{ size: MAX_SAFE_INTEGER, truth: 1, counted: 1, summed: MAX_SAFE_INTEGER }]);
    });

    test("a value that can't be sent fails its own work alone", async () => {
      await assert.rejects(store.write((db) => insert(db, undefined as unknown as string)));
      await assert.rejects(store.write((db) => insert(db, "sent-1", true as unknown as number)));
      await store.write((db) => insert(db, "after-1"));
      assert.equal(await present("after"), "after-1");
    });

    test("is alive", async () => {
      await store.alive();
    });
  });

  describe(`closing a store on ${engine.name}`, { timeout: 20_000 }, () => {
    test("waits for running works, and refuses new ones", async () => {
      const store = await engine.open();
      await store.write((db) => sql`create table thing (id text primary key, size bigint)`.execute(db));
      const writing = [1, 2, 3].map((i) => store.write((db) => insert(db, `close-${i}`)));
      await Promise.all([...writing, store.close()]);
      for (const attempt of [store.write(async () => {}), store.read((db) => ids(db, "")), store.alive()]) {
        await assert.rejects(attempt, isUnavailable);
      }
    });
  });
}

function isUnavailable(error: unknown): boolean {
  return error instanceof Failure && error.kind === "unavailable" && error.details.retryAfterS === 1;
}

async function insert(db: Handle, id: string, size = 0): Promise<void> {
  await sql`insert into thing (id, size) values (${id}, ${size})`.execute(db);
}

async function insertUnlessThere(db: Handle, id: string): Promise<number> {
  const done = await sql`insert into thing (id) values (${id}) on conflict do nothing`.execute(db);
  return Number(done.numAffectedRows);
}

async function ids(db: Handle, prefix: string): Promise<string[]> {
  const query = sql<{ id: string }>`select id from thing where id like ${`${prefix}-%`} order by id`;
  return (await query.execute(db)).rows.map((row) => row.id);
}

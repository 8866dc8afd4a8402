import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { sql } from "kysely";
import { Failure } from "../../failure.ts";
import type { Handle, Store } from "../database.ts";
import { alongside, valueList } from "../value-list.ts";
import { openSqlite } from "./sqlite.ts";

describe("the writer of the embedded store", { timeout: 20_000 }, () => {
  let folder: string;
  let store: Store;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "flotilla-writer-"));
    store = openSqlite(join(folder, "made", "when missing"), false);
    await store.write(async (db) => {
      await sql`create table thing (id text primary key, blob text)`.execute(db);
      const later = sql`references thing (id) deferrable initially deferred`;
      await sql`create table part (thing_id text ${later})`.execute(db);
    });
  });
  afterEach(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });

  const present = async () => (await store.read(ids)).join(" ");

  test("runs works in the order they came in, one at a time", async () => {
    const steps: string[] = [];
    const work = (name: number) => async (db: Handle) => {
      steps.push(`${name} begins`);
      await insert(db, `thing-${name}`);
      await new Promise((resume) => setImmediate(resume));
      steps.push(`${name} ends`);
    };
    await Promise.all(
      [1, 2, 3].map((name) => store.write(work(name)).then(() => steps.push(`${name} answered`))),
    );
    const ran = [1, 2, 3].flatMap((name) => [`${name} begins`, `${name} ends`]);
    assert.deepEqual(steps, [...ran, "1 answered", "2 answered", "3 answered"]);
  });

  test("commits works that wait together at once, and answers them only then", async () => {
    const seen: string[] = [];
    const first = store.write((db) => insert(db, "first")).then(async () => seen.push(await present()));
    const second = store.write(async (db) => {
      seen.push(await present());
      await insert(db, "second");
    });
    await Promise.all([first, second]);
    assert.deepEqual(seen, ["", "first second"]);
  });

  test("keeps the works around one that fails, and those around a rehearsal", async () => {
    const works = [
      store.write((db) => insert(db, "a")),
      store.write(async (db) => {
        await insert(db, "b");
        throw new Error("no");
      }),
      store.rehearse((db) => insert(db, "c")),
      store.write((db) => insert(db, "a")),
      store.write((db) => insert(db, "d")),
    ];
    const ends = (await Promise.allSettled(works)).map((end) => end.status);
    assert.deepEqual(ends, ["fulfilled", "rejected", "fulfilled", "rejected", "fulfilled"]);
    assert.equal(await present(), "a d");
  });

  test("rejects every work of a group whose commit fails, and goes on", async () => {
    const works = [
      store.write((db) => insert(db, "a")),
      store.write((db) => sql`insert into part values ('nothing')`.execute(db)),
      store.write((db) => insert(db, "b")),
    ];
    const ends = (await Promise.allSettled(works)).map((end) => end.status);
    assert.deepEqual(ends, ["rejected", "rejected", "rejected"]);
    await store.write((db) => insert(db, "c"));
    assert.equal(await present(), "c");
  });

  test("says that it is unavailable when the disk is full, keeps the rest and goes on", async () => {
    await store.write((db) => insert(db, "before"));
    await store.write((db) => sql`pragma max_page_count = 20`.execute(db));
    await assert.rejects(
      store.write((db) => sql`insert into thing values ('big', ${"x".repeat(1_000_000)})`.execute(db)),
      (error) => error instanceof Failure && error.kind === "unavailable" && /full/.test(error.message),
    );
    await store.write((db) => insert(db, "small"));
    assert.equal(await present(), "before small");
  });

  test("waits for a transaction of another thread without stopping the loop", async () => {
    const other = new DatabaseSync(join(folder, "made", "when missing", "flotilla.db"));
    other.exec("begin immediate");
    let turns = 0;
    const turning = setInterval(() => {
      if (++turns === 5) other.exec("commit");
    }, 1);
    await store.write((db) => insert(db, "a"));
    clearInterval(turning);
    other.close();
    assert.ok(turns >= 5);
  });

  const slow = async (db: Handle) => {
    const until = performance.now() + 25;
    while (performance.now() < until) await insert(db, String(Math.random()));
  };

  test("lets a group grow no further after its time, so that its answers leave", async () => {
    const steps: string[] = [];
    const first = store.write(slow).then(() => steps.push("first answered"));
    const next = store.write(async () => steps.push("next runs"));
    await Promise.all([first, next]);
    assert.deepEqual(steps, ["first answered", "next runs"]);
  });

  test("turns the loop between groups however many works wait", async () => {
    let turns = 0;
    const turn = () => {
      turns++;
      turning = setImmediate(turn);
    };
    let turning = setImmediate(turn);
    await Promise.all([1, 2, 3, 4].map(() => store.write(slow)));
    clearImmediate(turning);
    assert.ok(turns >= 3, `${turns} turns`);
  });
});

describe("the planner of the embedded store", () => {
  let folder: string;
  let store: Store;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "flotilla-planner-"));
    store = openSqlite(folder, false);
    await store.migrator((db) =>
      sql`create table device (account_id text, id text, name text, primary key (account_id, id))`.execute(
        db,
      ),
    );
  });
  after(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });
  const planOf = async (run: Store["read"], query: ReturnType<typeof sql>) => {
    const { rows } = await run((db) => sql<{ detail: string }>`explain query plan ${query}`.execute(db));
    return rows.map((row) => row.detail).join("; ");
  };
  const list = valueList(["a", "b"]);

  test("looks each id of a list up in its table, however the query is written", async () => {
    for (const query of [
      sql`select * from device join ${list} as list on id = value where account_id = 'x'`,
      sql`select * from ${list} as list join device on id = value and account_id = 'x'`,
      sql`select * from device where account_id = 'x' and id in (select value from ${list})`,
    ]) {
      for (const run of [store.read, store.write])
        assert.match(await planOf(run, query), /SEARCH device USING INDEX \w+ \(account_id=\? AND id=\?\)/);
    }
  });

  test("looks up by its place what stands beside a value, and reads no list through for each row", async () => {
    const query = sql`select d.id, size.value from ${list} as wanted
      join ${alongside(["1", "2"])} as size on size.key = wanted.key
      join device as d on d.id = wanted.value where d.account_id = 'x'`;
    for (const run of [store.read, store.write])
      assert.match(await planOf(run, query), /SEARCH size USING AUTOMATIC COVERING INDEX \(key=\?\)/);
  });
});

async function insert(db: Handle, id: string): Promise<void> {
  await sql`insert into thing (id) values (${id})`.execute(db);
}

async function ids(db: Handle): Promise<string[]> {
  return (await sql<{ id: string }>`select id from thing order by id`.execute(db)).rows.map((row) => row.id);
}

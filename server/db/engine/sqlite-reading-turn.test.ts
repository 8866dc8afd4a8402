import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, describe, test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { sql } from "kysely";
import type { Handle, Store } from "../database.ts";
import { openSqlite } from "./sqlite.ts";

describe("reads of one turn of the event loop", () => {
  const folder = mkdtempSync(join(tmpdir(), "flotilla-turn-"));
  let store: Store;

  before(async () => {
    store = openSqlite(folder, false);
    await store.write((db) => sql`create table thing (size bigint)`.execute(db));
  });
  after(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });

  const count = (db: Handle) => sql<{ n: number }>`select count(*) as n from thing`.execute(db);
  const counted = async () => (await store.read(count)).rows[0]?.n;
  const insert = (db: Handle) => sql`insert into thing values (1)`.execute(db);

  test("see every commit that was made before them, also in the same turn", async () => {
    for (const wanted of [1, 2, 3]) {
      const [before, after] = await Promise.all([counted(), store.write(insert).then(counted)]);
      assert.deepEqual([before, after], [wanted - 1, wanted]);
    }
  });

  test("see other connections' commits in the next turn, and hold nothing up", async () => {
    const other = new DatabaseSync(join(folder, "flotilla.db"));
    const seen = await counted();
    other.exec("insert into thing values (1)");
    await nextTurn();
    assert.equal(await counted(), Number(seen) + 1);
    await nextTurn();
    // Moves everything out of the log, which fails to while anybody reads from it.
    const { busy } = other.prepare("pragma wal_checkpoint(truncate)").get() as { busy: number };
    assert.equal(busy, 0);
    other.close();
  });
});

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, test } from "node:test";
import { sql } from "kysely";
import type { Place } from "../../test/engines.ts";
import { engines } from "../../test/engines.ts";
import { flag, integer, text } from "./columns.ts";
import type { Settings } from "./database.ts";
import { migrate } from "./migrate.ts";
import * as migrations from "./migrations/index.ts";
import { openStore } from "./open.ts";

for (const engine of engines) {
  describe(`migrating on ${engine.name}`, { timeout: 30_000 }, () => {
    const using = async (migrated: boolean, test: (place: Place) => Promise<void>) => {
      const place = await engine.place(migrated);
      try {
        await test(place);
      } finally {
        await place.remove();
      }
    };

    test("runs the whole log on an empty store, and a second time does nothing", () =>
      using(false, async ({ settings }) => {
        const first = await migrateAlone(settings);
        assert.deepEqual(first.names, Object.keys(migrations));
        assert.deepEqual(await migrateAlone(settings), first);
      }));

    test("makes the same schema as the tests' template has", () =>
      using(true, async (template) => {
        await using(false, async (fresh) => {
          assert.equal(
            (await migrateAlone(fresh.settings)).schema,
            (await migrateAlone(template.settings)).schema,
          );
        });
      }));

    test("is safe when several processes begin at once", () =>
      using(false, async ({ settings }) => {
        const ended = await Promise.all([1, 2, 3].map(() => migrateInProcess(settings)));
        // The embedded store has one owner: the others stop, and that is their part.
        const refused = ended.filter((said) => /in use by another process/.test(said));
        const done = ended.filter((said) => said === "");
        assert.equal(refused.length + done.length, 3, ended.join("\n"));
        assert.ok(done.length === 3 || "folder" in settings, ended.join("\n"));
        assert.deepEqual((await migrateAlone(settings)).names, Object.keys(migrations));
      }));
  });

  describe(`the schema of a store on ${engine.name}`, () => {
    test("is text of one line per column, with indexes, and without what the migrator keeps", async () => {
      const store = await engine.open();
      try {
        const before = await store.schema();
        await store.migrator(async (db) => {
          await db.schema
            .createTable("zz_thing")
            .addColumn("account_id", text(db), (column) => column.notNull())
            .addColumn("name", text(db))
            .addColumn("size", integer(db), (column) => column.notNull().defaultTo(0))
            .addColumn("done", flag(db), (column) => column.notNull())
            .addPrimaryKeyConstraint("zz_thing_key", ["account_id", "name"])
            .addCheckConstraint("zz_thing_size", sql`size >= 0 and name <> 'a, (b'`)
            .execute();
          await db.schema
            .createIndex("zz_thing_by_size")
            .on("zz_thing")
            .columns(["account_id", "size"])
            .execute();
        });
        const schema = await store.schema();
        assert.ok(schema.startsWith(before));
        assert.doesNotMatch(schema, /kysely/);
        const added = schema.slice(before.length).trim();
        assert.match(added, /^create table "?zz_thing"? \($/m);
        assert.match(added, /^ {2}"?size"? \w+ (not null default|default 0 not null)/m);
        assert.match(added, /^ {2}constraint "?zz_thing_size"? check .*'a, \(b'.*$/im);
        assert.match(added, /^create index "?zz_thing_by_size"? on .*;$/im);
        assert.equal(await store.schema(), schema);
      } finally {
        await store.close();
      }
    });

    test("has texts that sort by their bytes", async () => {
      const store = await engine.open();
      try {
        const sorted = await store.rehearse(async (db) => {
          await db.schema.createTable("zz_text").addColumn("value", text(db)).execute();
          await sql`insert into zz_text values ('b'), ('a'), ('é'), ('B'), ('_'), ('1'), ('')`.execute(db);
          return (await sql<{ value: string }>`select value from zz_text order by value`.execute(db)).rows;
        });
        assert.equal(sorted.map((row) => row.value).join(""), "1B_abé");
      } finally {
        await store.close();
      }
    });
  });
}

async function migrateAlone(settings: Settings): Promise<{ names: string[]; schema: string }> {
  const store = await openStore(settings, { durable: false });
  try {
    await migrate(store);
    const query = sql<{ name: string }>`select name from kysely_migration order by name`;
    const { rows } = await store.read((db) => query.execute(db));
    return { names: rows.map((row) => row.name), schema: await store.schema() };
  } finally {
    await store.close();
  }
}

/** Migrates in a process of its own and answers the message that it ended with, if there was one. */
async function migrateInProcess(settings: Settings): Promise<string> {
  const child = spawn(process.execPath, ["--input-type=module", "-e", program, JSON.stringify(settings)], {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, NODE_TEST_CONTEXT: undefined },
  });
  let said = "";
  child.stderr.on("data", (bytes) => {
    said += bytes;
  });
  await once(child, "close");
  return said;
}

const program = `
  import { openStore } from ${JSON.stringify(new URL("./open.ts", import.meta.url))};
  import { migrate } from ${JSON.stringify(new URL("./migrate.ts", import.meta.url))};
  try {
    const store = await openStore(JSON.parse(process.argv[1]), { durable: false });
    await migrate(store);
    await store.close();
  } catch (error) {
    console.error(error.message);
  }
`;

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { sql } from "kysely";
import { Failure } from "../../failure.ts";
import type { Handle } from "../database.ts";
import { handlesOf } from "./handle.ts";
import { Connection } from "./sqlite-connection.ts";
import { dialect } from "./sqlite-dialect.ts";
import { type Log, WriteAheadLog } from "./sqlite-log.ts";
import { Writer } from "./sqlite-writer.ts";

/** A disk that is done with what was committed when the test says so. */
class SlowDisk implements Log {
  readonly asked: PromiseWithResolvers<void>[] = [];
  readonly commits: ("waits" | "goes on")[] = [];

  waitInCommit(yes: boolean): void {
    this.commits.push(yes ? "waits" : "goes on");
  }
  onDisk(): Promise<void> {
    const asked = Promise.withResolvers<void>();
    this.asked.push(asked);
    return asked.promise;
  }
  close(): void {}
}

describe("what is written quietly", { timeout: 20_000 }, () => {
  let folder: string;
  let connection: Connection;
  let disk: SlowDisk;
  let writer: Writer;
  const answered: string[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "flotilla-log-"));
    connection = new Connection(new DatabaseSync(join(folder, "a.db")));
    connection.database.exec("create table thing (id text primary key)");
    disk = new SlowDisk();
    writer = new Writer(connection, handlesOf(dialect), disk, { beforeCommit() {}, afterCommit() {} });
    answered.length = 0;
  });
  afterEach(() => {
    connection.database.close();
    rmSync(folder, { recursive: true });
  });

  const put = (id: string, end: "keep" | "keep quietly") =>
    writer
      .perform((db: Handle) => sql`insert into thing values (${id})`.execute(db), end)
      .then(() => answered.push(id));
  const present = () =>
    connection.database
      .prepare("select id from thing order by id")
      .all()
      .map(({ id }) => id);
  const until = async (reached: () => boolean) => {
    while (!reached()) await nextTurn();
  };

  test("is answered once it is on the disk, and the next group runs meanwhile", async () => {
    const first = put("a", "keep quietly");
    await until(() => disk.asked.length === 1);
    const second = put("b", "keep quietly");
    await until(() => disk.asked.length === 2);
    assert.deepEqual([present(), answered], [["a", "b"], []]);
    disk.asked[0]?.resolve();
    await first;
    assert.deepEqual(answered, ["a"]);
    disk.asked[1]?.resolve();
    await second;
    await writer.idle();
    assert.deepEqual(answered, ["a", "b"]);
  });

  test("shares no commit with what waits for the disk in it", async () => {
    const all = Promise.all([put("a", "keep quietly"), put("b", "keep"), put("c", "keep")]);
    await until(() => disk.asked.length === 1 && answered.length === 2);
    assert.deepEqual(disk.commits, ["goes on", "waits"]);
    assert.deepEqual(answered, ["b", "c"]);
    disk.asked[0]?.resolve();
    await all;
  });

  test("is refused where the disk lost it, and so is everything after that", async () => {
    const lost = (error: unknown) => error instanceof Failure && error.kind === "unavailable";
    const first = assert.rejects(put("a", "keep quietly"), lost);
    await until(() => disk.asked.length === 1);
    writer.checkAlive();
    const meanwhile = [
      assert.rejects(put("d", "keep"), lost),
      assert.rejects(put("e", "keep quietly"), lost),
    ];
    disk.asked[0]?.reject(new Error("EIO"));
    await Promise.all([first, ...meanwhile]);
    await assert.rejects(put("b", "keep"), lost);
    await assert.rejects(put("c", "keep quietly"), lost);
    assert.throws(() => writer.checkAlive(), lost);
    await writer.idle();
    assert.deepEqual([answered, present()], [[], ["a"]]);
  });

  test("is not committed where the disk is lost while it is being done", async () => {
    const lost = (error: unknown) => error instanceof Failure && error.kind === "unavailable";
    const first = assert.rejects(put("a", "keep quietly"), lost);
    await until(() => disk.asked.length === 1);
    const second = writer.perform(async (db: Handle) => {
      await sql`insert into thing values ('b')`.execute(db);
      disk.asked[0]?.reject(new Error("EIO"));
      await first;
    }, "keep");
    await assert.rejects(second, lost);
    await writer.idle();
    assert.deepEqual(present(), ["a"]);
  });

  test("keeps the writer from closing until it is on the disk", async () => {
    const first = put("a", "keep quietly");
    await until(() => disk.asked.length === 1);
    let idle = false;
    const waiting = writer.idle().then(() => {
      idle = true;
    });
    await nextTurn();
    assert.equal(idle, false);
    disk.asked[0]?.resolve();
    await Promise.all([first, waiting]);
  });
});

describe("the log of the embedded store", () => {
  test("has a connection wait for the disk or not, and reaches it either way", async () => {
    const folder = mkdtempSync(join(tmpdir(), "flotilla-log-"));
    const database = new DatabaseSync(join(folder, "a.db"));
    database.exec("pragma journal_mode = wal; pragma synchronous = full; create table thing (id text)");
    const log = new WriteAheadLog(database, join(folder, "a.db"));
    const mode = () => Number(database.prepare("pragma synchronous").get()?.synchronous);
    log.waitInCommit(false);
    assert.equal(mode(), 1);
    database.exec("insert into thing values ('a')");
    await Promise.all([log.onDisk(), log.onDisk(), log.onDisk()]);
    log.waitInCommit(true);
    assert.equal(mode(), 2);
    await log.onDisk();
    log.close();
    database.close();
    rmSync(folder, { recursive: true });
  });

  test("says of everything behind what the disk lost that it is lost, whatever the disk says later", async () => {
    const folder = mkdtempSync(join(tmpdir(), "flotilla-log-"));
    const database = new DatabaseSync(join(folder, "a.db"));
    database.exec("pragma journal_mode = wal; create table thing (id text)");
    const answers: PromiseWithResolvers<void>[] = [];
    const log = new WriteAheadLog(database, join(folder, "a.db"), () => {
      const answer = Promise.withResolvers<void>();
      answers.push(answer);
      return answer.promise;
    });
    const failed = /EIO/;
    const all = [log.onDisk(), log.onDisk(), log.onDisk()].map((each) => assert.rejects(each, failed));
    answers[0]?.reject(new Error("EIO"));
    await Promise.all(all);
    await assert.rejects(log.onDisk(), failed);
    assert.equal(answers.length, 1);
    log.close();
    database.close();
    rmSync(folder, { recursive: true });
  });
});

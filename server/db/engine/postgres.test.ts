import assert from "node:assert/strict";
import type { AddressInfo, Server, Socket } from "node:net";
import { connect, createServer } from "node:net";
import { after, afterEach, before, describe, test } from "node:test";
import { sql } from "kysely";
import type { Place } from "../../../test/engines.ts";
import { engines } from "../../../test/engines.ts";
import { Failure } from "../../failure.ts";
import type { Handle, Store } from "../database.ts";
import { openPostgres } from "./postgres.ts";

const limits = { connectMs: 400, waitMs: 5_000, statementMs: 5_000, silenceMs: 600 };
const engine = engines.find(({ name }) => name === "postgres");

describe("a store on a server", { timeout: 30_000, skip: !engine }, () => {
  let place: Place;
  let url: string;
  const opened: { close(): unknown }[] = [];
  const open = (at = url, poolSize = 4) => {
    const store = openPostgres(at, { poolSize, durable: false });
    opened.push(store);
    return store;
  };

  before(async () => {
    place = (await engine?.place(true)) as Place;
    url = (place.settings as { url: string }).url;
    const store = open();
    await store.write((db) => sql`create table thing (id text primary key, size bigint)`.execute(db));
    await store.close();
  });
  afterEach(async () => {
    for (const each of opened.splice(0).reverse()) await each.close();
  });
  after(() => place.remove());

  describe("that undoes transactions for the sake of others", () => {
    for (const code of ["40001", "40P01"]) {
      test(`runs a work again after ${code}, three times at most`, async () => {
        let runs = 0;
        const failing = (times: number) => async (db: Handle) => {
          if (++runs <= times) await raise(db, code);
          return runs;
        };
        assert.equal(await open().write(failing(3)), 4);
        runs = 0;
        await assert.rejects(open().write(failing(4)), { code });
        assert.equal(runs, 4);
      });
    }

    test("brings both of two works that wait for each other to their end", async () => {
      const store = open();
      await store.write((db) => sql`insert into thing values ('dead-1', 0), ('dead-2', 0)`.execute(db));
      const [one, two] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      await Promise.all([
        store.write(async (db) => {
          await grow(db, "dead-1");
          one.resolve();
          await two.promise;
          await grow(db, "dead-2");
        }),
        store.write(async (db) => {
          await grow(db, "dead-2");
          two.resolve();
          await one.promise;
          await grow(db, "dead-1");
        }),
      ]);
      const { rows } = await store.read((db) =>
        sql`select size from thing where id like 'dead-%'`.execute(db),
      );
      assert.deepEqual(rows, [{ size: 2 }, { size: 2 }]);
    });
  });

  describe("that ends sessions", () => {
    test("fails the work whose connection is ended, keeps nothing of it and goes on", async () => {
      const [store, other] = [open(), open()];
      const writing = store.write(async (db) => {
        await insert(db, "ended-1");
        await end(other, await pid(db));
        await insert(db, "ended-2");
      });
      await assert.rejects(writing, isUnavailable);
      await store.write((db) => insert(db, "ended-3"));
      assert.deepEqual(await ids(store, "ended"), ["ended-3"]);
    });

    test("fails a work that waits for an answer, and those of its statements that wait behind it", async () => {
      const [store, other] = [open(), open()];
      const left: Promise<unknown>[] = [];
      const asleep = Promise.withResolvers<number>();
      const writing = store.write(async (db) => {
        asleep.resolve(await pid(db));
        left.push(sql`select pg_sleep(60)`.execute(db), insert(db, "asleep-1"), insert(db, "asleep-2"));
        await Promise.all(left);
      });
      const ended = assert.rejects(writing, isUnavailable);
      await end(other, await asleep.promise);
      await ended;
      await assert.rejects(Promise.any(left));
      await store.write((db) => insert(db, "asleep-3"));
      assert.deepEqual(await ids(store, "asleep"), ["asleep-3"]);
    });

    test("goes on after all connections were ended at rest", async () => {
      const [store, other] = [open(), open()];
      const many = () =>
        Array.from({ length: 8 }, () => [store.read((db) => pid(db)), store.write((db) => pid(db))]);
      const pids = new Set(await Promise.all(many().flat()));
      for (const one of pids) await end(other, one);
      for (const ended of await Promise.allSettled(many().flat())) {
        if (ended.status === "rejected") assert.ok(isUnavailable(ended.reason), String(ended.reason));
      }
      const again = await Promise.all(many().flat());
      assert.ok(again.every((one) => !pids.has(one)));
    });
  });

  describe("behind a network", () => {
    const through = async (options: { frozen: boolean }) => {
      const gate = await openGate(url, options);
      opened.push(gate);
      return gate;
    };

    test("gives a server up that says nothing, and goes on when it is back", async () => {
      const gate = await through({ frozen: false });
      const store = openPostgres(gate.url, { poolSize: 2, durable: false, limits });
      opened.push(store);
      await store.write((db) => insert(db, "gate-1"));
      gate.freeze(true);
      await assert.rejects(
        store.write((db) => insert(db, "gate-2")),
        isUnavailable,
      );
      await assert.rejects(
        store.read((db) => ids(store, "gate", db)),
        isUnavailable,
      );
      gate.freeze(false);
      await store.write((db) => insert(db, "gate-3"));
    });

    test("goes to the next host when one is frozen or not there", async () => {
      const [frozen, good] = [await through({ frozen: true }), await through({ frozen: false })];
      const gone = await through({ frozen: false });
      await gone.close();
      const hosts = [gone, frozen, good].map((gate) => gate.host).join(",");
      const store = openPostgres(good.url.replace(good.host, hosts), { poolSize: 1, durable: false, limits });
      opened.push(store);
      await store.write((db) => insert(db, "hosts-1"));
      assert.deepEqual(await ids(store, "hosts"), ["hosts-1"]);
    });

    test("rejects those who wait for a connection when there is none", async () => {
      const gate = await through({ frozen: true });
      const store = openPostgres(gate.url, { poolSize: 1, durable: false, limits });
      opened.push(store);
      const all = await Promise.allSettled(Array.from({ length: 5 }, () => store.read((db) => pid(db))));
      assert.ok(all.every((ended) => ended.status === "rejected" && isUnavailable(ended.reason)));
      await assert.rejects(store.alive(), isUnavailable);
    });
  });

  test("a wrong database or password is a mistake of ours, not trouble of the network", async () => {
    const wrong = open(`${url}_none`);
    await assert.rejects(wrong.alive(), { code: "3D000" });
  });

  test("says so when a statement fails that its work did not wait for", async () => {
    const store = open();
    const left: Promise<unknown>[] = [];
    const writing = store.write(async (db) => {
      await insert(db, "unawaited-1");
      left.push(raise(db, "P0001").catch(() => {}));
    });
    await assert.rejects(writing);
    await Promise.all(left);
    assert.deepEqual(await ids(store, "unawaited"), []);
  });

  test("goes on when the columns of a table it has read before are others", async () => {
    const [store, other] = [open(url, 1), open()];
    await other.write((db) => sql`create table changing (id text)`.execute(db));
    const all = (db: Handle) => sql`select * from changing`.execute(db);
    await Promise.all([store.write(all), store.read(all)]);
    await other.write((db) => sql`alter table changing add column size bigint`.execute(db));
    await Promise.all([store.write(all), store.read(all)]);
  });

  test("gives up a statement that takes too long, and keeps its connection", async () => {
    const hasty = { connectMs: 5_000, waitMs: 5_000, statementMs: 100, silenceMs: 5_000 };
    const store = openPostgres(url, { poolSize: 1, durable: false, limits: hasty });
    opened.push(store);
    const before = await store.write(pid);
    await assert.rejects(
      store.write((db) => sql`select pg_sleep(60)`.execute(db)),
      isUnavailable,
    );
    assert.equal(await store.write(pid), before);
  });

  test("gives up waiting for a connection when all stay taken", async () => {
    const patience = { connectMs: 5_000, waitMs: 50, statementMs: 5_000, silenceMs: 5_000 };
    const store = openPostgres(url, { poolSize: 1, durable: false, limits: patience });
    opened.push(store);
    const [taken, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const holding = store.write(async (db) => {
      await insert(db, "taken-1");
      taken.resolve();
      await go.promise;
    });
    await taken.promise;
    const waiting = store.write((db) => insert(db, "taken-2"));
    await assert.rejects(waiting, isUnavailable);
    go.resolve();
    await holding;
    assert.deepEqual(await ids(store, "taken"), ["taken-1"]);
  });

  test("has no more connections than it may", async () => {
    const store = open(url, 2);
    const pids = await Promise.all(Array.from({ length: 20 }, () => store.write((db) => pid(db))));
    assert.equal(new Set(pids).size, 2);
  });
});

/** A way to the server over TCP that can be frozen: it takes connections and bytes, and passes nothing on. */
type Gate = { url: string; host: string; freeze(frozen: boolean): void; close(): Promise<void> };

async function openGate(url: string, { frozen }: { frozen: boolean }): Promise<Gate> {
  const folder = decodeURIComponent(url.slice(url.indexOf("@") + 1, url.lastIndexOf("/")));
  const sockets = new Set<Socket>();
  let passes = !frozen;
  const server = createServer((near) => {
    const far = connect(`${folder}/.s.PGSQL.5432`);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on("data", (bytes) => passes && to.write(bytes));
      from.on("error", () => {});
      from.on("close", () => to.destroy());
    }
  });
  const host = `127.0.0.1:${await listening(server)}`;
  return {
    host,
    url: url.replace(encodeURIComponent(folder), host),
    freeze(wanted) {
      passes = !wanted;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function listening(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}

function isUnavailable(error: unknown): boolean {
  return error instanceof Failure && error.kind === "unavailable" && error.details.retryAfterS === 1;
}

async function raise(db: Handle, code: string): Promise<void> {
  await sql.raw(`do $$ begin raise exception using errcode = '${code}'; end $$`).execute(db);
}

async function insert(db: Handle, id: string): Promise<void> {
  await sql`insert into thing (id, size) values (${id}, 0)`.execute(db);
}

async function grow(db: Handle, id: string): Promise<void> {
  await sql`update thing set size = size + 1 where id = ${id}`.execute(db);
}

async function pid(db: Handle): Promise<number> {
  const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db);
  return rows[0]?.pid ?? 0;
}

async function end(store: Store, pid: number): Promise<void> {
  await store.read((db) => sql`select pg_terminate_backend(${pid}, 5000)`.execute(db));
}

async function ids(store: Store, prefix: string, db?: Handle): Promise<string[]> {
  const query = sql<{ id: string }>`select id from thing where id like ${`${prefix}-%`} order by id`;
  const { rows } = db ? await query.execute(db) : await store.read((reader) => query.execute(reader));
  return rows.map((row) => row.id);
}

import assert from "node:assert/strict";
import type { ChildProcessByStdio } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { afterEach, beforeEach, describe, test } from "node:test";
import { sql } from "kysely";
import { openSqlite } from "./sqlite.ts";

type Child = ChildProcessByStdio<null, Readable, null>;

describe("a data folder", { timeout: 30_000 }, () => {
  let folder: string;
  const children: Child[] = [];
  const run = (program: string) => {
    const child = start(program, folder);
    children.push(child);
    return child;
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "flotilla-folder-"));
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
    rmSync(folder, { recursive: true });
  });

  test("has one owner in a process: a second one is told so in one line", async () => {
    const store = openSqlite(folder, true);
    const message = `the data folder ${folder} is in use by another process`;
    assert.throws(() => openSqlite(folder, true), { message });
    await store.close();
    await openSqlite(folder, true).close();
  });

  test("has one owner among processes, until that one ends, also by kill -9", async () => {
    const holder = run(holding);
    assert.deepEqual(await lines(holder, 1), ["open"]);
    const message = `the data folder ${folder} is in use by another process`;
    assert.throws(() => openSqlite(folder, true), { message });
    assert.deepEqual(await lines(run(holding), 1), [message]);
    holder.kill("SIGKILL");
    await once(holder, "close");
    await openSqlite(folder, true).close();
  });

  test("keeps every acknowledged write through kill -9", async () => {
    const writer = run(writing);
    const acknowledged = await lines(writer, 500);
    writer.kill("SIGKILL");
    acknowledged.push(...(await rest(writer)));
    const store = openSqlite(folder, true);
    const { rows } = await store.read((db) => sql<{ id: string }>`select id from thing`.execute(db));
    await store.close();
    const kept = new Set(rows.map((row) => row.id));
    assert.deepEqual(
      acknowledged.filter((id) => !kept.has(id)),
      [],
    );
  });
});

const opening = `
  import { sql } from "kysely";
  import { openSqlite } from ${JSON.stringify(new URL("./sqlite.ts", import.meta.url))};
  let store;
  try {
    store = openSqlite(process.argv[1], true);
  } catch (error) {
    console.log(error.message);
    process.exit(1);
  }
`;

const holding = `${opening}
  console.log("open");
  setInterval(() => {}, 1000);
`;

const writing = `${opening}
  await store.write((db) => sql\`create table thing (id text primary key)\`.execute(db));
  for (let writer = 0; writer < 8; writer++) {
    (async () => {
      for (let i = 0; ; i++) {
        const id = writer + "-" + i;
        await store.write((db) => sql\`insert into thing values (\${id})\`.execute(db));
        console.log(id);
      }
    })();
  }
`;

function start(program: string, folder: string): Child {
  const cwd = new URL(".", import.meta.url);
  return spawn(process.execPath, ["--input-type=module", "-e", program, folder], {
    cwd,
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, NODE_TEST_CONTEXT: undefined },
  });
}

const readers = new WeakMap<Child, AsyncIterator<string>>();

function reader(child: Child): AsyncIterator<string> {
  const known = readers.get(child) ?? createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  readers.set(child, known);
  return known;
}

async function lines(child: Child, count: number): Promise<string[]> {
  const said: string[] = [];
  while (said.length < count) {
    const { value, done } = await reader(child).next();
    if (done) throw new Error(`only ${said.length} lines: ${said.join(" ")}`);
    said.push(value);
  }
  return said;
}

async function rest(child: Child): Promise<string[]> {
  const said: string[] = [];
  for (let next = await reader(child).next(); !next.done; next = await reader(child).next())
    said.push(next.value);
  return said;
}

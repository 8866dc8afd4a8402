import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { startChild, startServer } from "./children.ts";
import type { Load, Loaded } from "./load.ts";
import { account } from "./seed.ts";
import { median, type Row, shown } from "./table.ts";

/** How often and how long each is measured, and how many writes come before that. */
type Sizes = { readonly rounds: number; readonly ms: number; readonly warm: number };

/**
 * Writes one at a time and many at once, against raw commits of one row each. What waits together shares a commit,
 * so that many at once are not bound by how often the disk can be made to keep something.
 */
export async function benchWrites(folder: string, { rounds, ms, warm }: Sizes): Promise<Row[]> {
  const [server, load] = [await startServer({ folder }), startChild("bench/load.ts")];
  const raw = openRaw();
  const write = (connections: number, turnMs: number) => {
    const wanted: Load = { port: server.port, requests: [request], connections, ms: turnMs, status: 200 };
    return load.ask<Loaded>(wanted);
  };
  const turns: Turn[] = [];
  try {
    for (let written = 0; written < warm; ) written += (await write(32, 500)).count;
    for (let round = 0; round < rounds; round++)
      turns.push({ raw: raw.commits(ms), alone: await write(1, ms), together: await write(32, ms) });
  } finally {
    await server.stop();
    await load.stop();
    raw.close();
  }
  return [rowOf("1 in flight", "alone", turns), rowOf("32 in flight", "together", turns)];
}

type Turn = { readonly raw: number; readonly alone: Loaded; readonly together: Loaded };

function rowOf(how: string, which: "alone" | "together", turns: readonly Turn[]): Row {
  const of = (figure: (turn: Turn) => number) => median(turns.map(figure));
  const perSecond = of((turn) => turn[which].perSecond);
  const raw = of((turn) => turn.raw);
  const p50Ms = of((turn) => turn[which].p50Us) / 1000;
  return {
    row: `POST a deployment group, ${how}`,
    measured: `${shown(perSecond)}/s, p50 ${shown(p50Ms)} ms, raw commits ${shown(raw)}/s`,
    ratio: of((turn) => turn[which].perSecond / turn.raw),
    goal: null,
    met: null,
    figures: { perSecond, rawCommitsPerSecond: raw, turns },
  };
}

/** A database with one table, into which every commit puts one row, as safe as the server's. */
function openRaw() {
  const folder = mkdtempSync(join(tmpdir(), "flotilla-bench-"));
  const database = new DatabaseSync(join(folder, "raw.db"));
  database.exec(
    "pragma journal_mode = wal; pragma synchronous = full; create table row (id text primary key, text text)",
  );
  const insert = database.prepare("insert into row values (?, ?)");
  return {
    /** Commits a second. */
    commits(ms: number): number {
      const started = performance.now();
      let count = 0;
      for (; performance.now() < started + ms; count++) insert.run(randomUUID(), body);
      return count / ((performance.now() - started) / 1000);
    },
    close() {
      database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const body = JSON.stringify({
  name: "Ring",
  version_config: ["windows", "macos"].map((target_environment) => ({
    target_environment,
    version: "2026.10.143.0",
  })),
});

const request = [
  `POST /client/v4/accounts/${account.id}/devices/deployment-groups HTTP/1.1`,
  "host: 127.0.0.1",
  `authorization: Bearer ${account.token}`,
  "content-type: application/json",
  `content-length: ${body.length}`,
  "",
  body,
].join("\r\n");

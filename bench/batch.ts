import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startServer } from "./children.ts";
import { openAlike } from "./raw.ts";
import { account, type Seed } from "./seed.ts";
import { median, type Row, shown } from "./table.ts";

type Times = { readonly ours: number[]; readonly rows: number[]; readonly list: number[] };

/**
 * Ten thousand devices into a group by one call, against the engine's own fastest insert of the same rows. All of
 * them are taken out again before the next turn, so that every turn begins with the same table.
 */
export async function benchBatch(folder: string, seed: Seed, rounds: number): Promise<Row> {
  const copy = mkdtempSync(join(tmpdir(), "flotilla-bench-"));
  // The same file: the same table with the same keys and indexes.
  cpSync(join(folder, "flotilla.db"), join(copy, "flotilla.db"));
  const raw = openRaw(join(copy, "flotilla.db"), seed);
  const server = await startServer({ folder });
  const call = caller(server.port, seed);
  const times: Times = { ours: [], rows: [], list: [] };
  try {
    for (let round = -2; round < rounds; round++) {
      const ours = await call("POST", "added");
      await call("DELETE", "removed");
      const [rows, list] = [raw.byRows(), raw.byList()];
      // The first rounds warm everything up.
      if (round < 0) continue;
      times.ours.push(ours);
      times.rows.push(rows);
      times.list.push(list);
    }
  } finally {
    await server.stop();
    raw.close();
    rmSync(copy, { recursive: true, force: true });
  }
  return rowOf(times, seed.devices.length);
}

function rowOf(times: Times, count: number): Row {
  const [ours, rows, list] = [median(times.ours), median(times.rows), median(times.list)];
  const fastest = rows < list ? times.rows : times.list;
  const ratio = median(times.ours.map((time, round) => (fastest[round] as number) / time));
  const how = rows < list ? "row by row" : "from one list";
  return {
    row: `add ${shown(count)} devices to a group in one call`,
    measured: `${shown(ours)} ms, the engine's insert ${shown(Math.min(rows, list))} ms (${how})`,
    ratio,
    goal: "≥ 0.5",
    met: ratio >= 0.5,
    figures: { ms: ours, insertByRowsMs: rows, insertByListMs: list, times },
  };
}

/** Makes the call that does all devices, and answers how many milliseconds it took; throws unless all were done. */
function caller(port: number, { deviceGroups, devices }: Seed) {
  const url = `http://127.0.0.1:${port}/api/v1/device-groups/${deviceGroups[0]}/devices`;
  const headers = { authorization: `Bearer ${account.token}`, "content-type": "application/json" };
  const body = JSON.stringify({ device_ids: devices });
  return async (method: string, done: "added" | "removed"): Promise<number> => {
    const started = performance.now();
    const answer = await fetch(url, { method, headers, body });
    const text = await answer.text();
    const time = performance.now() - started;
    if (answer.status === 200 && JSON.parse(text)[done].length === devices.length) return time;
    throw new Error(`not all were ${done}: ${answer.status} ${text.slice(0, 500)}`);
  };
}

function openRaw(file: string, { deviceGroups, devices }: Seed) {
  const database = openAlike(file);
  const columns =
    "insert into device_group_member (account_id, group_id, device_id, type, added_at, added_by)";
  const one = database.prepare(`${columns} values (?, ?, ?, 'manual', ?, null)`);
  const list = database.prepare(`${columns} select ?, ?, value, 'manual', ?, null from json_each(?)`);
  const groupId = deviceGroups[0] as string;
  const timed = (insert: (addedAt: number) => void) => {
    const started = performance.now();
    database.exec("begin immediate");
    insert(Date.now() * 1000);
    database.exec("commit");
    const time = performance.now() - started;
    database.exec("delete from device_group_member");
    return time;
  };
  return {
    byRows: () =>
      timed((addedAt) => {
        for (const id of devices) one.run(account.id, groupId, id, addedAt);
      }),
    byList: () =>
      timed((addedAt) => {
        list.run(account.id, groupId, addedAt, JSON.stringify(devices));
      }),
    close: () => database.close(),
  };
}

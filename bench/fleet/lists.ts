import type { DatabaseSync } from "node:sqlite";
import { account } from "../seed.ts";
import { median, type Row, shown } from "../table.ts";
import type { Call } from "./call.ts";
import { groupId } from "./ids.ts";

const pageSize = 1000;

/** A page, by its offset: its time over the time of reading as many rows by key is at most `most`. */
type Page = { readonly row: string; readonly path: string; readonly most: number };

/** Pages of a group that holds the whole fleet, against the engine reading as many members by their keys. */
export async function benchLists(
  call: Call,
  raw: DatabaseSync,
  { devices, group }: { readonly devices: number; readonly group: number },
  rounds: number,
): Promise<Row[]> {
  const id = groupId(group);
  const list = `/api/v1/device-groups/${id}/devices?limit=${pageSize}`;
  const half = Math.floor(devices / 2);
  const last = devices - pageSize;
  const byOffset = (from: number, most: number): Page => {
    const row = `${shown(pageSize)} members of ${shown(devices)}, offset ${shown(from)}`;
    return { row, path: `${list}&offset=${from}`, most };
  };
  const byCursor = async (from: number): Promise<Page> => {
    const { body } = await call("GET", `${list}&offset=${from - pageSize}`);
    const row = `${shown(pageSize)} members of ${shown(devices)}, by cursor behind ${shown(from)}`;
    return { row, path: `${list}&cursor=${encodeURIComponent(body.next_cursor)}`, most: 3 };
  };
  const pages: readonly Page[] = [
    ...[await byCursor(pageSize), await byCursor(half), await byCursor(last)],
    ...[0, 10_000].map((from) => byOffset(from, 3)),
    ...[half, last].filter((from) => from > 10_000).map((from) => byOffset(from, 15)),
  ];
  const byKey = readingByKey(raw, id);
  const rows: Row[] = [];
  for (const page of pages) rows.push(await onePage(call, page, byKey, rounds));
  return rows;
}

async function onePage(call: Call, { row, path, most }: Page, byKey: ByKey, rounds: number): Promise<Row> {
  const turns: { readonly ms: number; readonly byKeyMs: number }[] = [];
  // The first rounds warm everything up.
  for (let round = -2; round < rounds; round++) {
    const { body, ms } = await call("GET", path);
    const ids = body.devices.map((device: { id: string }) => device.id);
    if (ids.length !== pageSize) throw new Error(`${path} answered ${ids.length} members`);
    const byKeyMs = byKey(ids);
    if (round >= 0) turns.push({ ms, byKeyMs });
  }
  const ratio = median(turns.map(({ ms, byKeyMs }) => ms / byKeyMs));
  const [ms, byKeyMs] = [median(turns.map((turn) => turn.ms)), median(turns.map((turn) => turn.byKeyMs))];
  return {
    row,
    measured: `${shown(ms)} ms, the engine by key ${shown(byKeyMs)} ms`,
    ratio,
    goal: `≤ ${most}`,
    met: ratio <= most,
    figures: { ms, byKeyMs, turns },
  };
}

type ByKey = (ids: readonly string[]) => number;

/** Reads what a page shows of its members, one by one; answers how many milliseconds that took. */
function readingByKey(raw: DatabaseSync, group: string): ByKey {
  const one = raw.prepare(
    `select m.*, d.device_identifier, d.platform, d.status, s.last_seen_at from device_group_member m
     join device d on d.account_id = m.account_id and d.id = m.device_id
     left join device_seen s on s.account_id = m.account_id and s.device_id = m.device_id
     where m.account_id = ? and m.group_id = ? and m.device_id = ?`,
  );
  return (ids) => {
    const started = performance.now();
    for (const id of ids) if (!one.get(account.id, group, id)) throw new Error(`${id} is no member`);
    return performance.now() - started;
  };
}

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { atRest, type Child, startServer } from "../children.ts";
import { openForReading } from "../raw.ts";
import { begin } from "../seed.ts";
import { type Row, shown } from "../table.ts";
import type { Sizes } from "../turns.ts";
import { registered } from "./beating.ts";
import { bring } from "./bring.ts";
import { calling } from "./call.ts";
import { benchRuleChange } from "./changes.ts";
import { insertAlike } from "./insert.ts";
import { countOf, everyone, fleetLines } from "./lines.ts";
import { benchLists } from "./lists.ts";
import { benchMeanwhile } from "./meanwhile.ts";
import { benchAsking } from "./reads.ts";
import { type FleetSize, fleetSizes } from "./size.ts";

/** How often and how long everything is measured. */
export type FleetSizes = {
  readonly fleet: FleetSize;
  readonly asking: Sizes;
  readonly lists: number;
  readonly ruleChanges: number;
  readonly meanwhileMs: number;
};

const mebibyte = 2 ** 20;

/** Bytes that the server may hold with the whole fleet. */
const memoryMost = 600 * mebibyte;

/** The rows of DESIGN.md 5 about a whole fleet: it is made through the import endpoint first. */
export async function benchFleet(sizes: FleetSizes): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), "flotilla-bench-"));
  try {
    await (await begin({ folder })).server.close();
    const { row, residentBytes } = await benchImport(folder, sizes.fleet);
    return [row, ...(await benchLoaded(folder, sizes, residentBytes))];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The import of the whole fleet, against the engine's own insert of the rows that came of it. */
async function benchImport(folder: string, fleet: FleetSize): Promise<{ row: Row; residentBytes: number }> {
  const server = await startServer({ folder });
  try {
    const { imported, ms } = await bring(server.port, fleetLines(fleet));
    const lines = countOf(fleet);
    if (imported.counts.total.new !== lines)
      throw new Error(`not all lines were new: ${JSON.stringify(imported.counts)}`);
    const residentBytes = await server.residentBytes();
    await server.stop();
    const insert = await insertElsewhere(folder);
    return { row: importRow(lines, ms, insert), residentBytes };
  } finally {
    await server.stop();
  }
}

async function insertElsewhere(folder: string): Promise<{ ms: number; rows: number }> {
  const other = mkdtempSync(join(tmpdir(), "flotilla-bench-"));
  try {
    await (await begin({ folder: other })).server.close();
    return insertAlike(join(folder, "flotilla.db"), join(other, "flotilla.db"));
  } finally {
    rmSync(other, { recursive: true, force: true });
  }
}

function importRow(lines: number, ms: number, insert: { ms: number; rows: number }): Row {
  const perSecond = (lines / ms) * 1000;
  const insertPerSecond = (lines / insert.ms) * 1000;
  return {
    row: `import of ${shown(lines)} lines, ${shown(insert.rows)} rows`,
    measured: `${shown(perSecond)} lines/s in ${shown(ms / 1000)} s, the engine's insert ${shown(insertPerSecond)}/s`,
    ratio: insert.ms / ms,
    ...{ goal: null, met: null },
    figures: { lines, rows: insert.rows, ms, perSecond, insertMs: insert.ms, insertPerSecond },
  };
}

/** The rows for which the fleet has to be there; `importedBytes` is what the server held right after the import. */
export async function benchLoaded(
  folder: string,
  { fleet, asking, lists, ruleChanges, meanwhileMs }: FleetSizes,
  importedBytes: number,
): Promise<Row[]> {
  const { devices } = fleet;
  const server = await startServer({ folder });
  const raw = openForReading(join(folder, "flotilla.db"));
  const { port } = server;
  const call = calling(port);
  try {
    const beats = await registered(port, devices);
    // What it holds in memory for answers is looked up after the start; the goals are about a server that runs.
    await atRest(server);
    const begunBytes = await server.residentBytes();
    const rows = [
      ...(await benchAsking({ child: server, port }, devices, beats, asking)),
      ...(await benchLists(call, raw, { devices, group: everyone(fleet) }, lists)),
      await benchRuleChange(call, raw, ruleChanges),
      ...(await benchMeanwhile({ port, call, beats, devices, ms: meanwhileMs })),
    ];
    return [...rows, await memoryRow(server, fleet, { importedBytes, begunBytes })];
  } finally {
    raw.close();
    await server.stop();
  }
}

async function memoryRow(
  server: Child,
  fleet: FleetSize,
  { importedBytes, begunBytes }: { importedBytes: number; begunBytes: number },
): Promise<Row> {
  const endBytes = await server.residentBytes();
  const bytes = Math.max(importedBytes, begunBytes, endBytes);
  const mb = (count: number) => shown(count / mebibyte);
  const judged = fleet === fleetSizes.full;
  return {
    row: `memory with ${shown(fleet.devices)} devices, ${shown(fleet.memberships)} memberships by hand`,
    measured: `${mb(importedBytes)} MB after the import, started anew and at rest ${mb(begunBytes)} MB, after all rows ${mb(endBytes)} MB`,
    ratio: null,
    goal: judged ? "≤ 600 MB" : null,
    met: judged ? bytes <= memoryMost : null,
    figures: { importedBytes, begunBytes, endBytes },
  };
}

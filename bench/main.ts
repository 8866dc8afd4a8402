/**
 * Measures what DESIGN.md sets goals for, each as a ratio to something measured beside it in the same run:
 *
 *     npm run bench -- [--quick] [--fleet | --no-fleet] [--json FILE] [--engine URL]
 *
 * `--quick` takes under a minute, with a fleet of 20 000 devices instead of a million, and its figures scatter more.
 * `--fleet` gives the rows about a whole fleet alone, `--no-fleet` all others. `--engine` reads from an empty PostgreSQL
 * database instead of an embedded store, and leaves it filled; the rows of the embedded engine are left out then. The
 * verdicts are printed and decide nothing: the exit code is 0 unless something did not work.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type AuthorizeFigures, benchAuthorize } from "./authorize.ts";
import { benchBatch } from "./batch.ts";
import { benchFleet } from "./fleet/fleet.ts";
import { fleetSizes } from "./fleet/size.ts";
import { benchReads } from "./reads.ts";
import { benchRights } from "./rights.ts";
import { seed } from "./seed.ts";
import { type Row, table } from "./table.ts";
import { benchWrites } from "./writes.ts";

const { values: flags } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    json: { type: "string" },
    engine: { type: "string" },
    fleet: { type: "boolean" },
  },
  allowNegative: true,
});

const sizes = flags.quick
  ? {
      reads: { rounds: 3, ms: 500, warm: 5000 },
      batch: 5,
      rights: 40,
      writes: { rounds: 3, ms: 500, warm: 800 },
      fleet: {
        fleet: fleetSizes.quick,
        asking: { rounds: 3, ms: 500, warm: 1500 },
        ...{ lists: 5, ruleChanges: 5, meanwhileMs: 400 },
      },
    }
  : {
      reads: { rounds: 9, ms: 3000, warm: 150_000 },
      batch: 21,
      rights: 500,
      writes: { rounds: 7, ms: 2000, warm: 10_000 },
      fleet: {
        fleet: fleetSizes.full,
        asking: { rounds: 7, ms: 3000, warm: 50_000 },
        ...{ lists: 9, ruleChanges: 7, meanwhileMs: 10_000 },
      },
    };

async function measure(): Promise<Row[]> {
  if (flags.fleet) return benchFleet(sizes.fleet);
  const authorized = authorizeRow(await benchAuthorize({ quick: flags.quick }));
  if (flags.engine)
    return [
      ...(await benchReads({ url: flags.engine }, await seed({ url: flags.engine }), sizes.reads)),
      authorized,
    ];
  const folder = mkdtempSync(join(tmpdir(), "flotilla-bench-"));
  try {
    const seeded = await seed({ folder });
    return [
      ...(await benchReads({ folder }, seeded, sizes.reads)),
      await benchBatch(folder, seeded, sizes.batch),
      authorized,
      await benchRights(sizes.rights),
      ...(await benchWrites(folder, sizes.writes)),
      ...(flags.fleet === false ? [] : await benchFleet(sizes.fleet)),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function authorizeRow(figures: AuthorizeFigures): Row {
  const { row, p50_us, p99_us, memory_mb, goal } = figures;
  return {
    row,
    measured: `p50 ${p50_us} µs, p99 ${p99_us} µs, ${memory_mb} MB`,
    ratio: null,
    goal: `≤ ${goal.p50_us} µs, ≤ ${goal.p99_us} µs, ≤ ${goal.memory_mb} MB`,
    met: p50_us <= goal.p50_us && p99_us <= goal.p99_us && memory_mb <= goal.memory_mb,
    figures,
  };
}

const rows = await measure();
console.log(table(rows));
const machine = {
  node: process.version,
  platform: process.platform,
  cpu: cpus()[0]?.model,
  cores: availableParallelism(),
};
const report = {
  at: new Date().toISOString(),
  quick: flags.quick,
  engine: flags.engine ? "postgres" : "embedded",
  machine,
  rows,
};
if (flags.json) writeFileSync(flags.json, `${JSON.stringify(report, null, 2)}\n`);

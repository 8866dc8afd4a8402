import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import { openAlike, openForReading } from "../raw.ts";
import { account } from "../seed.ts";

/** The tables that the lines of a fleet fill, those first that others refer to. */
const tables = [
  ...["device_group", "device_group_rule", "device_group_tag", "device", "device_label", "device_identity"],
  ...["device_seen", "device_total", "device_group_member"],
  ...["device_policy", "deployment_group", "deployment_group_policy"],
];

/** Rows of one transaction. */
const rowsTogether = 2000;

/**
 * Inserts all rows of a fleet that is in one file into another, which has the same schema and the account: rows as they
 * are, nothing read, checked or counted. Answers the milliseconds that the inserts and their commits alone took.
 */
export function insertAlike(from: string, to: string): { ms: number; rows: number } {
  const [source, target] = [openForReading(from), openAlike(to)];
  try {
    const sum = { ms: 0, rows: 0 };
    for (const table of tables) {
      const { ms, rows } = oneTable(source, target, table);
      sum.ms += ms;
      sum.rows += rows;
    }
    return sum;
  } finally {
    source.close();
    target.close();
  }
}

function oneTable(source: DatabaseSync, target: DatabaseSync, table: string) {
  // What the account began with is not part of the fleet.
  target.exec(`delete from ${table}`);
  const read = source.prepare(`select * from ${table} where account_id = ? order by rowid`);
  const names = read.columns().map(({ name }) => name);
  const places = names.map(() => "?").join(", ");
  const insert = target.prepare(`insert into ${table} (${names.join(", ")}) values (${places})`);
  read.setReturnArrays(true);
  const sum = { ms: 0, rows: 0 };
  let waiting: SQLInputValue[][] = [];
  const keep = () => {
    const started = performance.now();
    target.exec("begin immediate");
    for (const row of waiting) insert.run(...row);
    target.exec("commit");
    sum.ms += performance.now() - started;
    sum.rows += waiting.length;
    waiting = [];
  };
  for (const row of read.iterate(account.id)) {
    waiting.push(row as unknown as SQLInputValue[]);
    if (waiting.length === rowsTogether) keep();
  }
  if (waiting.length > 0) keep();
  return sum;
}

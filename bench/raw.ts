import { DatabaseSync } from "node:sqlite";

/** As the server's own store has it. */
const settings = [
  ...["journal_mode = wal", "wal_autocheckpoint = 16000", "synchronous = full"],
  ...["temp_store = memory", "cache_size = -32768"],
];

/** The embedded engine on a file, with nothing in between: as safe as the server's own connection, and as large. */
export function openAlike(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { enableForeignKeyConstraints: true });
  for (const setting of settings) database.exec(`pragma ${setting}`);
  return database;
}

/** The same for reading alone, beside a server that works on the file. */
export function openForReading(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { readOnly: true, timeout: 5_000 });
  database.exec("pragma cache_size = -32768");
  return database;
}

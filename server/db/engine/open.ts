import type { Options, Settings, Store } from "../database.ts";
import { openPostgres } from "./postgres.ts";
import { openSqlite } from "./sqlite.ts";

/** How many connections of each kind a store on a server keeps at most, where the settings don't say. */
const usualPoolSize = 10;

/** Opens a store on the engine that its settings mean: a folder the embedded one, a URL a server. */
export function openEngine(settings: Settings, { durable = true }: Options): Store {
  if ("folder" in settings) return openSqlite(settings.folder, durable);
  return openPostgres(settings.url, { poolSize: settings.poolSize ?? usualPoolSize, durable });
}

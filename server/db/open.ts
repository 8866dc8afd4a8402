import type { Options, Settings, Store } from "./database.ts";
import { openEngine } from "./engine/open.ts";

/** Opens the store that the settings name. Throws an error of one line when its folder has another owner. */
export async function openStore(settings: Settings, options: Options = {}): Promise<Store> {
  return openEngine(settings, options);
}

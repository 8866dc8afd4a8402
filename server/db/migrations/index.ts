import type { Migration } from "kysely/migration";
import * as valueLists from "./0000-value-lists.ts";
import * as foundation from "./0001-foundation.ts";

/** Every change of the schema there ever was, in order. Entries are added at the end and never altered. */
export const migrations: Record<string, Migration> = {
  "0000-value-lists": valueLists,
  "0001-foundation": foundation,
};

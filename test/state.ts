import type { Store } from "../server/db/database.ts";

/**
 * Everything that a store keeps, as text to compare: table by table, row by row. Left out is what every refusal
 * and every use of a token may leave behind: audit entries, and when a token was last used.
 */
export async function stateOf(store: Store): Promise<Record<string, string[]>> {
  const tables = [...(await store.schema()).matchAll(/^create table "?(\w+)"?/gm)].map(
    ([, name]) => name ?? "",
  );
  const kept = tables.filter((name) => !name.startsWith("audit_"));
  return store.read(async (db) => {
    const state: Record<string, string[]> = {};
    for (const name of kept) {
      const rows = await db
        .selectFrom(name as never)
        .selectAll()
        .execute();
      state[name] = rows.map(rowText).sort();
    }
    return state;
  });
}

function rowText(row: object): string {
  const { audit_sequence, audit_head, last_used_on, last_used_at, ...rest } = row as Record<string, unknown>;
  return JSON.stringify(rest);
}

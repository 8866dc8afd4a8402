import { sql } from "kysely";
import type { Handle } from "../../db/database.ts";
import { once } from "../../db/once.ts";
import { alongside, valueList } from "../../db/value-list.ts";

type KeysOf = (
  db: Handle,
  accountId: string,
  ids: readonly string[],
) => Promise<ReadonlyMap<string, string | null>>;

function keysIn(column: "heard" | "told"): KeysOf {
  const found = once((db, accountId: string, ids: readonly string[]) =>
    db
      .selectFrom("device_seen as s")
      .innerJoin(valueList(ids).as("wanted"), "wanted.value", "s.device_id")
      .select(["s.device_id", `s.${column} as key`])
      .where("s.account_id", "=", accountId),
  );
  return async (db, accountId, ids) => {
    if (ids.length === 0) return new Map();
    return new Map((await found(db, accountId, ids)).map(({ device_id, key }) => [device_id, key]));
  };
}

/** The keys of what devices said last, where saying it again would change nothing. */
export const heardOf = keysIn("heard");

/** The keys of what devices were told last when they asked what is new; null for those that never were told anything. */
export const toldOf = keysIn("told");

/** Those of some devices that there are, as `d`, by their place in the list: only of them is anything noted. */
export function presentAmong(db: Handle, accountId: string, ids: readonly string[]) {
  return db
    .selectFrom(valueList(ids).as("wanted"))
    .innerJoin("device as d", "d.id", "wanted.value")
    .select(["d.account_id", "d.id"])
    .where("d.account_id", "=", accountId);
}

const keepTold = once((db, accountId: string, ids: readonly string[], keys: readonly string[], at: number) =>
  db
    .insertInto("device_seen")
    .columns(["account_id", "device_id", "last_seen_at", "told"])
    .expression(
      presentAmong(db, accountId, ids)
        .innerJoin(alongside(keys).as("told"), "told.key", "wanted.key")
        .select([sql<number>`cast(${at} as bigint)`.as("at"), "told.value as told"]),
    )
    .onConflict((conflict) =>
      conflict.columns(["account_id", "device_id"]).doUpdateSet((eb) => ({ told: eb.ref("excluded.told") })),
    ),
);

/** Notes what devices were told; `at` is when they were heard of, for one that nobody noted that of. */
export async function noteTold(
  db: Handle,
  accountId: string,
  told: ReadonlyMap<string, string>,
  at: number,
): Promise<void> {
  if (told.size === 0) return;
  await keepTold(db, accountId, [...told.keys()], [...told.values()], at);
}

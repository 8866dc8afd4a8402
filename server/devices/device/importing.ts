import type { Handle } from "../../db/database.ts";
import { once } from "../../db/once.ts";
import { listed } from "../../db/value-list.ts";
import { seen } from "../../operation/seen.ts";
import type { Visible } from "../../operation/visible.ts";
import { inOneOf } from "../membership/index.ts";

const amongIdentifiers = once((db, accountId: string, identifiers: readonly string[]) =>
  db
    .selectFrom("device")
    .select(["id", "device_identifier as identifier"])
    .where("account_id", "=", accountId)
    .where("device_identifier", "in", listed(identifiers)),
);

const amongIds = once((db, accountId: string, ids: readonly string[]) =>
  db
    .selectFrom("device")
    .select(["id", "device_identifier as identifier"])
    .where("account_id", "=", accountId)
    .where("id", "in", listed(ids)),
);

/** An id and the identifier of the same device. */
export type Named = { readonly id: string; readonly identifier: string };

/** The devices of an account that have one of some ids or one of some identifiers. */
export async function devicesNamed(
  db: Handle,
  accountId: string,
  ids: readonly string[],
  identifiers: readonly string[],
): Promise<readonly Named[]> {
  const byId = ids.length > 0 ? await amongIds(db, accountId, ids) : [];
  const byIdentifier = identifiers.length > 0 ? await amongIdentifiers(db, accountId, identifiers) : [];
  return [...byId, ...byIdentifier];
}

/** The ids of up to `limit` devices behind `after` that may be seen, in their order. */
export async function deviceIdsBehind(
  db: Handle,
  accountId: string,
  visible: Visible,
  after: string,
  limit: number,
): Promise<string[]> {
  const rows = await db
    .selectFrom("device as d")
    .select("d.id")
    .where("d.account_id", "=", accountId)
    .where("d.id", ">", after)
    .where(seen(visible, "d.id", inOneOf("d.account_id", "d.id")))
    .orderBy("d.id")
    .limit(limit)
    .execute();
  return rows.map(({ id }) => id);
}

import { type RawBuilder, type SqlBool, sql } from "kysely";
import { listed } from "../../db/value-list.ts";
import type { InGroupsSql } from "../../devices/device/index.ts";
import { type DeviceGroup, fits, predicateOf } from "../../devices/device-group/index.ts";
import type { Change } from "../../operation/operation.ts";
import { oneOf, type Standing } from "../../selector/sql.ts";

/** A device group as it would be: its name, null where it is gone, and which devices `d` would be in it. */
type Override = {
  readonly id: string;
  readonly name: string | null;
  readonly members: (standing: Standing) => RawBuilder<SqlBool>;
};

/**
 * Which devices would be in which groups once changes of device groups are made; undefined where none of the changes
 * is about one.
 */
export function membershipsAfter(accountId: string, changes: readonly Change[]): InGroupsSql | undefined {
  const overrides = changes.flatMap((change) => overrideOf(accountId, change) ?? []);
  if (overrides.length === 0) return undefined;
  const untouched = sql`r.account_id = ${accountId} and not ${oneOf(
    sql.ref("r.group_id"),
    overrides.map(({ id }) => id),
  )}`;
  const joined = (kept: RawBuilder<unknown>, meant: readonly Override[], standing: Standing) =>
    sql<SqlBool>`(${rowIn(sql`${untouched} and ${kept}`, standing)}
      ${sql.join([sql``, ...meant.map(({ members }) => members(standing))], sql` or `)})`;
  return {
    byName: (names, standing) => {
      const named = sql`r.group_id in (select g.id from device_group as g
        where g.account_id = ${accountId} and ${oneOf(sql.ref("g.name"), names)})`;
      return joined(
        named,
        overrides.filter(({ name }) => name !== null && names.includes(name)),
        standing,
      );
    },
    byId: (ids, standing) =>
      joined(
        oneOf(sql.ref("r.group_id"), ids),
        overrides.filter(({ id, name }) => name !== null && ids.includes(id)),
        standing,
      ),
  };
}

/** The devices that changes put into groups or take out of them; undefined where they are not known one by one. */
export function devicesMoved(changes: readonly Change[]): readonly string[] | undefined {
  if (changes.length === 0 || changes.some(({ resource, ids }) => resource.kind !== "device-group" || !ids))
    return undefined;
  return [...new Set(changes.flatMap(({ ids = {} }) => Object.values(ids).flat()))];
}

function overrideOf(accountId: string, change: Change): Override | undefined {
  const { resource, ids } = change;
  if (resource.kind !== "device-group") return undefined;
  const { id, name = "" } = resource;
  const own = sql`r.account_id = ${accountId} and r.group_id = ${id}`;
  const rows = (standing: Standing) => rowIn(own, standing);
  if (ids) return { id, name, members: (standing) => withMoved(rows(standing), ids) };
  const before = change.before as DeviceGroup | null;
  const after = change.after as DeviceGroup | null;
  const sameRules = JSON.stringify(before?.rules ?? null) === JSON.stringify(after?.rules ?? null);
  if (sameRules || !after) return { id, name: after?.name ?? null, members: rows };
  const byHand = (standing: Standing) => rowIn(sql`${own} and r.type = 'manual'`, standing);
  const fitting = fits({ accountId, groupId: id, predicate: predicateOf(after.rules ?? {}) });
  return { id, name: after.name, members: (standing) => sql`(${fitting} or ${byHand(standing)})` };
}

/** Says that a device `d` has a membership `r` that fits: gathered for all of them at once, or looked up for each. */
function rowIn(fitting: RawBuilder<unknown>, standing: Standing): RawBuilder<SqlBool> {
  const rows = sql`from device_group_member as r where ${fitting}`;
  return standing === "within"
    ? sql<SqlBool>`exists (select 1 ${rows} and r.device_id = d.id)`
    : sql<SqlBool>`d.id in (select r.device_id ${rows})`;
}

/** `excluded` devices that were members are named as `removed`, too; `readmitted` ones may be members by rule again. */
function withMoved(
  rows: RawBuilder<SqlBool>,
  { added = [], removed = [] }: Readonly<Record<string, readonly string[]>>,
): RawBuilder<SqlBool> {
  const among = (ids: readonly string[]) => sql`d.id in ${listed(ids)}`;
  return sql<SqlBool>`((${rows} and not ${among(removed)}) or ${among(added)})`;
}

import { type RawBuilder, type SqlBool, sql } from "kysely";
import { valueList } from "../../db/value-list.ts";
import type { InGroupsSql } from "../../devices/device/index.ts";
import { type DeviceGroup, fits, predicateOf } from "../../devices/device-group/index.ts";
import type { Change } from "../../operation/operation.ts";
import { oneOf } from "../../selector/sql.ts";

/** A device group as it would be: its name, null where it is gone, and which devices `d` would be in it. */
type Override = {
  readonly id: string;
  readonly name: string | null;
  readonly members: RawBuilder<SqlBool>;
};

/**
 * Which devices would be in which groups once changes of device groups are made; undefined where none of the changes
 * is about one.
 */
export function membershipsAfter(accountId: string, changes: readonly Change[]): InGroupsSql | undefined {
  const overrides = changes.flatMap((change) => overrideOf(accountId, change) ?? []);
  if (overrides.length === 0) return undefined;
  const untouched = sql`r.account_id = ${accountId} and r.device_id = d.id and not ${oneOf(
    sql.ref("r.group_id"),
    overrides.map(({ id }) => id),
  )}`;
  const joined = (kept: RawBuilder<unknown>, meant: readonly Override[]) =>
    sql<SqlBool>`(exists (select 1 from device_group_member as r where ${untouched} and ${kept})
      ${sql.join([sql``, ...meant.map(({ members }) => members)], sql` or `)})`;
  return {
    byName: (names) => {
      const named = sql`r.group_id in (select g.id from device_group as g
        where g.account_id = ${accountId} and ${oneOf(sql.ref("g.name"), names)})`;
      return joined(
        named,
        overrides.filter(({ name }) => name !== null && names.includes(name)),
      );
    },
    byId: (ids) =>
      joined(
        oneOf(sql.ref("r.group_id"), ids),
        overrides.filter(({ id, name }) => name !== null && ids.includes(id)),
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
  const rows = sql<SqlBool>`exists (select 1 from device_group_member as o
    where o.account_id = ${accountId} and o.group_id = ${id} and o.device_id = d.id)`;
  if (ids) return { id, name, members: withMoved(rows, ids) };
  const before = change.before as DeviceGroup | null;
  const after = change.after as DeviceGroup | null;
  const sameRules = JSON.stringify(before?.rules ?? null) === JSON.stringify(after?.rules ?? null);
  return { id, name: after?.name ?? null, members: sameRules || !after ? rows : byRules(accountId, after) };
}

/** `excluded` devices that were members are named as `removed`, too; `readmitted` ones may be members by rule again. */
function withMoved(
  rows: RawBuilder<SqlBool>,
  { added = [], removed = [] }: Readonly<Record<string, readonly string[]>>,
): RawBuilder<SqlBool> {
  const among = (ids: readonly string[]) =>
    sql`d.id in (select wanted.value from ${valueList(ids)} as wanted)`;
  return sql<SqlBool>`((${rows} and not ${among(removed)}) or ${among(added)})`;
}

function byRules(accountId: string, { id, rules }: DeviceGroup): RawBuilder<SqlBool> {
  const predicate = predicateOf(rules ?? {});
  return sql<SqlBool>`(${fits({ accountId, groupId: id, predicate })} or exists (select 1
    from device_group_member as o where o.account_id = ${accountId} and o.group_id = ${id}
    and o.device_id = d.id and o.type = 'manual'))`;
}

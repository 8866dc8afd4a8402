import { type RawBuilder, type SqlBool, sql } from "kysely";
import { oneOf, type SqlField, type SqlSource, type Standing } from "../../selector/sql.ts";

/** Conditions that hold for the devices `d` in a device group that has one of at least one name, exactly, or id. */
export type InGroupsSql = {
  readonly byName: (names: readonly string[], standing: Standing) => RawBuilder<SqlBool>;
  readonly byId: (ids: readonly string[], standing: Standing) => RawBuilder<SqlBool>;
};

/** The columns that hold what a selector can ask, by the name of the field. */
const columns: Readonly<Record<string, string>> = {
  "identity.email": "user_email",
  "identity.service_token_uuid": "service_token_uuid",
  network: "network",
  "os.name": "platform_key",
  "os.version": "os_version_key",
  "device.id": "id",
  "device.platform": "platform_key",
  "device.bucket": "bucket",
  "device.client_version": "client_version_key",
  "device.sdk_version": "sdk_version_key",
  "device.app_version": "app_version_key",
  "device.manufacturer": "manufacturer_key",
  "device.model": "model",
  "device.locale": "locale_key",
  "device.region": "region_key",
  "device.gpu_available": "gpu_available",
  "device.npu_available": "npu_known",
};

/** The kinds of the rows that hold what lists hold, by the name of the field. */
const kinds: Readonly<Record<string, string>> = {
  "identity.groups.id": "group_id",
  "identity.groups.name": "group_name",
  "identity.groups.email": "group_email",
  "identity.saml_attributes": "saml",
};

const everybody = () => sql<SqlBool>`1 = 1`;

/**
 * What selectors can ask about the devices of an account, for a query `from device as d`: the same as `subjectOf`
 * answers of each. A device is in the groups that `inGroups` says; where nothing is said, in those it has rows of.
 * Throws an Error for a field that it does not know.
 */
export function sqlSubjectOf(accountId: string, inGroups = memberships(accountId)): SqlSource {
  return ({ name, label }) => {
    if (label !== undefined) return rowsOf("device_label", accountId, "key", label);
    if (name === "device.groups") return { among: inGroups.byName, known: everybody };
    if (name === "device.group_ids") return { among: inGroups.byId, known: everybody };
    if (name === "device.ram_gb")
      return { column: sql`(cast(d.total_memory_mb as double precision) / 1024)` };
    const kind = kinds[name];
    if (kind) return rowsOf("device_identity", accountId, "kind", kind);
    const column = columns[name];
    if (!column) throw new Error(`no column holds ${name}`);
    return { column: sql.ref(`d.${column}`) };
  };
}

function rowsOf(table: string, accountId: string, column: string, key: string): SqlField {
  const own = sql`r.account_id = ${accountId} and ${sql.ref(`r.${column}`)} = ${key}`;
  return {
    among: (values, standing) => isIn(table, sql`${own} and ${oneOf(sql.ref("r.value"), values)}`, standing),
    known: (standing) => isIn(table, own, standing),
  };
}

function memberships(accountId: string): InGroupsSql {
  const own = sql`r.account_id = ${accountId}`;
  const present = sql`g.account_id = ${accountId} and g.type <> 'leaving'`;
  const named = (column: string, values: readonly string[]) =>
    sql`r.group_id in (select g.id from device_group as g where ${present} and ${oneOf(sql.ref(column), values)})`;
  return {
    byName: (names, standing) =>
      isIn("device_group_member", sql`${own} and ${named("g.name", names)}`, standing),
    byId: (ids, standing) => isIn("device_group_member", sql`${own} and ${named("g.id", ids)}`, standing),
  };
}

/**
 * Says that a device has a row `r` that fits. Where it must hold, engines can begin with the rows. Elsewhere one of
 * them would read all rows again for each device once they are too many for its memory, so there each device's are
 * looked up; `or 1 = 0` keeps it from planning that as one more join, which takes seconds with a hundred of them.
 */
function isIn(table: string, fits: RawBuilder<unknown>, standing: Standing): RawBuilder<SqlBool> {
  const rows = sql`from ${sql.table(table)} as r where ${fits}`;
  return standing !== "within"
    ? sql`d.id in (select r.device_id ${rows})`
    : sql`(exists (select 1 ${rows} and r.device_id = d.id) or 1 = 0)`;
}

import { sql } from "kysely";
import { listed } from "../../db/value-list.ts";
import type { InOneOf } from "../../operation/seen.ts";

/** Says in SQL that a device is in one of some groups; `account` and `device` are columns of the outer query. */
export function inOneOf(account: string, device: string): InOneOf {
  return (groups) => {
    const which = groups === "any" ? sql`1 = 1` : sql`x.group_id in ${listed(groups)}`;
    return sql`exists (select 1 from device_group_member as x
      where x.account_id = ${sql.ref(account)} and x.device_id = ${sql.ref(device)} and ${which})`;
  };
}

import type { Reference, Referrer } from "../../operation/reference.ts";
import { unquoted } from "../../selector/closure.ts";
import { readExpression } from "../../selector/expression.ts";
import { eachTest } from "../../selector/predicate.ts";
import { namesOfGroups } from "../device-group/index.ts";
import { kind } from "./device-policy.ts";
import { allDevicePolicies } from "./store.ts";

/** Match expressions name device groups, by name or by id; one that names a group which is gone means nobody by it. */
export const toDeviceGroups: Reference = {
  to: "device-group",
  from: kind,
  columns: [],
  async find(db, accountId, ids) {
    const groups = await namesOfGroups(db, accountId, ids);
    const devicePolicies = await allDevicePolicies(db, accountId);
    return devicePolicies.flatMap(({ id, name, match }) => {
      if (match === null) return [];
      const asked = groupsAsked(match);
      return groups.flatMap((group): Referrer[] => {
        const byName = asked.names.has(group.name);
        if (!byName && !asked.ids.has(group.id)) return [];
        return [{ kind, id, name, refersTo: group.id, byName }];
      });
    });
  },
  release: async () => [],
};

function groupsAsked(match: string): { names: ReadonlySet<unknown>; ids: ReadonlySet<unknown> } {
  const names = new Set<unknown>();
  const ids = new Set<unknown>();
  eachTest(readExpression(match), ({ field, values }) => {
    const asked = { "device.groups": names, "device.group_ids": ids }[field.name];
    for (const value of values) asked?.add(value).add(unquoted(String(value)));
  });
  return { names, ids };
}

import { list } from "../../operation/operation.ts";
import type { Page } from "../../operation/page.ts";
import { permissionGroups } from "./catalogue.ts";
import { kind, type PermissionGroup, permission } from "./permission-group.ts";

type Filter = { name?: string; scope?: string; page: Page };

const scope = "com.cloudflare.api.account";

/** The catalogue, as whoever makes API tokens needs it. */
export const listPermissionGroups = list<Filter, PermissionGroup>({
  name: "permission-group.list",
  summary: "List the permission groups that API tokens can name",
  access: { permission: permission.read },
  resource: kind,
  async run(_context, { name, scope: wanted, page }) {
    const named = permissionGroups.filter((group) => matches(group.name, name) && matches(scope, wanted));
    return { items: named.slice(page.offset, page.offset + page.limit), total: named.length, next: null };
  },
});

/** The reference tells callers to URL-encode these filters once more, so SDK users send them encoded twice. */
function matches(value: string, wanted: string | undefined): boolean {
  return wanted === undefined || value === wanted || value === decoded(wanted);
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return undefined;
  }
}

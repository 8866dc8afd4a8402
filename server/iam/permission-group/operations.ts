import type { Handle } from "../../db/database.ts";
import type { Membership } from "../../operation/caller.ts";
import { type Context, list, type Path, read, type Target } from "../../operation/operation.ts";
import type { Listed, Page } from "../../operation/page.ts";
import { showsAll, type Visible } from "../../operation/visible.ts";
import { chainOf } from "../scope.ts";
import { permissionGroup, permissionGroups } from "./catalogue.ts";
import { kind, kindForTokens, type PermissionGroup, permission } from "./permission-group.ts";

type TokenFilter = { name?: string; scope?: string; page: Page };
type Filter = { id?: string; name?: string; label?: string; page: Page };

const scope = "com.cloudflare.api.account";

/** The catalogue, as whoever makes API tokens needs it. */
export const listForTokens = list<TokenFilter, PermissionGroup>({
  name: "permission-group.list-for-tokens",
  summary: "List the permission groups that API tokens can name",
  access: { permission: permission.readForTokens },
  resource: kindForTokens,
  async run(_context, { name, scope: wanted, page }) {
    return selectableBy({ name, scope: wanted }, page);
  },
});

/** A page of the permission groups that a token can name, by the filters that clients send. */
export function selectableBy(
  { name, scope: wanted }: { name: string | undefined; scope: string | undefined },
  page: Page,
): Listed<PermissionGroup> {
  return pageIn(
    permissionGroups.filter((group) => matches(group.name, name) && matches(scope, wanted)),
    page,
  );
}

/** The catalogue. */
export const listPermissionGroups = list<Filter, PermissionGroup>({
  name: "permission-group.list",
  summary: "List permission groups",
  access: { permission: permission.read },
  resource: kind,
  async run({ account }: Context, { id, name, label, page }, visible) {
    const fits = (group: PermissionGroup) =>
      (id === undefined || group.id === id) &&
      (name === undefined || group.name === name) &&
      (label === undefined || group.label === label);
    return pageIn(visibleOnes(account, visible).filter(fits), page);
  },
});

/** One permission group. */
export const getPermissionGroup = read<unknown, PermissionGroup, PermissionGroup>({
  name: "permission-group.get",
  summary: "Get a permission group",
  access: { permission: permission.read },
  resource: kind,
  sees: permission.read,
  target,
  run: async (_context, _input, group) => group,
});

async function target(_db: Handle, account: Membership, path: Path): Promise<Target<PermissionGroup>> {
  const group = permissionGroup(path.permission_group_id ?? "");
  return group
    ? { chain: chainOf(account.accountId, kind, group.id), noun: group }
    : { missing: "permission group" };
}

/** The catalogue is no table: what SQL does elsewhere is done by looking at each. */
function visibleOnes(account: Membership, visible: Visible): readonly PermissionGroup[] {
  if (showsAll(visible)) return permissionGroups;
  return permissionGroups.filter(
    ({ id }) => account.authorize(permission.read, chainOf(account.accountId, kind, id)).allowed,
  );
}

function pageIn(groups: readonly PermissionGroup[], page: Page): Listed<PermissionGroup> {
  return { items: groups.slice(page.offset, page.offset + page.limit), total: groups.length, next: null };
}

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

import { missing } from "../../failure.ts";
import { list, read } from "../../operation/operation.ts";
import type { Page } from "../../operation/page.ts";
import type { PermissionGroup } from "../permission-group/index.ts";
import { kind, permission } from "./member.ts";
import { roles } from "./roles.ts";

/** The roles that members can have. */
export const listRoles = list<{ page: Page }, PermissionGroup>({
  name: "role.list",
  summary: "List roles, a view of the built-in permission groups for older clients",
  access: { permission: permission.read },
  resource: kind,
  async run(_context, { page }) {
    const items = roles.slice(page.offset, page.offset + page.limit);
    return { items, total: roles.length, next: null };
  },
});

/** One role. */
export const getRole = read<{ roleId: string }, PermissionGroup>({
  name: "role.get",
  summary: "Get a role",
  access: { permission: permission.read },
  resource: kind,
  sees: permission.read,
  async run(_context, { roleId }) {
    const role = roles.find(({ id }) => id === roleId);
    if (!role) throw missing("role");
    return role;
  },
});

import Type, { type Static } from "typebox";
import { invalid } from "../../../failure.ts";
import type { PermissionGroup } from "../../permission-group/index.ts";
import { roles } from "../roles.ts";

const closed = { additionalProperties: false } as const;

/** A role as older clients know it: a view of a built-in permission group that is allowed on the whole account. */
export const shownRole = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    description: Type.String(),
    permissions: Type.Object(
      { organization: Type.Object({ read: Type.Boolean(), write: Type.Boolean() }, closed) },
      closed,
    ),
  },
  closed,
);

/** Roles as they are sent: ids when a member is made, objects with an id when it is changed. */
export const sentRoles = Type.Array(
  Type.Union([Type.String({ maxLength: 64 }), Type.Object({ id: Type.String({ maxLength: 64 }) })]),
  { maxItems: 10 },
);

/**
 * Reads the roles of a member. Clients that read a member send both views back: then its policies stand.
 *
 * @throws Failure `invalid` for a role that there is not
 */
export function rolesFromWire(
  sent: Static<typeof sentRoles>,
  iamPolicies: unknown,
): { roleIds?: readonly string[] } {
  if (iamPolicies) return {};
  const named = sent.map((role, index) =>
    typeof role === "string" ? { id: role, at: `roles/${index}` } : { id: role.id, at: `roles/${index}/id` },
  );
  for (const { id, at } of named)
    if (!roles.some((role) => role.id === id))
      throw invalid(`/${at}`, `${at}: expected the id of one of the roles ${known}`);
  return { roleIds: named.map(({ id }) => id) };
}

const known = roles.map(({ id, name }) => `${id} (${name})`).join(", ");

/** Writes a role. */
export function roleToWire({ id, name, description, label }: PermissionGroup): Static<typeof shownRole> {
  return {
    id,
    name,
    description,
    permissions: { organization: { read: true, write: label !== "admin_readonly" } },
  };
}

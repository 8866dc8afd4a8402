import { face, listFace } from "../../../operation/face.ts";
import { getRole, listRoles } from "../role-operations.ts";
import { roleToWire, shownRole } from "./roles.ts";

const where = { dialect: "v4", method: "GET", account: "path", family: "iam" } as const;
const roles = "/accounts/{account_id}/roles";

const list = listFace(listRoles, {
  ...where,
  path: roles,
  paging: { default: 20, max: 50 },
  answer: shownRole,
  read: () => ({}),
  write: roleToWire,
});

const get = face(getRole, {
  ...where,
  path: `${roles}/{role_id}`,
  answer: shownRole,
  read: ({ path }) => ({ roleId: path.role_id ?? "" }),
  write: roleToWire,
});

/** The faces of roles on `/client/v4`: read only. */
export const v4 = [list, get];

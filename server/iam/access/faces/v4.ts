import { listFace } from "../../../operation/face.ts";
import { effectivePermissions } from "../operations.ts";
import { effective, effectiveToWire } from "./wire.ts";

/** The faces of who may do what and why, on `/client/v4`. */
export const v4 = [
  listFace(effectivePermissions, {
    dialect: "v4",
    method: "GET",
    path: "/accounts/{account_id}/members/{member_id}/effective-permissions",
    account: "path",
    family: "iam",
    paging: { default: 100, max: 1000 },
    answer: effective,
    read: () => ({}),
    write: effectiveToWire,
  }),
];

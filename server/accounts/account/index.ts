import type { Room } from "../../operation/room.ts";
import { permissions } from "./account.ts";
import { v4 } from "./faces/v4.ts";
import { createAccount, getAccount, listOwnAccounts, updateOwnAccount } from "./operations.ts";

export { type Account, kind, permission } from "./account.ts";
export {
  auditHead,
  claimFirstStart,
  findAccount,
  firstAccount,
  fleetRevision,
  holdAccount,
  insertAccount,
  moveAuditHead,
  raiseRevision,
} from "./store.ts";

/** Accounts: the tenants of the installation. */
export const account: Room = {
  permissions,
  operations: [listOwnAccounts, getAccount, createAccount, updateOwnAccount],
  faces: v4,
};

import type { Room } from "../../operation/room.ts";
import { permissions } from "./api-token.ts";
import { v4 } from "./faces/v4.ts";
import {
  createApiToken,
  deleteApiToken,
  getApiToken,
  listApiTokens,
  rollApiToken,
  updateApiToken,
  verifyApiToken,
} from "./operations.ts";

export { addressAllowed } from "./address.ts";
export { type ApiToken, at, type Condition, kind, member, permission, type TokenNow } from "./api-token.ts";
export { blank, changed, type Wanted } from "./change.ts";
export * as wire from "./faces/wire.ts";
export { type LastUsed, makeLastUsed } from "./last-used.ts";
export { verify } from "./operations.ts";
export { type TokenRow, tokenFromRow, tokenToRow } from "./row.ts";
export { allTokens, findToken, insertToken, noteUse, type Opened, openBySecret } from "./store.ts";

/** API tokens: credentials of an account with policies of their own. */
export const apiToken: Room = {
  permissions,
  operations: [
    listApiTokens,
    getApiToken,
    createApiToken,
    updateApiToken,
    deleteApiToken,
    rollApiToken,
    verifyApiToken,
  ],
  faces: v4,
};

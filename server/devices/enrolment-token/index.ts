import type { Room } from "../../operation/room.ts";
import { permissions } from "./enrolment-token.ts";
import { rest } from "./faces/rest.ts";
import {
  createEnrolmentToken,
  editEnrolmentToken,
  getEnrolmentToken,
  listEnrolmentTokens,
  removeEnrolmentToken,
} from "./operations.ts";

export { callingEnroller, type OpenedToken } from "./credential.ts";
export { kind, permission } from "./enrolment-token.ts";
export { noteUse, openEnrolmentToken } from "./store.ts";

/** Enrolment tokens: what devices call with before they have credentials of their own. */
export const enrolmentToken: Room = {
  permissions,
  operations: [
    ...[listEnrolmentTokens, getEnrolmentToken, createEnrolmentToken],
    ...[editEnrolmentToken, removeEnrolmentToken],
  ],
  faces: rest,
};

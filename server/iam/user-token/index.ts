import { kind as userKind } from "../../accounts/user/index.ts";
import type { Reference } from "../../operation/reference.ts";
import type { Room } from "../../operation/room.ts";
import { v4 } from "./faces/v4.ts";
import {
  createOwnToken,
  deleteOwnToken,
  getOwnToken,
  listForOwnTokens,
  listOwnTokens,
  rollOwnToken,
  updateOwnToken,
  verifyToken,
} from "./operations.ts";
import { deleteUserTokensOf, userTokensOf } from "./store.ts";
import { kind } from "./user-token.ts";

export { findUserToken, noteUserTokenUse, openUserToken } from "./store.ts";
export type { UserToken } from "./user-token.ts";

/** Tokens belong to users: those of a user who is forgotten open nothing any more. */
const ofUsers: Reference = {
  to: userKind,
  from: kind,
  columns: ["user_token.user_id"],
  async find(db, _accountId, userIds) {
    const held = await Promise.all(
      userIds.map(async (refersTo) =>
        (await userTokensOf(db, refersTo)).map((token) => ({ kind, ...token, refersTo })),
      ),
    );
    return held.flat();
  },
  async release(db, _accountId, userId) {
    const tokens = await userTokensOf(db, userId);
    await deleteUserTokensOf(db, userId);
    return tokens.map((token) => ({ resource: { kind, ...token }, before: token, after: null }));
  },
};

/** User tokens: credentials of people, good in all their accounts. */
export const userToken: Room = {
  operations: [
    listOwnTokens,
    getOwnToken,
    createOwnToken,
    updateOwnToken,
    deleteOwnToken,
    rollOwnToken,
    verifyToken,
    listForOwnTokens,
  ],
  faces: v4,
  references: [ofUsers],
};

import type { Handle } from "../../db/database.ts";
import type { NewAccount } from "../../operation/operation.ts";
import type { Maker, Room } from "../../operation/room.ts";
import { replacePolicies } from "../iam-policy/index.ts";
import { superAdministratorGroup } from "../permission-group/index.ts";
import { accountKey } from "../scope.ts";
import { insertMember } from "./store.ts";

export { type KeyHolder, openByKey } from "./store.ts";

/** Members: the users of an account. */
export const member: Room = { operations: [], faces: [], onAccountCreated: makeFounder };

/** Whoever makes an account is its first super administrator. */
async function makeFounder(db: Handle, account: NewAccount, { ids, now }: Maker): Promise<void> {
  const { userId, email } = account.founder;
  const memberId = ids.hex();
  await insertMember(db, {
    id: memberId,
    accountId: account.id,
    userId,
    email,
    status: "accepted",
    createdAt: now,
  });
  await replacePolicies(db, account.id, { kind: "member", id: memberId }, [
    {
      id: ids.hex(),
      access: "allow",
      permissionGroupIds: [superAdministratorGroup],
      resources: { [accountKey(account.id)]: "*" },
    },
  ]);
}

import type { Handle } from "../../db/database.ts";
import type { Member } from "./member.ts";

interface InvitationTable {
  hash: string;
  account_id: string;
  member_id: string;
  issuer_kind: string;
  issuer: string;
  held: string;
  expires_at: number;
}

declare module "../../db/database.ts" {
  interface Rooms {
    invitation: InvitationTable;
  }
}

/** Who made an invitation, and what the member held at that time: its policies by what they say. */
export type Issued = {
  readonly by: { readonly kind: "user" | "api-token" | "user-token"; readonly id: string };
  readonly held: readonly string[];
};

/** An invitation that is still open, and whom it is for. */
export type Invitation = Issued & {
  readonly accountId: string;
  readonly memberId: string;
  readonly expiresAt: number;
};

/** Keeps a member's invitation, only as a hash; an earlier one opens nothing from then on. */
export async function replaceInvitation(
  db: Handle,
  { accountId, id }: Pick<Member, "accountId" | "id">,
  hash: string,
  { by, held }: Issued,
  expiresAt: number,
): Promise<void> {
  await dropInvitations(db, accountId, id);
  await db
    .insertInto("invitation")
    .values({
      ...{ hash, account_id: accountId, member_id: id, expires_at: expiresAt },
      ...{ issuer_kind: by.kind, issuer: by.id, held: JSON.stringify(held) },
    })
    .execute();
}

/** The invitation with this hash, or undefined. */
export async function findInvitation(db: Handle, hash: string): Promise<Invitation | undefined> {
  const row = await db.selectFrom("invitation").selectAll().where("hash", "=", hash).executeTakeFirst();
  return (
    row && {
      accountId: row.account_id,
      memberId: row.member_id,
      expiresAt: row.expires_at,
      by: { kind: row.issuer_kind as Issued["by"]["kind"], id: row.issuer },
      held: JSON.parse(row.held),
    }
  );
}

/** Forgets the invitations of a member. */
export async function dropInvitations(db: Handle, accountId: string, memberId: string): Promise<void> {
  await db
    .deleteFrom("invitation")
    .where("account_id", "=", accountId)
    .where("member_id", "=", memberId)
    .execute();
}

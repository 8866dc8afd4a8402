import type { Handle } from "../../db/database.ts";
import { emailKey, type User } from "./user.ts";

interface UserTable {
  id: string;
  email: string;
  email_key: string;
  key_hash: string;
  owns_installation: number;
  created_at: number;
}

declare module "../../db/database.ts" {
  interface Rooms {
    user: UserTable;
  }
}

/** Keeps a new user; the global key only as a hash. */
export async function insertUser(db: Handle, user: User, keyHash: string): Promise<void> {
  await db
    .insertInto("user")
    .values({
      id: user.id,
      email: user.email,
      email_key: emailKey(user.email),
      key_hash: keyHash,
      owns_installation: user.ownsInstallation ? 1 : 0,
      created_at: user.createdAt,
    })
    .execute();
}

import type { Handle } from "../../db/database.ts";
import { emailKey, type User } from "./user.ts";

interface UserTable {
  id: string;
  email: string;
  email_key: string;
  key_hash: string;
  owns_installation: number;
  has_key: number;
  created_at: number;
}

declare module "../../db/database.ts" {
  interface Rooms {
    user: UserTable;
  }
}

/**
 * Keeps a new user; the global key only as a hash. Without a key nothing opens the user's accounts. Answers false
 * and does nothing where somebody with that e-mail address came first.
 */
export async function insertUser(db: Handle, user: User, keyHash?: string): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto("user")
    .values({
      id: user.id,
      email: user.email,
      email_key: emailKey(user.email),
      key_hash: keyHash ?? `none ${user.id}`,
      owns_installation: user.ownsInstallation ? 1 : 0,
      has_key: keyHash === undefined ? 0 : 1,
      created_at: user.createdAt,
    })
    .onConflict((conflict) => conflict.column("email_key").doNothing())
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n;
}

/** The user with an e-mail address, or undefined. Nobody can change or delete it until this transaction ends. */
export async function holdUserByEmail(db: Handle, email: string): Promise<User | undefined> {
  const row = await db
    .updateTable("user")
    .set((eb) => ({ email: eb.ref("email") }))
    .where("email_key", "=", emailKey(email))
    .returningAll()
    .executeTakeFirst();
  return row && fromRow(row);
}

/** The user with an id, or undefined. Nobody can change or delete it until this transaction ends. */
export async function holdUser(db: Handle, id: string): Promise<User | undefined> {
  const row = await db
    .updateTable("user")
    .set((eb) => ({ email: eb.ref("email") }))
    .where("id", "=", id)
    .returningAll()
    .executeTakeFirst();
  return row && fromRow(row);
}

/** Puts another global key in the place of the present one, which opens nothing from then on. */
export async function replaceKey(db: Handle, id: string, keyHash: string): Promise<void> {
  await db.updateTable("user").set({ key_hash: keyHash, has_key: 1 }).where("id", "=", id).execute();
}

/** Forgets a user who is in no account. */
export async function deleteUser(db: Handle, id: string): Promise<void> {
  await db.deleteFrom("user").where("id", "=", id).execute();
}

function fromRow(row: UserTable): User {
  return {
    id: row.id,
    email: row.email,
    ownsInstallation: row.owns_installation === 1,
    hasKey: row.has_key === 1,
    createdAt: row.created_at,
  };
}

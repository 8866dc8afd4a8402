export { deleteUser, holdUser, holdUserByEmail, insertUser, replaceKey } from "./store.ts";
export { emailKey, kind, type User } from "./user.ts";

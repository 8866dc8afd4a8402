export { insertUser } from "./store.ts";
export { emailKey, type User } from "./user.ts";

import type { ApiToken } from "../api-token/index.ts";

/** A credential of a person, good in all of the person's accounts: it may do there what both it and the person may. */
export type UserToken = ApiToken & { readonly userId: string };

/** The kind by which tokens of users are named in the audit trail. */
export const kind = "user-token";

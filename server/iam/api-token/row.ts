import type { ApiToken } from "./api-token.ts";

/** The columns that tokens have, whoever they belong to. */
export interface TokenRow {
  id: string;
  name: string;
  disabled: number;
  issued_on: number;
  modified_on: number;
  last_used_on: number | null;
  expires_on: number | null;
  not_before: number | null;
  condition: string | null;
}

/** A token without its policies. */
export type BareToken = Omit<ApiToken, "iamPolicies">;

/** The columns of a token that a change may touch. */
export function tokenToRow(token: BareToken) {
  return {
    name: token.name,
    disabled: token.disabled ? 1 : 0,
    modified_on: token.modifiedOn,
    expires_on: token.expiresOn,
    not_before: token.notBefore,
    condition: token.condition && JSON.stringify(token.condition),
  };
}

/** The token in a row, without its policies. */
export function tokenFromRow(row: TokenRow): BareToken {
  return {
    id: row.id,
    name: row.name,
    disabled: row.disabled === 1,
    issuedOn: row.issued_on,
    modifiedOn: row.modified_on,
    lastUsedOn: row.last_used_on,
    expiresOn: row.expires_on,
    notBefore: row.not_before,
    condition: row.condition && JSON.parse(row.condition),
  };
}

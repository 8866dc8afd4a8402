import { existsSync } from "node:fs";
import { relative } from "node:path";
import type { Account } from "./accounts/account/index.ts";
import { credentialsFile, type FirstStart } from "./bootstrap.ts";

/** Says where the server listens and how to talk to it; secrets only at the first start. */
export function announcement(
  address: string,
  folder: string,
  account: Pick<Account, "id" | "orgId">,
  first: FirstStart | null,
): string {
  const file = relative(process.cwd(), credentialsFile(folder)) || ".";
  const known = existsSync(credentialsFile(folder));
  const secrets = first
    ? [`e-mail       ${first.email}`, `API key      ${first.api_key}`, `API token    ${first.api_token}`]
    : [];
  return [
    `Flotilla listens on ${address}`,
    `account id   ${account.id}`,
    `org id       ${account.orgId}`,
    ...secrets,
    `credentials  ${known ? file : "were written where the first start ran"}`,
    `reference    ${address}/docs`,
    `try          ${known ? curlWithToken(address, file) : `curl ${address}/healthz`}`,
  ].join("\n");
}

function curlWithToken(address: string, file: string): string {
  const token = `$(sed -n 's/.*"api_token": "\\(.*\\)".*/\\1/p' '${file}')`;
  return `curl -H "Authorization: Bearer ${token}" ${address}/client/v4/accounts`;
}

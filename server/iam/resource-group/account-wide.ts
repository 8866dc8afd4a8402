import type { Handle } from "../../db/database.ts";
import type { NewAccount } from "../../operation/operation.ts";
import type { Maker } from "../../operation/room.ts";
import { accountKey } from "../scope.ts";
import type { ResourceGroup } from "./resource-group.ts";
import { insertResourceGroup } from "./store.ts";

/** Makes the resource group that is the account itself; clients find it by its name, which is the account's key. */
export async function makeAccountWide(
  db: Handle,
  account: NewAccount,
  { ids, now }: Maker,
): Promise<ResourceGroup> {
  const key = accountKey(account.id);
  const group = {
    id: account.resourceGroupId ?? ids.hex(),
    name: key,
    origin: "built-in",
    scope: { key, objects: [{ key: "*" }] },
    createdOn: now,
    modifiedOn: now,
  } as const;
  await insertResourceGroup(db, account.id, group);
  return group;
}

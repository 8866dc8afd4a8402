import type { Handle } from "../../db/database.ts";
import type { Change } from "../../operation/operation.ts";
import { dropCredentialsOf } from "./credential-store.ts";
import { type Device, kind } from "./device.ts";

/** Forgets the credentials of devices, so that they can be claimed anew; answers a change for each that had any. */
export async function release(db: Handle, accountId: string, devices: readonly Device[]): Promise<Change[]> {
  if (devices.length === 0) return [];
  const ids = devices.map(({ id }) => id);
  const released = await dropCredentialsOf(db, accountId, ids);
  return devices.flatMap(({ id, identifier: name }) => {
    if (!released.has(id)) return [];
    return { resource: { kind, id, name }, before: { claimed: true }, after: { claimed: false } };
  });
}

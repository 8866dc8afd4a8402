import type { Store } from "./db/database.ts";
import { remembering } from "./db/remember.ts";
import { callingDevice, type OpenedDevice, openDevice } from "./devices/device/index.ts";
import {
  callingEnroller,
  noteUse as noteEnrolment,
  type OpenedToken,
  openEnrolmentToken,
} from "./devices/enrolment-token/index.ts";
import { makeLastUsed, noteUse } from "./iam/api-token/index.ts";
import { type Identify, makeIdentify } from "./iam/identify.ts";
import { hashSecret } from "./iam/secret.ts";
import { noteUserTokenUse } from "./iam/user-token/index.ts";
import { when } from "./soon.ts";

/** Devices whose credentials are kept ready; each costs up to 2 KB. */
const devicesKept = 20_000;

/** Enrolment tokens that are kept ready; what they fix may take some kilobytes. */
const enrolmentTokensKept = 1000;

/** Notes of when credentials were last used, by their kind. */
export function lastUsedIn(store: Store) {
  return {
    tokens: makeLastUsed(store, noteUse),
    userTokens: makeLastUsed(store, noteUserTokenUse),
    enrolments: makeLastUsed(store, noteEnrolment),
  };
}

/**
 * Devices call with credentials of their own, or enrol with one, which the wing of devices knows; a secret's prefix says
 * whose it is. One that was fixed from outside may look like anything.
 */
export function identifying(
  store: Store,
  permissionsIn: (permissionGroupId: string) => readonly string[],
  lastUsed: ReturnType<typeof lastUsedIn>,
  now: () => number,
): Identify {
  const people = makeIdentify(store, permissionsIn, lastUsed, now);
  const devices = remembering<OpenedDevice>(store, devicesKept);
  const tokens = remembering<OpenedToken>(store, enrolmentTokensKept);
  return (credentials, address) => {
    const { secret = "" } = credentials.type === "token" ? credentials : {};
    if (secret.startsWith("fld_")) {
      const hash = hashSecret(secret);
      const asOf = store.version();
      return when(
        devices(hash, (db) => openDevice(db, hash, asOf)),
        (opened) => (opened ? callingDevice(opened, address) : people(credentials, address)),
      );
    }
    if (secret.startsWith("fle_")) {
      const hash = hashSecret(secret);
      return when(
        tokens(hash, (db) => openEnrolmentToken(db, hash)),
        (opened) => (opened ? enroller(opened, address) : people(credentials, address)),
      );
    }
    return people(credentials, address);
  };

  function enroller(opened: OpenedToken, address: string) {
    const at = now();
    const caller = callingEnroller(opened, address, at);
    const { id, lastUsedAt } = opened.token;
    if (caller.standing === "active") lastUsed.enrolments.note(opened.accountId, id, lastUsedAt, at);
    return caller;
  }
}

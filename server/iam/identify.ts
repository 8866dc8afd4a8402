import { timingSafeEqual } from "node:crypto";
import { emailKey } from "../accounts/user/index.ts";
import type { Handle, Store } from "../db/database.ts";
import { Failure } from "../failure.ts";
import type { Caller } from "../operation/caller.ts";
import type { Credentials } from "../operation/credentials.ts";
import { type ApiToken, addressAllowed, type LastUsed, openBySecret } from "./api-token/index.ts";
import type { Rights } from "./authorize.ts";
import { type Owner, policiesOf } from "./iam-policy/index.ts";
import { openByKey } from "./member/index.ts";
import { membershipWith, type PermissionsIn, rightsOf } from "./rights.ts";
import { hashSecret } from "./secret.ts";

/**
 * Finds out who is calling: answers the caller with its rights as they are now; a token that may not be used
 * answers with a `standing` that says why. Throws Failure `unauthenticated` for a secret that is not ours.
 */
export type Identify = (credentials: Credentials, address: string) => Promise<Caller>;

/** Compiled rights that are kept ready; each costs some kilobytes. */
const keptMax = 10_000;

/** Builds `Identify`: one statement a request, and rights compiled anew only when the account's revision moved. */
export function makeIdentify(
  store: Pick<Store, "read">,
  permissionsIn: PermissionsIn,
  lastUsed: LastUsed,
  now: () => number,
): Identify {
  const rightsAt = keptRights(permissionsIn);
  return (credentials, address) =>
    store.read((db) =>
      credentials.type === "token"
        ? byToken(db, credentials.secret, address, { rightsAt, lastUsed, now: now() })
        : byKey(db, credentials, address, rightsAt),
    );
}

type RightsAt = (db: Handle, accountId: string, owner: Owner, revision: number) => Promise<Rights>;
type Tools = { rightsAt: RightsAt; lastUsed: LastUsed; now: number };

async function byToken(db: Handle, secret: string, address: string, tools: Tools): Promise<Caller> {
  const opened = await openBySecret(db, hashSecret(secret));
  if (!opened) throw new Failure("unauthenticated", "Invalid API Token", { reason: "unknown-token" });
  const { token, accountId, orgId, rightsRevision } = opened;
  const standing = standingOf(token, address, tools.now);
  if (standing === "active") tools.lastUsed.note(accountId, token.id, token.lastUsedOn, tools.now);
  const rights = await tools.rightsAt(db, accountId, { kind: "api-token", id: token.id }, rightsRevision);
  return {
    type: "token",
    id: token.id,
    label: token.name,
    address,
    ownsInstallation: false,
    standing,
    memberships: [membershipWith({ accountId, orgId }, rights)],
  };
}

function standingOf(token: Omit<ApiToken, "iamPolicies">, address: string, now: number): Caller["standing"] {
  if (token.expiresOn !== null && token.expiresOn <= now) return "expired";
  if (token.disabled) return "disabled";
  if (token.notBefore !== null && now < token.notBefore) return "not-yet-valid";
  return addressAllowed(token.condition, address) ? "active" : "address-refused";
}

/** The look-up is by the key's hash alone, so an unknown e-mail costs what a known one costs. */
async function byKey(
  db: Handle,
  { email, key }: { email: string; key: string },
  address: string,
  rightsAt: RightsAt,
): Promise<Caller> {
  const holder = await openByKey(db, hashSecret(key));
  const emailHolds = sameText(holder?.emailKey ?? "", emailKey(email));
  if (!holder || !emailHolds)
    throw new Failure("unauthenticated", "Unknown X-Auth-Key or X-Auth-Email", { reason: "unknown-key" });
  const memberships = await Promise.all(
    holder.places.map(async ({ memberId, accountId, orgId, rightsRevision }) =>
      membershipWith(
        { accountId, orgId },
        await rightsAt(db, accountId, { kind: "member", id: memberId }, rightsRevision),
      ),
    ),
  );
  const { userId, ownsInstallation } = holder;
  return {
    type: "user",
    id: userId,
    label: holder.email,
    address,
    ownsInstallation,
    standing: "active",
    memberships,
  };
}

function sameText(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(hashSecret(a)), Buffer.from(hashSecret(b)));
}

/**
 * Keeps compiled rights by their owner, good for one revision of the account's rights. The revision comes with
 * the credential in one statement, so what was changed in any process holds for the next request.
 */
function keptRights(permissionsIn: PermissionsIn): RightsAt {
  const kept = new Map<string, { revision: number; rights: Rights }>();
  return async (db, accountId, owner, revision) => {
    const key = `${accountId} ${owner.id}`;
    const held = kept.get(key);
    if (held?.revision === revision) return held.rights;
    const rights = rightsOf(accountId, await policiesOf(db, accountId, owner), permissionsIn);
    kept.delete(key);
    kept.set(key, { revision, rights });
    if (kept.size > keptMax) kept.delete(kept.keys().next().value as string);
    return rights;
  };
}

import { timingSafeEqual } from "node:crypto";
import { emailKey } from "../accounts/user/index.ts";
import type { Handle, Store } from "../db/database.ts";
import { remembering } from "../db/remember.ts";
import { Failure } from "../failure.ts";
import type { Caller, Membership } from "../operation/caller.ts";
import type { Credentials } from "../operation/credentials.ts";
import { type Soon, when } from "../soon.ts";
import {
  type ApiToken,
  addressAllowed,
  type LastUsed,
  type Opened,
  openBySecret,
} from "./api-token/index.ts";
import { intersectRights, type Rights } from "./authorize.ts";
import { heldByOne, iamPoliciesIn } from "./holding.ts";
import { type IamPolicy, type Owner, policiesOf } from "./iam-policy/index.ts";
import { type KeyHolder, openByKey, type Place } from "./member/index.ts";
import { membershipWith, type PermissionsIn, rightsOf } from "./rights.ts";
import { hashSecret } from "./secret.ts";
import { openUserToken, type UserToken } from "./user-token/index.ts";

/**
 * Finds out who is calling: answers the caller with its rights as they are now; a token that may not be used
 * answers with a `standing` that says why. Throws Failure `unauthenticated` for a secret that is not ours, or rejects.
 */
export type Identify = (credentials: Credentials, address: string) => Soon<Caller>;

/** Credentials and compiled rights that are kept ready; each costs some kilobytes. */
const keptMax = 10_000;

/**
 * Builds `Identify`. A credential is looked up by one statement; where nothing was committed since the last time
 * by none. Rights are compiled anew only when the account's revision moved. What depends on the clock or on the
 * address is decided for every request.
 */
export function makeIdentify(
  store: Pick<Store, "read" | "version">,
  permissionsIn: PermissionsIn,
  lastUsed: { readonly tokens: LastUsed; readonly userTokens: LastUsed },
  now: () => number,
): Identify {
  const rightsAt = keptRights(permissionsIn);
  const tokens = remembering<OpenedToken>(store, keptMax);
  const userTokens = remembering<OpenedUserToken>(store, keptMax);
  const keys = remembering<OpenedKey>(store, keptMax);

  /** Which of the two a secret is, its prefix says; one that was fixed from outside may look like anything. */
  function byToken(secret: string, address: string): Soon<Caller> {
    const hash = hashSecret(secret);
    const ofAccount = () =>
      when(
        tokens(hash, (db) => openToken(db, hash, rightsAt)),
        (opened) => calling(opened, address),
      );
    if (!secret.startsWith("flut_")) return ofAccount();
    return when(
      userTokens(hash, (db) => openOwnToken(db, hash, rightsAt)),
      (own) => (own ? calling(own, address) : ofAccount()),
    );
  }

  function calling(opened: OpenedToken | OpenedUserToken | undefined, address: string): Caller {
    if (!opened) throw new Failure("unauthenticated", "Invalid API Token", { reason: "unknown-token" });
    const { token, memberships } = opened;
    const at = now();
    const standing = standingOf(token, address, at);
    if (standing === "active") {
      if ("accountId" in opened) lastUsed.tokens.note(opened.accountId, token.id, token.lastUsedOn, at);
      else lastUsed.userTokens.note(opened.userId, token.id, token.lastUsedOn, at);
    }
    // Spelled out, not spread: this is on the way of every request.
    const { id, name: label } = token;
    const ownsInstallation = false;
    if ("accountId" in opened)
      return { type: "token", id, label, address, ownsInstallation, standing, memberships };
    const { userId } = opened;
    return { type: "token", id, userId, label, address, ownsInstallation, standing, memberships };
  }

  /** The look-up is by the key's hash alone, so an unknown e-mail costs what a known one costs. */
  function byKey({ email, key }: { email: string; key: string }, address: string): Soon<Caller> {
    const hash = hashSecret(key);
    return when(
      keys(hash, (db) => openKey(db, hash, rightsAt)),
      (opened) => holding(opened, email, address),
    );
  }

  function holding(opened: OpenedKey | undefined, email: string, address: string): Caller {
    const emailHolds = sameText(opened?.emailKey ?? "", emailKey(email));
    if (!opened || !emailHolds)
      throw new Failure("unauthenticated", "Unknown X-Auth-Key or X-Auth-Email", { reason: "unknown-key" });
    const { userId: id, email: label, ownsInstallation, memberships } = opened;
    const who = { type: "user", id, userId: id, label } as const;
    return { ...who, address, ownsInstallation, standing: "active", memberships };
  }

  return (credentials, address) =>
    credentials.type === "token" ? byToken(credentials.secret, address) : byKey(credentials, address);
}

type RightsAt = (
  db: Handle,
  accountId: string,
  owner: Owner | UserToken,
  revision: number,
) => Promise<Rights>;
type OpenedUserToken = {
  readonly token: UserToken;
  readonly userId: string;
  readonly memberships: readonly Membership[];
};
type OpenedToken = Opened & { readonly memberships: readonly [Membership] };
type OpenedKey = KeyHolder & { readonly memberships: readonly Membership[] };

async function openToken(db: Handle, hash: string, rightsAt: RightsAt): Promise<OpenedToken | undefined> {
  const opened = await openBySecret(db, hash);
  if (!opened) return undefined;
  const { token, accountId, rightsRevision } = opened;
  const rights = await rightsAt(db, accountId, { kind: "api-token", id: token.id }, rightsRevision);
  return { ...opened, memberships: [membershipWith(opened, rights)] };
}

async function openKey(db: Handle, hash: string, rightsAt: RightsAt): Promise<OpenedKey | undefined> {
  const holder = await openByKey(db, hash);
  if (!holder) return undefined;
  return { ...holder, memberships: await membershipsAt(db, holder.places, rightsAt) };
}

/** A person's token may do in each account what both it and the person may. */
async function openOwnToken(
  db: Handle,
  hash: string,
  rightsAt: RightsAt,
): Promise<OpenedUserToken | undefined> {
  const opened = await openUserToken(db, hash);
  if (!opened) return undefined;
  const { token, places } = opened;
  const memberships = await Promise.all(
    places.map(async (place) => {
      const { accountId, memberId, rightsRevision } = place;
      const owner = await rightsAt(db, accountId, { kind: "member", id: memberId }, rightsRevision);
      return membershipWith(
        place,
        intersectRights(await rightsAt(db, accountId, token, rightsRevision), owner),
      );
    }),
  );
  return { token, userId: token.userId, memberships };
}

/** The places of a person, with the rights that it has in each by itself and through its user groups. */
function membershipsAt(db: Handle, places: readonly Place[], rightsAt: RightsAt): Promise<Membership[]> {
  return Promise.all(
    places.map(async (place) => {
      const owner = { kind: "member", id: place.memberId } as const;
      return membershipWith(place, await rightsAt(db, place.accountId, owner, place.rightsRevision));
    }),
  );
}

function standingOf(token: Omit<ApiToken, "iamPolicies">, address: string, now: number): Caller["standing"] {
  if (token.expiresOn !== null && token.expiresOn <= now) return "expired";
  if (token.disabled) return "disabled";
  if (token.notBefore !== null && now < token.notBefore) return "not-yet-valid";
  return addressAllowed(token.condition, address) ? "active" : "address-refused";
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
    const key = `${accountId} ${owner.id} ${versionOf(owner)}`;
    const held = kept.get(key);
    if (held?.revision === revision) return held.rights;
    const rights = rightsOf(accountId, await allPoliciesOf(db, accountId, owner), permissionsIn);
    kept.delete(key);
    kept.set(key, { revision, rights });
    if (kept.size > keptMax) kept.delete(kept.keys().next().value as string);
    return rights;
  };
}

/** The policies of a person's token are part of it: the account's revision need not tell of them. */
function versionOf(owner: Owner | UserToken): string {
  return "iamPolicies" in owner ? hashSecret(JSON.stringify(owner.iamPolicies)) : "";
}

async function allPoliciesOf(
  db: Handle,
  accountId: string,
  owner: Owner | UserToken,
): Promise<readonly IamPolicy[]> {
  if ("iamPolicies" in owner) return owner.iamPolicies;
  if (owner.kind !== "member") return policiesOf(db, accountId, owner);
  return iamPoliciesIn(await heldByOne(db, accountId, owner.id));
}

/**
 * Scope keys: the names by which policies point at an account, at everything of a kind, or at one object.
 * The spelling is Cloudflare's (https://developers.cloudflare.com/fundamentals/api/how-to/create-via-api/);
 * the kinds are ours. An account id never contains a dot, so an account's key can't be taken for an object's.
 */
const PREFIX = "com.cloudflare.api.account.";

/** Kinds whose objects are read through the objects of another kind, too: a device through its groups. */
export const readThrough: ReadonlyMap<string, string> = new Map([["device", "device-group"]]);

/** The `resources` of an API token's policy: `{ key: "*" }`, or nested once, where both keys must cover. */
export type Resources = { readonly [key: string]: string | { readonly [key: string]: string } };

/** The scope of a resource group: those of `objects` that lie under `key`; `*` stands for all of it. */
export type ResourceGroupScope = {
  readonly key: string;
  readonly objects: readonly { readonly key: string }[];
};

/** The key of an account, which covers everything in it. */
export function accountKey(accountId: string): string {
  return sameText(accountKeys, accountId, "");
}

/** The key that covers all objects of a kind. */
export function kindKey(kind: string): string {
  return sameText(kindKeys, kind, ".*");
}

const accountKeys = new Map<string, string>();
const kindKeys = new Map<string, string>();

/** Keys that are kept of each of the two kinds: whoever asks for others has them made anew. */
const keysKept = 10_000;

/** A text that was looked up before is looked up for next to nothing: every decision asks for these two keys. */
function sameText(kept: Map<string, string>, name: string, end: string): string {
  const known = kept.get(name);
  if (known !== undefined) return known;
  const key = PREFIX + name + end;
  if (kept.size < keysKept) kept.set(name, key);
  return key;
}

/** The key of one object. The id `*` is no object's: it would make the key of the whole kind. */
export function objectKey(kind: string, id: string): string {
  return `${PREFIX}${kind}.${id}`;
}

/** The kind that a key speaks of, or null for an account's key and for what is no scope key at all. */
export function kindOfKey(key: string): string | null {
  if (!key.startsWith(PREFIX)) return null;
  const dot = key.indexOf(".", PREFIX.length);
  return dot < 0 ? null : key.slice(PREFIX.length, dot);
}

/** The kind of what a permission is decided on: that which it begins with; rights themselves belong to the account. */
export function kindDecidedOn(permission: string): string {
  const [kind = ""] = permission.split(".", 1);
  return kind === "iam" ? "account" : kind;
}

/** The chain of a kind as a whole: what creating a new object of it is decided on. */
export function chainOfKind(accountId: string, kind: string): string[] {
  return [accountKey(accountId), kindKey(kind)];
}

/**
 * The chain of an object, its account first. Further object keys are those of what it is read through (a
 * device's groups). Wildcards are part of the chain, so that deciding is nothing but looking keys up.
 */
export function chainOf(
  accountId: string,
  kind: string,
  id: string,
  ...further: readonly string[]
): string[] {
  const chain = [accountKey(accountId), kindKey(kind), objectKey(kind, id)];
  for (const key of further) {
    const kindOfFurther = kindOfKey(key);
    if (kindOfFurther !== null) chain.push(kindKey(kindOfFurther));
    chain.push(key);
  }
  return chain;
}

/**
 * The chain keys that the `resources` of an API token's policy cover in an account. What lies in another
 * account or is of an unknown kind covers nothing here and is left out. Never throws.
 */
export function scopesOfResources(resources: Resources, accountId: string): string[] {
  const covered = new Set<string>();
  for (const [outer, value] of Object.entries(resources)) {
    const inner =
      typeof value === "object" && value !== null ? Object.entries(value) : [["*", value] as const];
    for (const [key, star] of inner) if (star === "*") addOverlap(covered, outer, key, accountId);
  }
  return [...covered];
}

/** The chain keys that a resource group covers in an account, by the same rules as `scopesOfResources`. */
export function scopesOfResourceGroup(scope: ResourceGroupScope, accountId: string): string[] {
  const covered = new Set<string>();
  for (const { key } of scope.objects) addOverlap(covered, scope.key, key, accountId);
  return [...covered];
}

/** Nested keys mean what lies under both: the narrower of the two, or nothing where neither holds the other. */
function addOverlap(covered: Set<string>, outer: string, inner: string, accountId: string): void {
  const wide = chainKey(outer, accountId);
  const narrow = inner === "*" ? wide : chainKey(inner, accountId);
  if (wide === null || narrow === null) return;
  if (holds(wide, narrow, accountId)) covered.add(narrow);
  else if (holds(narrow, wide, accountId)) covered.add(wide);
}

/** A key as it stands in the chains of an account, or null for one that stands in none of them. */
function chainKey(key: string, accountId: string): string | null {
  const account = accountKey(accountId);
  if (key === account || key === `${PREFIX}*`) return account;
  const kind = kindOfKey(key);
  return kind === null ? null : key;
}

function holds(wide: string, narrow: string, accountId: string): boolean {
  if (wide === narrow || wide === accountKey(accountId)) return true;
  const kind = kindOfKey(narrow);
  return kind !== null && wide === kindKey(kind);
}

import { authorize, exceedsThroughGroups, keysMarkedFor, type Rights } from "./authorize.ts";
import { permissionsIn } from "./compiled-rights.ts";
import { accountKey, kindDecidedOn, kindKey, kindOfKey, readThrough } from "./scope.ts";

/** A permission that one set of rights gives on a scope key and the other doesn't. */
export type Difference = { readonly permission: string; readonly scope: string; readonly gained: boolean };

/**
 * What changes from one set of rights to another, by the scope keys that policies name: a change on a key says
 * that it changes for what the key covers, and is not said again of narrower keys. There is a gain exactly where
 * the later rights exceed the earlier ones, and a loss where it is the other way round.
 */
export function differences(before: Rights, after: Rights, accountId: string): Difference[] {
  const permissions = new Set([before, after].flatMap(({ tables }) => permissionsIn(tables[0])));
  return [...permissions].flatMap((permission) => differencesIn(permission, before, after, accountId));
}

function differencesIn(permission: string, before: Rights, after: Rights, accountId: string): Difference[] {
  const found: Difference[] = [];
  const said = { gained: new Set<string>(), lost: new Set<string>() };
  const keys = keysMarkedFor(permission, [before, after])
    .filter((key) => matters(permission, key))
    .sort((a, b) => breadth(permission, a) - breadth(permission, b));
  for (const scope of keys) {
    const chain = telling(permission, scope, accountId);
    const [was, is] = [before, after].map((rights) => authorize(rights, permission, chain).allowed);
    const gained = is === true;
    const direction = said[gained ? "gained" : "lost"];
    if (was === is || chain.some((key) => direction.has(key))) continue;
    direction.add(scope);
    found.push({ permission, scope, gained });
  }
  for (const gained of [true, false]) {
    if (throughKind(permission) === undefined) continue;
    if (found.some((difference) => difference.gained === gained)) continue;
    // Only a device in several groups at once can gain or lose what no key alone shows.
    const [more, less] = gained ? [after, before] : [before, after];
    const scope = exceedsThroughGroups(permission, more, less);
    if (scope !== undefined) found.push({ permission, scope, gained });
  }
  return found;
}

/** Whether a permission is ever decided on a key: on an account's, on those of its own kind and what that is read through. */
export function matters(permission: string, key: string): boolean {
  const kind = kindOfKey(key);
  const own = kindDecidedOn(permission);
  return kind === null || kind === own || kind === throughKind(permission);
}

/** The kind of what a permission's objects are seen through: only reading is decided on that, too. */
function throughKind(permission: string): string | undefined {
  const own = kindDecidedOn(permission);
  return permission === `${own}.read` ? readThrough.get(own) : undefined;
}

/** The account's key before those of kinds, the permission's own kind first, and these before those of objects. */
function breadth(permission: string, key: string): number {
  const kind = kindOfKey(key);
  if (kind === null) return 0;
  if (key !== kindKey(kind)) return 3;
  return throughKind(permission) === kind ? 2 : 1;
}

/** The chain of what a key names, as far as it makes a difference to a permission. */
export function telling(permission: string, key: string, accountId: string): string[] {
  const own = kindKey(kindDecidedOn(permission));
  const kind = kindOfKey(key);
  const chain = [accountKey(accountId), own];
  if (kind === null || key === own) return chain;
  return kindKey(kind) === own ? [...chain, key] : [...chain, ...new Set([kindKey(kind), key])];
}

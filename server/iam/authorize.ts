import type { Visible, VisibleClause } from "../operation/visible.ts";
import {
  ALLOW,
  DENY,
  markedIn,
  marksOn,
  NOTHING,
  permissionsIn,
  type Rights,
  type Table,
} from "./compiled-rights.ts";
import { chainOfKind, kindDecidedOn, kindKey, kindOfKey, objectKey, readThrough } from "./scope.ts";

export { compileRights, type IamPolicy, intersectRights, type Rights } from "./compiled-rights.ts";

/** Whether a permission may be used, and which rule decided: a deny, an allow, or that nothing allows it. */
export type Decision = { readonly allowed: boolean; readonly decidedBy: "allow" | "deny" | "no-allow" };

/** The three possible decisions, made once so that deciding allocates nothing. */
const allowed: Decision = Object.freeze({ allowed: true, decidedBy: "allow" });
const denied: Decision = Object.freeze({ allowed: false, decidedBy: "deny" });
const notAllowed: Decision = Object.freeze({ allowed: false, decidedBy: "no-allow" });

/**
 * Decides a permission on a chain of scope keys (from `chainOf` or `chainOfKind`). A deny that applies wins,
 * else an allow that applies, else it is denied: in whatever order the policies were given.
 */
export function authorize(rights: Rights, permission: string, chain: readonly string[]): Decision {
  let decision = allowed;
  for (const table of rights.tables) {
    const marks = marksOn(table, permission, chain);
    if (marks & DENY) return denied;
    if (marks === NOTHING) decision = notAllowed;
  }
  return decision;
}

const nothingVisible: VisibleClause = {
  every: false,
  ids: [],
  except: [],
  through: { groups: [], exceptGroups: [] },
};

/** What rights let their holder see of a kind: the objects that `authorize` allows, put as conditions. */
export function visible(rights: Rights, permission: string, accountId: string, kind: string): Visible {
  return rights.tables.map((table) => clauseOf(table, permission, accountId, kind));
}

function clauseOf(table: Table, permission: string, accountId: string, kind: string): VisibleClause {
  const whole = marksOn(table, permission, chainOfKind(accountId, kind));
  if (whole & DENY) return nothingVisible;
  const every = whole === ALLOW;
  const named = namedIn(table, permission, kind);
  const through = throughOf(table, permission, readThrough.get(kind), every);
  const broad = every || through.groups.length > 0;
  if (!broad && named.allowed.length === 0) return nothingVisible;
  return { every, ids: every ? [] : named.allowed, except: broad ? named.denied : [], through };
}

function throughOf(
  table: Table,
  permission: string,
  kind: string | undefined,
  every: boolean,
): VisibleClause["through"] {
  if (kind === undefined) return nothingVisible.through;
  const whole = marksOn(table, permission, [kindKey(kind)]);
  if (whole & DENY) return { groups: [], exceptGroups: "any" };
  const named = namedIn(table, permission, kind);
  const groups = whole === ALLOW ? "any" : named.allowed;
  return { groups: every ? [] : groups, exceptGroups: named.denied };
}

/** The ids of a kind on which an allow stands and no deny, and those on which a deny stands. */
function namedIn(table: Table, permission: string, kind: string): { allowed: string[]; denied: string[] } {
  const named = { allowed: [] as string[], denied: [] as string[] };
  const whole = kindKey(kind);
  const prefix = objectKey(kind, "");
  for (const [key, marks] of markedIn(table, permission)) {
    if (!key.startsWith(prefix) || key === whole) continue;
    (marks & DENY ? named.denied : named.allowed).push(key.slice(prefix.length));
  }
  return named;
}

/**
 * Whether no object there ever could be would be visible. Groups can only be judged together: the best an
 * object can do is to be in all of them but those that hide it.
 */
export function seesNothing(visible: Visible): boolean {
  const hiding = visible.map(({ through }) => through.exceptGroups);
  const closed = new Set(hiding.flatMap((groups) => (groups === "any" ? [] : groups)));
  const inNoGroup = hiding.includes("any");
  const open = visible.map(({ every, through: { groups } }) => {
    if (every || inNoGroup) return every;
    return groups === "any" || groups.some((id) => !closed.has(id));
  });
  const narrowest = visible[open.indexOf(false)];
  if (!narrowest) return false;
  const clauses = visible.map(({ ids, except }) => ({ ids: new Set(ids), except: new Set(except) }));
  return !narrowest.ids.some((id) =>
    clauses.every(({ ids, except }, index) => !except.has(id) && (open[index] || ids.has(id))),
  );
}

/** As `visible`, but wanting no allow: everything of a kind that no deny hides. */
export function notDenied(rights: Rights, permission: string, accountId: string, kind: string): Visible {
  return rights.tables.map((table) => {
    if (marksOn(table, permission, chainOfKind(accountId, kind)) & DENY) return nothingVisible;
    const through = throughOf(table, permission, readThrough.get(kind), true);
    return { every: true, ids: [], except: namedIn(table, permission, kind).denied, through };
  });
}

/** Whether rights hold a permission on anything of a kind that there is or could be. */
export function holdsSomewhere(rights: Rights, permission: string, accountId: string, kind: string): boolean {
  return !seesNothing(visible(rights, permission, accountId, kind));
}

/** A permission that goes too far, and the scope key on which it does. */
export type Excess = { readonly permission: string; readonly scope: string };

/**
 * The containment half of the grant rule: the first permission and key by which `wanted` allows what none of
 * `held` allows, or null if there is none. With several in `held` (one's own rights, and those that the
 * receiver has already) each decision must be allowed by one of them. All must be compiled for one account.
 *
 * It is exact, by trying every chain that can make a difference: what no policy names behaves like its kind.
 * Only the kind that a permission begins with is taken to be decided through groups: `device.…` for devices.
 */
export function exceeds(wanted: Rights, ...held: readonly Rights[]): Excess | null {
  for (const permission of permissionsIn(wanted.tables[0])) {
    const scope = exceedsIn(permission, wanted, held);
    if (scope !== undefined) return { permission, scope };
  }
  return null;
}

/** As `exceeds`, for one permission: the first key on which it goes too far, or undefined. */
function exceedsIn(permission: string, wanted: Rights, held: readonly Rights[]): string | undefined {
  const chains = chainsFor(permission, wanted, held);
  const plain = chains.find((chain) => isBeyond(permission, chain, wanted, held));
  return plain ? plain.at(-1) : exceedsThroughGroups(permission, wanted, ...held);
}

/**
 * The part of `exceeds` that a single key can't show, for one permission: the first key by which it goes too far on
 * an object that is read through several others at once, a device in several groups; or undefined.
 */
export function exceedsThroughGroups(
  permission: string,
  wanted: Rights,
  ...held: readonly Rights[]
): string | undefined {
  const kind = kindDecidedOn(permission);
  const groupKind = readThrough.get(kind);
  if (groupKind === undefined) return undefined;
  const keys = keysMarkedFor(permission, [wanted, ...held]);
  const chains = chainsFor(permission, wanted, held).filter((chain) => chain.includes(kindKey(kind)));
  for (const groups of tellingGroups(permission, keys, groupKind, wanted, held))
    for (const chain of chains)
      if (isBeyond(permission, [...chain, ...groups], wanted, held))
        return (
          groups.find((key) =>
            held.some((rights) => authorize(rights, permission, [key]).decidedBy === "deny"),
          ) ??
          groups.find((key) => authorize(wanted, permission, [key]).allowed) ??
          chain.at(-1)
        );
  return undefined;
}

function isBeyond(
  permission: string,
  chain: readonly string[],
  wanted: Rights,
  held: readonly Rights[],
): boolean {
  return (
    authorize(wanted, permission, chain).allowed &&
    !held.some((rights) => authorize(rights, permission, chain).allowed)
  );
}

function chainsFor(permission: string, wanted: Rights, held: readonly Rights[]): string[][] {
  const kind = kindDecidedOn(permission);
  return tellingChains(keysMarkedFor(permission, [wanted, ...held]), readThrough.has(kind) ? [kind] : []);
}

/** The scope keys on which any of several rights says something for a permission. */
export function keysMarkedFor(permission: string, all: readonly Rights[]): string[] {
  const keys = new Set<string>();
  for (const { tables } of all)
    for (const table of tables) for (const [key] of markedIn(table, permission)) keys.add(key);
  return [...keys];
}

/** One chain for the account, one for each kind (and all its unnamed objects), one for each object named. */
function tellingChains(keys: readonly string[], furtherKinds: readonly string[]): string[][] {
  const account = keys.filter((key) => kindOfKey(key) === null);
  const kindsNamed = new Set(furtherKinds);
  const objects: string[][] = [];
  for (const key of keys) {
    const kind = kindOfKey(key);
    if (kind === null) continue;
    kindsNamed.add(kind);
    if (key !== kindKey(kind)) objects.push([...account, kindKey(kind), key]);
  }
  return [account, ...[...kindsNamed].map((kind) => [...account, kindKey(kind)]), ...objects];
}

/**
 * The memberships that can make a difference, as chain keys. Being in more groups only ever helps `wanted`,
 * save for those it is denied on; and it helps `held` only where a table allows by one of them. So: all groups
 * but the denied ones, and the same without those by which one table, or one of each of `held`, allows.
 * An unnamed group is always left, so that each can be a device's groups.
 */
function tellingGroups(
  permission: string,
  keys: readonly string[],
  groupKind: string,
  wanted: Rights,
  held: readonly Rights[],
): string[][] {
  const open = keys.filter(
    (key) => kindOfKey(key) === groupKind && authorize(wanted, permission, [key]).decidedBy !== "deny",
  );
  let choices = [open];
  for (const { tables } of held) {
    const without = (groups: string[], table: Table) =>
      groups.filter((key) => !(marksOn(table, permission, [key]) & ALLOW));
    choices = choices.flatMap((groups) => [groups, ...tables.map((table) => without(groups, table))]);
  }
  const tables = [wanted, ...held].flatMap((rights) => rights.tables);
  return choices.map((groups) => [kindKey(groupKind), ...thinnedOut(groups, permission, tables)]);
}

/** As few of the keys as leave the same marks in every table, so that trying them on many devices stays cheap. */
function thinnedOut(keys: readonly string[], permission: string, tables: readonly Table[]): string[] {
  const seen = tables.map(() => NOTHING);
  return keys.filter((key) => {
    let adds = false;
    for (const [index, table] of tables.entries()) {
      const before = seen[index] ?? NOTHING;
      seen[index] = before | marksOn(table, permission, [key]);
      adds ||= seen[index] !== before;
    }
    return adds;
  });
}

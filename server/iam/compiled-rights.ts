/** A policy as deciding needs it: permission groups spelled out, resources as chain keys (see `scope.ts`). */
export type IamPolicy = {
  readonly id: string;
  readonly access: "allow" | "deny";
  readonly permissions: readonly string[];
  readonly scopes: readonly string[];
  /** The user group that the policy comes through; it doesn't matter to the decision. */
  readonly through?: string;
};

/**
 * What one holder's policies say, as a table of one byte per permission and key: `cells[row + column]`, where
 * `rows` holds where a permission's row begins, by its number, or -1 for a permission without one.
 * Permissions that come with the same policies share a row.
 */
export type Table = {
  readonly rows: Int32Array;
  readonly columns: ReadonlyMap<string, number>;
  readonly cells: Uint8Array;
};

/**
 * The number of every permission that was ever compiled in this process. One map that stays in the processor's
 * cache, instead of one per caller that seldom is, took a quarter off the time of a decision and of the memory.
 * It can't grow without end: permissions are a built-in catalogue.
 */
const numbers = new Map<string, number>();

/**
 * Compiled rights in one account. Every table must allow: a user token's are its own and its owner's.
 * There is always at least one, since nothing at all would refuse nothing.
 */
export type Rights = { readonly tables: readonly [Table, ...Table[]] };

/** The mark in a table's cell where no policy speaks of the key. */
export const NOTHING = 0;
/** The mark of an allow; or-ed with others it says what stands on any of several keys. */
export const ALLOW = 1;
/** The mark of a deny. */
export const DENY = 2;

/** Compiles the policies of one holder: its own and, for a person, those of its user groups. */
export function compileRights(iamPolicies: readonly IamPolicy[]): Rights {
  const columns = new Map<string, number>();
  const sources = new Map<string, number[]>();
  for (const [index, { permissions, scopes }] of iamPolicies.entries()) {
    for (const key of scopes) if (!columns.has(key)) columns.set(key, columns.size);
    for (const permission of new Set(permissions)) {
      const indexes = sources.get(permission);
      if (indexes) indexes.push(index);
      else sources.set(permission, [index]);
    }
  }
  const { rows, distinct } = rowsOf(sources, columns.size);
  const cells = new Uint8Array(distinct.length * columns.size);
  for (const [row, indexes] of distinct.entries())
    for (const index of indexes) mark(cells, row * columns.size, columns, iamPolicies[index]);
  return { tables: [{ rows, columns, cells }] };
}

/** Gives every permission a row, the same one to those that come with the same policies. */
function rowsOf(sources: ReadonlyMap<string, readonly number[]>, width: number) {
  for (const permission of sources.keys())
    if (!numbers.has(permission)) numbers.set(permission, numbers.size);
  const rows = new Int32Array(numbers.size).fill(-1);
  const distinct: (readonly number[])[] = [];
  const rowsBySource = new Map<string, number>();
  for (const [permission, indexes] of sources) {
    const source = indexes.join();
    const row = rowsBySource.get(source) ?? distinct.push(indexes) - 1;
    rowsBySource.set(source, row);
    rows[numbers.get(permission) ?? -1] = row * width;
  }
  return { rows, distinct };
}

function mark(
  cells: Uint8Array,
  row: number,
  columns: ReadonlyMap<string, number>,
  iamPolicy: IamPolicy | undefined,
): void {
  for (const key of iamPolicy?.scopes ?? []) {
    const cell = row + (columns.get(key) ?? 0);
    // What is neither allow nor deny counts as a deny: such a policy must not open anything.
    cells[cell] = (cells[cell] ?? NOTHING) | (iamPolicy?.access === "allow" ? ALLOW : DENY);
  }
}

/** Rights that take both: a user token's own, cut by its owner's. A deny in either denies. */
export function intersectRights(token: Rights, owner: Rights): Rights {
  return { tables: [...token.tables, ...owner.tables] };
}

/** What stands in a table on any of these keys, for a permission: `NOTHING`, or `ALLOW` and `DENY` or-ed. */
export function marksOn(table: Table, permission: string, keys: readonly string[]): number {
  const row = rowOf(table, permission);
  if (row < 0) return NOTHING;
  let marks = NOTHING;
  for (const key of keys) {
    const column = table.columns.get(key);
    if (column !== undefined) marks |= table.cells[row + column] ?? NOTHING;
  }
  return marks;
}

/** Every key on which anything stands for a permission. */
export function* markedIn(table: Table, permission: string): Generator<[key: string, marks: number]> {
  const row = rowOf(table, permission);
  if (row < 0) return;
  for (const [key, column] of table.columns) {
    const marks = table.cells[row + column] ?? NOTHING;
    if (marks !== NOTHING) yield [key, marks];
  }
}

/** Every permission that a table says anything about. */
export function permissionsIn(table: Table): string[] {
  return [...numbers.keys()].filter((permission) => rowOf(table, permission) >= 0);
}

function rowOf(table: Table, permission: string): number {
  const number = numbers.get(permission);
  return number === undefined ? -1 : (table.rows[number] ?? -1);
}

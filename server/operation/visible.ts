/**
 * What a caller may see of a kind, for a store to put into its SQL. An object is visible if every clause shows
 * it; there are several where rights are cut by others, and `[]` shows everything. A clause shows an object if
 *
 *     id not in except
 *     and it is in none of through.exceptGroups
 *     and (every or id in ids or it is in one of through.groups)
 *
 * where `"any"` stands for all groups there are: an object that is in no group is in none of them.
 */
export type Visible = readonly VisibleClause[];

/** One condition of `Visible`. Members that have nothing to say are empty: a plain kind's `through` always is. */
export type VisibleClause = {
  readonly every: boolean;
  readonly ids: readonly string[];
  readonly except: readonly string[];
  /** What being in an object of another kind changes: for devices, in a device group. */
  readonly through: {
    readonly groups: readonly string[] | "any";
    readonly exceptGroups: readonly string[] | "any";
  };
};

/** Whether everything of the kind is shown, so that a list needs no condition and kept counts are its totals. */
export function showsAll(visible: Visible): boolean {
  return visible.every(
    ({ every, except, through }) => every && except.length === 0 && through.exceptGroups.length === 0,
  );
}

import { conflict } from "../../failure.ts";
import { type Change, write } from "../../operation/operation.ts";
import { permission as ofDevice } from "../device/index.ts";
import { manualMembers, removeMembers } from "../membership/index.ts";
import { addBatch, type Batch } from "./batch.ts";
import { type DeviceGroup, kind } from "./device-group.ts";
import { rejoin } from "./follow.ts";
import { changing, checkByHand, labelled } from "./member-operations.ts";
import { count } from "./store.ts";

/** Members by hand that a group may have for its exact membership to be set at once. */
const heldMax = 20_000;

/** What became of a group's members by hand. */
export type Exactly = {
  readonly group: DeviceGroup;
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly unchanged: readonly string[];
  readonly skipped: Batch["skipped"];
};

/** Makes a group's members by hand exactly those that are named; members that a deny hides from the caller stay. */
export const setDevices = write<{ refs: readonly string[]; addedBy: string | null }, Exactly, DeviceGroup>({
  ...changing,
  name: "device-group.set-devices",
  summary: "Set exactly which devices are in a device group",
  async run({ db, account, now }, { refs, addedBy }, group) {
    checkByHand(group);
    const visible = account.notDenied(ofDevice.read, "device");
    const held = await manualMembers(db, account.accountId, group.id, visible, heldMax + 1);
    if (held.length > heldMax)
      throw conflict(
        `the group has more than ${heldMax} members by hand: add and remove them in batches, or import them`,
        "too-many",
      );
    const asked = { db, account, groupId: group.id, refs };
    const batch = refs.length > 0 ? await addBatch(asked, now, addedBy) : nothingAsked;
    const idOf = (ref: string) => batch.found.get(ref)?.id ?? ref;
    const wanted = new Set([...batch.found.values()].map(({ id }) => id));
    const removed = held.filter((id) => !wanted.has(id));
    if (removed.length > 0)
      await count(
        db,
        account.accountId,
        group.id,
        -(await removeMembers(db, account.accountId, group.id, removed)),
      );
    const still = await rejoin(db, account.accountId, group, removed, now);
    const members = batch.skipped.filter(({ reason }) => reason === "already_member");
    const result = {
      ...{ group, added: batch.deviceIds, removed, unchanged: members.map(({ ref }) => idOf(ref)) },
      skipped: batch.skipped.filter(({ reason }) => reason !== "already_member"),
    };
    return {
      result,
      changes: changesOf(
        group,
        batch.deviceIds,
        removed.filter((id) => !still.has(id)),
      ),
      ...labelled(addedBy),
    };
  },
});

const nothingAsked: Batch = { done: [], skipped: [], deviceIds: [], found: new Map() };

function changesOf(
  { id, name }: DeviceGroup,
  added: readonly string[],
  removed: readonly string[],
): Change[] {
  if (added.length + removed.length === 0) return [];
  const after = { added: added.length, removed: removed.length };
  return [{ resource: { kind, id, name }, before: null, after, ids: { added, removed } }];
}

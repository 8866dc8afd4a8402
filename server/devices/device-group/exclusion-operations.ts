import { conflict } from "../../failure.ts";
import { type Change, read, write } from "../../operation/operation.ts";
import type { Listed, Page } from "../../operation/page.ts";
import { seen } from "../../operation/seen.ts";
import { findDevices, permission as ofDevice, resolveDevices } from "../device/index.ts";
import { inOneOf, membersAmong, removeMembers } from "../membership/index.ts";
import type { Batch } from "./batch.ts";
import { type DeviceGroup, kind, permission } from "./device-group.ts";
import {
  dropExclusions,
  type Exclusion,
  excludedAmong,
  insertExclusions,
  listExclusions,
} from "./exclusion-store.ts";
import { followDevices } from "./follow.ts";
import { changing, labelled } from "./member-operations.ts";
import { declared, groupTarget } from "./operations.ts";
import { reachFrom } from "./reach.ts";
import { count } from "./store.ts";

type Excluding = { refs: readonly string[]; addedBy: string | null };
type Excluded = { group: DeviceGroup; batch: Pick<Batch, "done" | "skipped"> };

/** The devices that are kept out of a group: all but those that a deny hides from the caller. */
export const listExcluded = read<
  { page: Page },
  Listed<Exclusion & { readonly identifier: string }>,
  DeviceGroup
>({
  ...declared,
  name: "device-group.list-exclusions",
  summary: "List the devices that are kept out of a device group",
  access: { permission: permission.read },
  target: groupTarget,
  run({ db, account }, { page }, group) {
    const shown = seen(
      account.notDenied(ofDevice.read, "device"),
      "x.device_id",
      inOneOf("x.account_id", "x.device_id"),
    );
    return listExclusions(db, account.accountId, group.id, shown, page);
  },
});

/** Keeps up to 10 000 devices out of a hybrid group, whatever its rules say; members leave it. */
export const excludeDevices = write<Excluding, Excluded, DeviceGroup>({
  ...changing,
  name: "device-group.exclude-devices",
  summary: "Keep devices out of a hybrid device group",
  async run(context, { refs, addedBy }, group) {
    const { db, account, now } = context;
    checkHybrid(group);
    const { known, skipped } = await sorted(context, group, refs);
    const already = await excludedAmong(db, account.accountId, group.id, [...known.values()]);
    const done = [...known].filter(([, id]) => !already.has(id));
    const ids = done.map(([, id]) => id);
    await insertExclusions(db, account.accountId, group.id, ids, { addedAt: now, addedBy });
    const members = [...(await membersAmong(db, account.accountId, group.id, ids)).keys()];
    if (members.length > 0) {
      await count(
        db,
        account.accountId,
        group.id,
        -(await removeMembers(db, account.accountId, group.id, members)),
      );
    }
    const reasons = [...known].filter(([, id]) => already.has(id));
    const batch = {
      done: done.map(([ref]) => ref),
      skipped: [...skipped, ...reasons.map(([ref]) => ({ ref, reason: "excluded" as const }))],
    };
    return {
      result: { group, batch },
      changes: changeOf(group, { excluded: ids, removed: members }),
      ...labelled(addedBy),
    };
  },
});

/** Lets up to 10 000 devices into a group again; those that its rules fit are members at once. */
export const readmitDevices = write<{ refs: readonly string[] }, Excluded, DeviceGroup>({
  ...changing,
  name: "device-group.readmit-devices",
  summary: "Let devices into a hybrid device group again",
  async run(context, { refs }, group) {
    const { db, account, now } = context;
    checkHybrid(group);
    const { known, skipped } = await sorted(context, group, refs);
    const excluded = await excludedAmong(db, account.accountId, group.id, [...known.values()]);
    const done = [...known].filter(([, id]) => excluded.has(id));
    const ids = done.map(([, id]) => id);
    await dropExclusions(db, account.accountId, group.id, ids);
    const devices = await findDevices(db, account.accountId, ids);
    const moved = [...devices.values()].map((device) => ({ before: device, after: device }));
    await followDevices.changed(db, account.accountId, moved, now);
    const added = [...(await membersAmong(db, account.accountId, group.id, ids)).keys()];
    const reasons = [...known].filter(([, id]) => !excluded.has(id));
    const batch = {
      done: done.map(([ref]) => ref),
      skipped: [...skipped, ...reasons.map(([ref]) => ({ ref, reason: "not_excluded" as const }))],
    };
    return { result: { group, batch }, changes: changeOf(group, { readmitted: ids, added }) };
  },
});

function checkHybrid({ type, name }: DeviceGroup): void {
  if (type === "hybrid") return;
  throw conflict(`devices are kept out of hybrid groups only, and ${name} is ${type}`, "not-hybrid");
}

type Asking = Parameters<typeof excludeDevices.run>[0];

/** The devices that the caller may know of, each once, by what was asked for. */
async function sorted({ db, account }: Asking, group: DeviceGroup, refs: readonly string[]) {
  const found = await resolveDevices(db, account.accountId, [...new Set(refs)]);
  const ids = [...found.values()].map(({ id }) => id);
  const reach = await reachFrom(db, account, group.id, ids);
  const known = new Map<string, string>();
  const handled = new Set<string>();
  const skipped: Batch["skipped"][number][] = [];
  for (const ref of new Set(refs)) {
    const device = found.get(ref);
    if (!device || !reach(device.id).known) skipped.push({ ref, reason: "not_found" });
    else if (handled.has(device.id)) skipped.push({ ref, reason: "duplicate" });
    else known.set(ref, device.id);
    if (device) handled.add(device.id);
  }
  return { known, skipped };
}

function changeOf({ id, name }: DeviceGroup, ids: Readonly<Record<string, readonly string[]>>): Change[] {
  if (Object.values(ids).every((each) => each.length === 0)) return [];
  const after = Object.fromEntries(Object.entries(ids).map(([verb, each]) => [verb, each.length]));
  return [{ resource: { kind, id, name }, before: null, after, ids }];
}

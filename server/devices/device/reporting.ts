import { Failure, invalid, missing } from "../../failure.ts";
import type { Caller } from "../../operation/caller.ts";
import { type Batch, type Context, report } from "../../operation/operation.ts";
import { brought, essence, type Said } from "./bring.ts";
import { atTime, type Device, type DeviceNow, kind, permission, type VersionSource } from "./device.ts";
import { type DeviceChange, noteAsked, noteSeen, updateDevices } from "./keeping.ts";
import { type Attempt, outcomesOf, putOutcomes, withAttempt } from "./outcome.ts";
import { checkNotRevoked, type Saying, timed } from "./registering.ts";
import { type Brief, findDevices } from "./store.ts";
import { briefly, briefTarget } from "./targets.ts";

/** What a device tells of itself; nothing at all where it only says that it is there. */
export type Told = {
  readonly saying: Saying;
  readonly attempt?: Omit<Attempt, "attemptedAt"> & { at?: number };
};

/** One report, ready to be kept. */
export type Report = {
  readonly deviceId: string;
  readonly at: number;
  readonly said: Said;
  readonly attempt: Attempt | null;
  /** It asked what it should run. */
  readonly asks: boolean;
};

/** Whom a report without an id in its path is about: the device that calls, or the one that the body names. */
export type Naming = { readonly ref?: string };

const declared = {
  resource: kind,
  sees: permission.read,
  access: { permission: permission.report },
} as const;

/** A device says that it is there, and how it is now. */
export const heartbeat = report<Told, Report, DeviceNow, Brief>({
  ...declared,
  name: "device.heartbeat",
  summary: "Tell that a device is there",
  target: briefTarget,
  accept: (context, told, device) => reportOf(context, told, device, "heartbeat"),
  apply: keepReports,
});

/** As `heartbeat`, where the path names no device. */
export const heartbeatOfNamed = report<Told & Naming, Report, DeviceNow, Brief>({
  ...declared,
  name: "device.heartbeat-named",
  summary: "Tell that the calling device, or the one named in the body, is there",
  find: (db, account, caller, { ref }) => briefly(db, account, nameOf(caller, ref)),
  accept: (context, told, device) => reportOf(context, told, device, "heartbeat"),
  apply: keepReports,
});

/** A device tells what it runs, and how its attempt to run something else went. */
export const observeState = report<Told, Report, DeviceNow, Brief>({
  ...declared,
  name: "device.observe-state",
  summary: "Tell what a device runs and how its last attempt went",
  target: briefTarget,
  accept: (context, told, device) => reportOf(context, told, device, "observed_state"),
  apply: keepReports,
});

function nameOf(caller: Caller, ref: string | undefined): string {
  if (ref !== undefined) return ref;
  if (caller.type === "device") return caller.id;
  throw invalid("/device_identifier", "device_identifier: required, because the caller is no device");
}

/** Checks a report and says what to keep of it. Throws Failure `forbidden` for a revoked device. */
export function reportOf(
  { now }: Pick<Context, "now">,
  { saying, attempt }: Told,
  device: Brief,
  source: VersionSource,
  asks = false,
): Report {
  checkNotRevoked(device);
  const { user, ...own } = saying;
  const ran = attempt?.state === "succeeded" ? { clientVersion: attempt.version } : {};
  return {
    ...{ deviceId: device.id, at: now, asks },
    said: timed({ ...ran, ...own }, now, source),
    attempt: attempt
      ? {
          // A device's clock may be ahead: what it tells next must not count as older.
          ...{
            version: attempt.version,
            state: attempt.state,
            attemptedAt: Math.min(attempt.at ?? now, now),
          },
          ...{ errorCode: attempt.errorCode, detail: attempt.detail },
        }
      : null,
  };
}

/**
 * Keeps reports. Those that change nothing touch one narrow table; the others are put over what is known in one go,
 * with the account held, because what devices are like decides about memberships.
 */
export async function keepReports(
  batch: Batch,
  reports: readonly Report[],
): Promise<readonly (DeviceNow | Failure)[]> {
  const { db, accountId } = batch;
  const ids = [...new Set(reports.map(({ deviceId }) => deviceId))];
  let known = await findDevices(db, accountId, ids);
  let heard = hear(reports, known);
  if (heard.changes.length > 0) {
    await batch.hold();
    known = await findDevices(db, accountId, ids);
    heard = hear(reports, known);
    await updateDevices(db, accountId, heard.changes);
    await batch.changed(kind, heard.changes, reports[0]?.at ?? 0);
  }
  const kept = reports.filter((_each, index) => !(heard.answers[index] instanceof Failure));
  await noteSeen(
    db,
    accountId,
    latestOf(kept).map(({ deviceId: id, at }) => ({ id, at })),
  );
  await noteAsked(
    db,
    accountId,
    latestOf(kept.filter(({ asks }) => asks)).map(({ deviceId: id, at }) => ({ id, at })),
  );
  await keepAttempts(batch, kept);
  return heard.answers;
}

/** Puts reports over what is known of their devices, in their order. */
function hear(reports: readonly Report[], known: ReadonlyMap<string, Device>) {
  const now = new Map(known);
  const changed = new Set<string>();
  const answers = reports.map((each) => {
    const before = now.get(each.deviceId);
    if (!before) return missing("device");
    try {
      const after = { ...brought(before, each.said, "device"), lastSeenAt: each.at };
      const isOther = essence(after) !== essence(before);
      const present = isOther ? { ...after, updatedAt: each.at } : after;
      if (isOther) changed.add(each.deviceId);
      now.set(each.deviceId, present);
      return atTime(present, each.at);
    } catch (error) {
      if (error instanceof Failure) return error;
      throw error;
    }
  });
  const changes = [...changed].map((id): DeviceChange => {
    return { before: known.get(id) as Device, after: now.get(id) as Device };
  });
  return { answers, changes };
}

function latestOf(reports: readonly Report[]): Report[] {
  return [...new Map(reports.map((each) => [each.deviceId, each])).values()];
}

async function keepAttempts({ db, accountId }: Batch, reports: readonly Report[]): Promise<void> {
  const told = reports.filter(({ attempt }) => attempt !== null);
  if (told.length === 0) return;
  const ids = told.map(({ deviceId }) => deviceId);
  const known = new Map(await outcomesOf(db, accountId, [...new Set(ids)]));
  for (const { deviceId, attempt } of told)
    if (attempt) known.set(deviceId, withAttempt(known.get(deviceId), attempt));
  await putOutcomes(db, accountId, known);
}

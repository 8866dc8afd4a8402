import { Failure, invalid, missing } from "../../failure.ts";
import type { Caller } from "../../operation/caller.ts";
import { type Batch, type Context, report } from "../../operation/operation.ts";
import { brought, essence, type Said, saysNews } from "./bring.ts";
import { type Device, kind, permission, type VersionSource } from "./device.ts";
import { type DeviceChange, noteAsked, noteSeen, updateDevices } from "./keeping.ts";
import { type Attempt, outcomesOf, putOutcomes, withAttempt } from "./outcome.ts";
import { checkNotRevoked, type Saying, timed } from "./registering.ts";
import { type Brief, findBriefs, findDevices } from "./store.ts";
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
export const heartbeat = report<Told, Report, Heard, Brief>({
  ...declared,
  name: "device.heartbeat",
  summary: "Tell that a device is there",
  target: briefTarget,
  accept: (context, told, device) => reportOf(context, told, device, "heartbeat"),
  apply: keepReports,
});

/** As `heartbeat`, where the path names no device. */
export const heartbeatOfNamed = report<Told & Naming, Report, Heard, Brief>({
  ...declared,
  name: "device.heartbeat-named",
  summary: "Tell that the calling device, or the one named in the body, is there",
  find: (db, account, caller, { ref }) => briefly(db, account, nameOf(caller, ref)),
  accept: (context, told, device) => reportOf(context, told, device, "heartbeat"),
  apply: keepReports,
});

/** A device tells what it runs, and how its attempt to run something else went. */
export const observeState = report<Told, Report, Heard, Brief>({
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
 * Keeps reports. Those that say nothing, or nothing new, touch one narrow table; the others are put over what is known
 * in one go, with the account held, because what devices are like decides about memberships.
 */
export async function keepReports(
  batch: Batch,
  reports: readonly Report[],
): Promise<readonly (Heard | Failure)[]> {
  const { db, accountId } = batch;
  const telling = reports.filter(({ said }) => Object.keys(said).length > 0);
  const refused = telling.length === 0 ? nobody : await keepSayings(batch, telling);
  const present = await findBriefs(db, accountId, idsIn(reports));
  const kept = reports.filter((each) => present.has(each.deviceId) && !refused.has(each));
  await noteSeen(db, accountId, timesIn(kept));
  await noteAsked(db, accountId, timesIn(kept.filter(({ asks }) => asks)));
  await keepAttempts(batch, kept);
  return reports.map((each) => {
    const device = present.get(each.deviceId);
    return refused.get(each) ?? (device ? { device, at: each.at } : missing("device"));
  });
}

/** A report that was kept. */
export type Heard = {
  readonly device: Brief;
  /** Microseconds since the epoch. */
  readonly at: number;
};

const nobody: ReadonlyMap<Report, Failure> = new Map();

/** Puts what devices say over what is known of them; answers those that could not be kept. */
async function keepSayings(batch: Batch, telling: readonly Report[]): Promise<ReadonlyMap<Report, Failure>> {
  const { db, accountId } = batch;
  const ids = idsIn(telling);
  const heard = hear(telling, await findDevices(db, accountId, ids));
  if (heard.changes.length === 0) return heard.refused;
  await batch.hold();
  const { changes, refused } = hear(telling, await findDevices(db, accountId, ids));
  await updateDevices(db, accountId, changes);
  await batch.changed(kind, changes, telling[0]?.at ?? 0);
  return refused;
}

/** Puts reports over what is known of their devices, in their order. */
function hear(reports: readonly Report[], known: ReadonlyMap<string, Device>) {
  const now = new Map(known);
  const changed = new Set<string>();
  const refused = new Map<Report, Failure>();
  for (const each of reports) {
    const before = now.get(each.deviceId);
    if (!before || !saysNews(before, each.said)) continue;
    try {
      const after = brought(before, each.said, "device");
      if (essence(after) === essence(before)) continue;
      changed.add(each.deviceId);
      now.set(each.deviceId, { ...after, lastSeenAt: each.at, updatedAt: each.at });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      refused.set(each, error);
    }
  }
  const changes = [...changed].map((id): DeviceChange => {
    return { before: known.get(id) as Device, after: now.get(id) as Device };
  });
  return { changes, refused };
}

function idsIn(reports: readonly Report[]): string[] {
  return [...new Set(reports.map(({ deviceId }) => deviceId))];
}

function timesIn(reports: readonly Report[]): { id: string; at: number }[] {
  return [...new Map(reports.map(({ deviceId, at }) => [deviceId, at]))].map(([id, at]) => ({ id, at }));
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

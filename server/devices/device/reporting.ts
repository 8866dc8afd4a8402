import { hash } from "node:crypto";
import { Failure, invalid, missing } from "../../failure.ts";
import type { Caller } from "../../operation/caller.ts";
import { type Batch, type Context, report } from "../../operation/operation.ts";
import { brought, essence, type Said, saysNews } from "./bring.ts";
import { itselfIn } from "./credential.ts";
import { type Device, kind, permission, type VersionSource } from "./device.ts";
import { type DeviceChange, noteAsked, noteHeard, noteSeenOf, updateDevices } from "./keeping-store.ts";
import { heardOf } from "./last-store.ts";
import { type Attempt, outcomesOf, putOutcomes, withAttempt } from "./outcome.ts";
import { checkNotRevoked, type Saying, timed } from "./registering.ts";
import { type Brief, findBriefs, findDevices } from "./store.ts";
import { briefAtHand, briefly, briefTarget } from "./targets.ts";

/** What a device tells of itself; nothing at all where it only says that it is there. */
export type Told = {
  readonly saying: Saying;
  readonly attempt?: Omit<Attempt, "attemptedAt"> & { at?: number };
};

/** One report, ready to be kept. */
export type Report = {
  readonly device: Brief;
  /** Microseconds since the epoch. */
  readonly at: number;
  readonly said: Said;
  /** The same for reports that say the same; null where they say nothing. */
  readonly key: string | null;
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
  atHand: briefAtHand,
  accept: (context, told, device) => reportOf(context, told, device, "heartbeat"),
  apply: keepReports,
});

/** As `heartbeat`, where the path names no device. */
export const heartbeatOfNamed = report<Told & Naming, Report, Heard, Brief>({
  ...declared,
  name: "device.heartbeat-named",
  summary: "Tell that the calling device, or the one named in the body, is there",
  find: (db, account, caller, { ref }) => briefly(db, account, nameOf(caller, ref)),
  atHand: (account, _path, input) => (account.own ? itselfIn(account, input().ref) : undefined),
  accept: (context, told, device) => reportOf(context, told, device, "heartbeat"),
  apply: keepReports,
});

/** A device tells what it runs, and how its attempt to run something else went. */
export const observeState = report<Told, Report, Heard, Brief>({
  ...declared,
  name: "device.observe-state",
  summary: "Tell what a device runs and how its last attempt went",
  target: briefTarget,
  atHand: briefAtHand,
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
    ...{ device, at: now, asks },
    said: timed({ ...ran, ...own }, now, source),
    key: keyOf({ ...ran, ...own }),
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

function keyOf(saying: Saying): string | null {
  return Object.keys(saying).length === 0 ? null : hash("sha256", JSON.stringify(saying), "base64url");
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
  const telling = await news(batch, reports);
  const refused = telling.length === 0 ? nobody : await keepSayings(batch, telling);
  const heard = reports.filter((each) => !refused.has(each));
  // They are kept at one time, the last one's: it is no more than the time of a batch away from any of them.
  const at = Math.max(...reports.map((each) => each.at));
  const gone = await noteTogether(batch, idsIn(heard), at);
  const kept = gone.size === 0 ? heard : heard.filter(({ device }) => !gone.has(device.id));
  const asking = kept.filter(({ asks }) => asks);
  await noteAsked(
    db,
    accountId,
    idsIn(asking).map((id) => ({ id, at })),
  );
  await keepAttempts(batch, kept);
  return reports.map((each) => {
    const { device } = each;
    return refused.get(each) ?? (gone.has(device.id) ? missing("device") : { device, at });
  });
}

/** The reports that say something which their device did not say last, and what else such a device says. */
async function news({ db, accountId }: Batch, reports: readonly Report[]): Promise<readonly Report[]> {
  const telling = reports.filter(({ key }) => key !== null);
  if (telling.length === 0) return telling;
  const heard = await heardOf(db, accountId, idsIn(telling));
  const anew = new Set(
    telling.flatMap(({ device, key }) => (heard.get(device.id) === key ? [] : [device.id])),
  );
  return anew.size === 0 ? [] : telling.filter(({ device }) => anew.has(device.id));
}

/** Notes that devices were heard of; answers those that were deleted since their reports were accepted. */
async function noteTogether(
  { db, accountId }: Batch,
  ids: readonly string[],
  at: number,
): Promise<ReadonlySet<string>> {
  if (ids.length === 0 || (await noteSeenOf(db, accountId, ids, at)) === ids.length) return noIds;
  const present = await findBriefs(db, accountId, ids);
  return new Set(ids.filter((id) => !present.has(id)));
}

const noIds: ReadonlySet<string> = new Set();

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
  let known = await findDevices(db, accountId, ids);
  let heard = hear(telling, known);
  if (heard.changes.length > 0) {
    await batch.hold();
    known = await findDevices(db, accountId, ids);
    heard = hear(telling, known);
    await updateDevices(db, accountId, heard.changes);
    await batch.changed(kind, heard.changes, telling[0]?.at ?? 0);
  }
  const { refused } = heard;
  const last = new Map(telling.filter((each) => !refused.has(each)).map((each) => [each.device.id, each]));
  await noteHeard(
    db,
    accountId,
    ids.flatMap((id) => {
      const { at, key } = last.get(id) ?? { at: 0, key: null };
      return key !== null && known.has(id) ? [{ id, at, key }] : [];
    }),
  );
  return refused;
}

/** Puts reports over what is known of their devices, in their order. */
function hear(reports: readonly Report[], known: ReadonlyMap<string, Device>) {
  const now = new Map(known);
  const changed = new Set<string>();
  const refused = new Map<Report, Failure>();
  for (const each of reports) {
    const before = now.get(each.device.id);
    if (!before || !saysNews(before, each.said)) continue;
    try {
      const after = brought(before, each.said, "device");
      if (essence(after) === essence(before)) continue;
      changed.add(each.device.id);
      now.set(each.device.id, { ...after, lastSeenAt: each.at, updatedAt: each.at });
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

/** In one order, so that batches of several processes don't wait for each other in a circle. */
function idsIn(reports: readonly Report[]): string[] {
  return [...new Set(reports.map(({ device }) => device.id))].sort();
}

async function keepAttempts({ db, accountId }: Batch, reports: readonly Report[]): Promise<void> {
  const told = reports.filter(({ attempt }) => attempt !== null);
  if (told.length === 0) return;
  const ids = idsIn(told);
  const known = new Map(await outcomesOf(db, accountId, ids));
  for (const { device, attempt } of told)
    if (attempt) known.set(device.id, withAttempt(known.get(device.id), attempt));
  await putOutcomes(db, accountId, known);
}

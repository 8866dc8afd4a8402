import { hash } from "node:crypto";
import type { Handle } from "../../db/database.ts";
import {
  type Brief,
  briefAtHand,
  briefTarget,
  type Device,
  findDevices,
  keepReports,
  kind,
  noteTold,
  permission,
  type Report,
  reportOf,
  subjectOf,
  type Told,
  toldOf,
} from "../../devices/device/index.ts";
import { namesOfGroups } from "../../devices/device-group/index.ts";
import { groupsOfDevices } from "../../devices/membership/index.ts";
import { Failure } from "../../failure.ts";
import { type Batch, report } from "../../operation/operation.ts";
import { type DesiredState, presentConfiguration, resolveIn, stateOf } from "./operations.ts";

/** What a device tells when it asks, and the revision that it knows. */
export type Asking = Told & { readonly knownRevision?: number };

/** What a device is told when it asks. */
export type Synced = {
  readonly state: DesiredState;
  /** When it asked, in microseconds since the epoch. */
  readonly at: number;
  /** Something may be new to it: never false where anything is. */
  readonly isNew: boolean;
};

type Row = Report & { readonly knownRevision?: number };

const declared = {
  resource: kind,
  sees: permission.read,
  access: { permission: permission.report },
  target: briefTarget,
  atHand: briefAtHand,
} as const;

/** A device tells how it is, and is told what it should run. */
export const askDesiredState = report<Asking, Row, Synced, Brief>({
  ...declared,
  name: "desired-state.ask",
  summary: "Tell how a device is, and get what it should run",
  accept: (context, told, device) => reportOf(context, told, device, "heartbeat", true),
  apply: sync,
});

/** As `askDesiredState`, with how the last attempt went, and whether anything is new. */
export const syncDevice = report<Asking, Row, Synced, Brief>({
  ...declared,
  name: "desired-state.sync",
  summary: "Tell what a device runs, and get what it should run",
  accept(context, { knownRevision, ...told }, device) {
    const row = reportOf(context, told, device, "observed_state", true);
    return knownRevision === undefined ? row : { ...row, knownRevision };
  },
  apply: sync,
});

async function sync(batch: Batch, rows: readonly Row[]): Promise<readonly (Synced | Failure)[]> {
  const { db, accountId } = batch;
  const kept = await keepReports(batch, rows);
  const ids = kept.flatMap((each) => (each instanceof Failure ? [] : [each.device.id]));
  const devices = await findDevices(db, accountId, ids);
  const states = await statesOf(db, accountId, [...devices.values()]);
  const changed = await changedOf(batch, states, Math.max(...rows.map(({ at }) => at)));
  return kept.map((heard, index) => {
    if (heard instanceof Failure) return heard;
    const { knownRevision } = rows[index] as Row;
    const state = states.get(heard.device.id) as DesiredState;
    // An answer may get lost: what is still to be done stays new.
    const { attributes, clientVersion } = devices.get(heard.device.id) as Device;
    const isDone =
      state.version === null || state.version === (clientVersion?.version ?? attributes.app_version);
    const isNew = knownRevision !== state.revision || changed.has(state.deviceId) || !isDone;
    return { state, at: heard.at, isNew };
  });
}

/**
 * The devices that are told something else than the last time, and notes what they are told. The account's revision
 * does not say so where the device itself changed; nor do times, for what was begun earlier may be kept later.
 */
async function changedOf(
  { db, accountId }: Batch,
  states: ReadonlyMap<string, DesiredState>,
  at: number,
): Promise<ReadonlyMap<string, string>> {
  const told = await toldOf(db, accountId, [...states.keys()]);
  const keys = [...states].map(([id, state]) => [id, keyOf(state)] as const);
  const changed = new Map(keys.filter(([id, key]) => told.get(id) !== key));
  await noteTold(db, accountId, changed, at);
  return changed;
}

function keyOf({ deviceId: _id, revision: _revision, steps: _steps, ...told }: DesiredState): string {
  return hash("sha256", JSON.stringify(told), "base64url").slice(0, 22);
}

async function statesOf(
  db: Handle,
  accountId: string,
  devices: readonly Device[],
): Promise<ReadonlyMap<string, DesiredState>> {
  const configuration = await presentConfiguration(db, accountId);
  const groupsBy = await groupsOfDevices(
    db,
    accountId,
    devices.map(({ id }) => id),
  );
  const names = await namesOfGroups(db, accountId, [...new Set([...groupsBy.values()].flat())]);
  const byId = new Map(names.map((group) => [group.id, group]));
  const states = new Map<string, DesiredState>();
  for (const device of devices) {
    const groups = (groupsBy.get(device.id) ?? []).flatMap((id) => byId.get(id) ?? []);
    const resolved = await resolveIn(configuration, device, subjectOf(accountId, device, groups));
    states.set(device.id, { ...stateOf(device, resolved, configuration.revision), steps: [] });
  }
  return states;
}

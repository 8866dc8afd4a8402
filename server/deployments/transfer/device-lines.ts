import Type, { type Static, type TSchema } from "typebox";
import {
  blankDevice,
  brought,
  chainsOf,
  checkIdentifier,
  type Device,
  type DeviceChange,
  devicesNamed,
  wire as deviceWire,
  essence,
  findDevices,
  insertDevices,
  kind,
  member,
  noteSeen,
  permission,
  release,
  type Saying,
  updateDevices,
} from "../../devices/device/index.ts";
import { groupsOfDevices } from "../../devices/membership/index.ts";
import { invalid } from "../../failure.ts";
import { chainOfKind } from "../../iam/scope.ts";
import type { Change, Context } from "../../operation/operation.ts";
import { instant, line as lineOf, oneOf, parseInstant, textMap } from "../../operation/text.ts";
import { showsAll } from "../../operation/visible.ts";
import { mayChange, mayMake } from "./allowed.ts";
import { duplicate, type Judged, judge, type Line, type LineKind, type Pass } from "./line.ts";
import { prefixedId } from "./shapes.ts";

/** Attributes that one device's line can name the owners of. */
const ownersMax = 512;

const orNull = (schema: TSchema) => Type.Optional(Type.Union([schema, Type.Null()]));
const { platform, labels, metadata, capabilities, client_version, ...attributes } = deviceWire.sent;

const schema = Type.Object({
  id: Type.Optional(prefixedId("dev")),
  device_identifier: member.identifier,
  ...{ platform, labels, metadata, capabilities, client_version },
  ...(Object.fromEntries(Object.entries(attributes).map(([name, each]) => [name, orNull(each)])) as Record<
    string,
    TSchema
  >),
  status: Type.Optional(member.status),
  client_version_reported_at: Type.Optional(instant()),
  client_version_source: Type.Optional(oneOf("register", "heartbeat", "patch", "observed_state", "import")),
  owners: Type.Optional(
    textMap({ max: ownersMax, key: lineOf({ max: 300 }), item: oneOf("operator", "enrolment") }),
  ),
  created_at: Type.Optional(instant()),
  last_seen_at: orNull(instant()),
});

/** A device as an import brings it. */
export type DeviceLine = Static<typeof schema> & {
  readonly device_identifier: string;
  readonly status?: Device["status"];
  readonly owners?: Device["owners"];
  readonly last_seen_at?: string | null;
};

const demand = { access: { permission: permission.write }, sees: permission.read, resource: kind } as const;

/** Lines about devices. */
export const deviceLines: LineKind<DeviceLine> = {
  type: "device",
  takes: [{ permission: permission.write, resource: kind }],
  share: 1 / 500,
  schema,
  async apply(context, pass, lines) {
    const known = await knownTo(context, lines);
    const made: Device[] = [];
    const changes: DeviceChange[] = [];
    const judged = lines.map((line) =>
      judge(() => {
        if (isRepeated(pass, line)) return duplicate;
        const before = beforeOf(known, line.value);
        admitTo(context, known, before);
        const after = wantedOf(context, before, line.value);
        remember(pass, line);
        return weighed(before, after, made, changes);
      }),
    );
    return { judged, changes: pass.writes ? await keep(context, made, changes) : [] };
  },
};

/** What is known of the devices that lines name, as the chunk begins. */
type Known = {
  readonly byId: ReadonlyMap<string, Device>;
  readonly byIdentifier: ReadonlyMap<string, Device>;
  /** Null where the caller may change every device there is. */
  readonly groupsOf: ReadonlyMap<string, readonly string[]> | null;
  readonly mayMake: () => void;
};

async function knownTo(context: Context, lines: readonly Line<DeviceLine>[]): Promise<Known> {
  const { db, account } = context;
  const { accountId } = account;
  const ids = lines.flatMap(({ value: { id } }) => id ?? []);
  const identifiers = lines.map(({ value }) => value.device_identifier);
  const named = await devicesNamed(db, accountId, ids, identifiers);
  const found = [...new Set(named.map(({ id }) => id))];
  const byId = found.length > 0 ? await findDevices(db, accountId, found) : new Map<string, Device>();
  const every = [permission.read, permission.write].every((each) => showsAll(account.visible(each, kind)));
  const mayAll = every && account.authorize(permission.write, chainOfKind(accountId, kind)).allowed;
  return {
    byId,
    byIdentifier: new Map([...byId.values()].map((device) => [device.identifier, device])),
    groupsOf: mayAll || found.length === 0 ? null : await groupsOfDevices(db, accountId, found),
    mayMake: mayAll ? () => {} : () => mayMake(context, demand),
  };
}

function isRepeated({ keys }: Pass, { value: { id, device_identifier: identifier } }: Line<DeviceLine>) {
  return keys.has(`device ${identifier}`) || (id !== undefined && keys.has(`device# ${id}`));
}

/** Both names lead to the same number, so that lines that follow may use either. */
function remember(pass: Pass, { number, value: { id, device_identifier: identifier } }: Line<DeviceLine>) {
  pass.keys.put(`device ${identifier}`, number);
  if (id !== undefined) pass.keys.put(`device# ${id}`, number);
}

function beforeOf({ byId, byIdentifier }: Known, { id, device_identifier: identifier }: DeviceLine) {
  return (id === undefined ? undefined : byId.get(id)) ?? byIdentifier.get(identifier) ?? null;
}

function admitTo(context: Context, known: Known, before: Device | null): void {
  if (!before) known.mayMake();
  if (!before || !known.groupsOf) return;
  const groups = known.groupsOf.get(before.id) ?? [];
  mayChange(context, demand, { noun: before, ...chainsOf(context.account.accountId, before.id, groups) });
}

function wantedOf({ ids, now }: Context, before: Device | null, value: DeviceLine): Device {
  const { id, device_identifier: identifier, status, owners } = value;
  if (before && before.identifier !== identifier)
    throw invalid(
      "/device_identifier",
      "device_identifier: can't be changed; expected the one the device has",
    );
  if (before && id !== undefined && before.id !== id)
    throw invalid("/device_identifier", "device_identifier: expected one that no other device has");
  if (!before) checkIdentifier(identifier);
  const createdAt = value.created_at === undefined ? now : parseInstant(value.created_at);
  const blank = { ...blankDevice(id ?? ids.prefixed("dev"), identifier, now), createdAt };
  const device = brought(before ?? blank, saidOf(value, now), "operator");
  return {
    ...device,
    updatedAt: now,
    lastSeenAt: laterOf(device.lastSeenAt, value.last_seen_at ?? null, now),
    ...(status && { status }),
    ...(owners && { owners }),
  };
}

function saidOf(value: DeviceLine, now: number) {
  const { clientVersion: version, ...said }: Saying = deviceWire.sayingOf(value as deviceWire.Sent);
  if (version === undefined) return said;
  const { client_version_reported_at: told, client_version_source: source = "import" } = value;
  const reportedAt = told === undefined ? now : Math.min(parseInstant(told), now);
  return { ...said, clientVersion: { version, reportedAt, source } };
}

/** What is to come can't have been measured: it counts as now, or nothing that a device tells later would be heard. */
function laterOf(known: number | null, said: string | null, now: number): number | null {
  if (said === null) return known;
  return Math.max(known ?? Number.NEGATIVE_INFINITY, Math.min(parseInstant(said), now));
}

function weighed(before: Device | null, after: Device, made: Device[], changes: DeviceChange[]): Judged {
  if (!before) {
    made.push(after);
    return { verdict: "new" };
  }
  const same = before.lastSeenAt === after.lastSeenAt && essence(before) === essence(after);
  if (same) return { verdict: "unchanged" };
  changes.push({ before, after });
  return { verdict: "changed" };
}

async function keep(
  { db, account, ...context }: Context,
  made: Device[],
  changes: DeviceChange[],
): Promise<Change[]> {
  const { accountId } = account;
  if (made.length > 0) await insertDevices(db, accountId, made);
  await updateDevices(db, accountId, changes);
  const heard = changes.filter(({ before, after }) => before.lastSeenAt !== after.lastSeenAt);
  if (heard.length > 0)
    await noteSeen(
      db,
      accountId,
      heard.map(({ after: { id, lastSeenAt } }) => ({ id, at: lastSeenAt ?? 0 })),
    );
  // What was revoked comes back only as a device that has to be claimed anew: its secret may be in other hands.
  const reactivated = changes.filter(
    ({ before, after }) => before.status === "revoked" && after.status === "active",
  );
  const released = await release(
    db,
    accountId,
    reactivated.map(({ after }) => after),
  );
  await context.changed(kind, [...made.map((after) => ({ before: null, after })), ...changes]);
  return released;
}

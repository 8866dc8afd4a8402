import Type, { type Static } from "typebox";
import { parseInstant, printInstant } from "../../../operation/instant.ts";
import { instant, oneOf } from "../../../operation/text.ts";
import {
  type AttributeName,
  attribute,
  attributeNames,
  type DeviceNow,
  type DeviceUser,
  heartbeatIntervalS,
  member,
  versionSource,
} from "../device.ts";
import { type Failed, type Outcome, outcomeMember } from "../outcome.ts";
import type { Saying } from "../registering.ts";
import type { Told } from "../reporting.ts";

type Schema = Parameters<typeof Type.Optional>[0];
const orNull = <T extends Schema>(schema: T) => Type.Union([schema, Type.Null()]);

/** Instants of this dialect have whole seconds. */
export const time = Type.String({ format: "date-time" });
/** Answers have no members that their schema does not name. */
export const closed = { additionalProperties: false } as const;

const shownAttributes = Object.fromEntries(
  attributeNames.map((name) => [name, orNull(attribute[name])]),
) as unknown as { [Name in AttributeName]: Type.TUnion<[(typeof attribute)[Name], Type.TNull]> };

const shownUser = Type.Object(
  {
    id: orNull(Type.String()),
    email: orNull(Type.String()),
    name: orNull(Type.String()),
    groups: Type.Array(
      Type.Object(
        { id: orNull(Type.String()), name: orNull(Type.String()), email: orNull(Type.String()) },
        closed,
      ),
    ),
    saml_attributes: Type.Array(Type.String()),
    service_token_uuid: orNull(Type.String()),
  },
  closed,
);

/** A device as every answer of this dialect shows it. */
export const shown = {
  id: member.id,
  device_id: Type.String(),
  device_identifier: member.identifier,
  org_id: Type.String(),
  platform: member.platform,
  status: member.status,
  ...shownAttributes,
  gpu_available: Type.Boolean(),
  labels: member.labels,
  metadata: member.metadata,
  capabilities: member.capabilities,
  client_version: orNull(member.clientVersion),
  client_version_reported_at: orNull(time),
  client_version_source: orNull(versionSource),
  network: orNull(member.network),
  user: orNull(shownUser),
  connectivity_status: oneOf("online", "stale", "offline", "revoked"),
  heartbeat_interval_seconds: Type.Integer(),
  last_seen_at: orNull(time),
  last_heartbeat: orNull(time),
  created_at: time,
  updated_at: time,
};

/** One device, as it is answered. */
export const answer = Type.Object(shown, closed);

/** What clients send of a device, by whatever way. */
export const sent = {
  platform: Type.Optional(member.platform),
  ...(Object.fromEntries(attributeNames.map((name) => [name, Type.Optional(attribute[name])])) as {
    [Name in AttributeName]: Type.TOptional<(typeof attribute)[Name]>;
  }),
  labels: Type.Optional(member.labels),
  metadata: Type.Optional(member.metadata),
  capabilities: Type.Optional(member.capabilities),
  client_version: Type.Optional(member.clientVersion),
  network: Type.Optional(member.network),
  user: Type.Optional(member.user),
};

/** Members that arrived as `sent` says, or some of them null where their schema lets them be. */
export type Sent = { readonly [Name in keyof Static<Type.TObject<typeof sent>>]?: unknown };

/** Reads what is said of a device; what is absent says nothing. */
export function sayingOf(wire: Sent): Saying {
  // A loop, not a pipeline: with every heartbeat it runs over all names, of which most are absent.
  let attributes: Record<string, unknown> | undefined;
  for (const name of attributeNames)
    if (wire[name] !== undefined) {
      attributes ??= {};
      attributes[name] = wire[name];
    }
  return {
    ...(attributes && { attributes }),
    ...(wire.platform !== undefined && { platform: wire.platform }),
    ...(wire.labels !== undefined && { labels: wire.labels }),
    ...(wire.metadata !== undefined && { metadata: wire.metadata }),
    ...(wire.capabilities !== undefined && { capabilities: wire.capabilities }),
    ...(wire.network !== undefined && { network: wire.network }),
    ...(wire.user !== undefined && { user: userOf(wire.user as Static<typeof member.user> | null) }),
    ...(wire.client_version !== undefined && { clientVersion: wire.client_version }),
  } as Saying;
}

function userOf(user: Static<typeof member.user> | null): DeviceUser | null {
  if (user === null) return null;
  const { groups = [], saml_attributes: samlAttributes = [], service_token_uuid: uuid, ...texts } = user;
  const { id, email, name } = texts;
  return {
    ...(id !== undefined && { id }),
    ...(email !== undefined && { email }),
    ...(name !== undefined && { name }),
    groups: groups.map((group) => ({
      ...(group.id !== undefined && { id: group.id }),
      ...(group.name !== undefined && { name: group.name }),
      ...(group.email !== undefined && { email: group.email }),
    })),
    samlAttributes,
    ...(uuid !== undefined && { serviceTokenUuid: uuid }),
  };
}

/** Writes a device. */
export function toWire(device: DeviceNow, orgId: string): Static<typeof answer> {
  const lastSeen = device.lastSeenAt === null ? null : printInstant(device.lastSeenAt, "seconds");
  const nothing = Object.fromEntries(attributeNames.map((name) => [name, null]));
  const version = device.clientVersion;
  return {
    id: device.id,
    device_id: device.identifier,
    device_identifier: device.identifier,
    org_id: orgId,
    platform: device.platform,
    status: device.status,
    ...(nothing as { [Name in AttributeName]: null }),
    ...device.attributes,
    gpu_available: device.attributes.gpu_available ?? false,
    labels: { ...device.labels },
    metadata: { ...device.metadata },
    capabilities: { ...device.capabilities },
    client_version: version?.version ?? null,
    client_version_reported_at: version ? printInstant(version.reportedAt, "seconds") : null,
    client_version_source: version?.source ?? null,
    network: device.network,
    user: device.user && userToWire(device.user),
    connectivity_status: device.connectivity,
    heartbeat_interval_seconds: heartbeatIntervalS,
    last_seen_at: lastSeen,
    last_heartbeat: lastSeen,
    created_at: printInstant(device.createdAt, "seconds"),
    updated_at: printInstant(device.updatedAt, "seconds"),
  };
}

function userToWire(user: DeviceUser): Static<typeof shownUser> {
  return {
    id: user.id ?? null,
    email: user.email ?? null,
    name: user.name ?? null,
    groups: user.groups.map(({ id, name, email }) => ({
      id: id ?? null,
      name: name ?? null,
      email: email ?? null,
    })),
    saml_attributes: [...user.samlAttributes],
    service_token_uuid: user.serviceTokenUuid ?? null,
  };
}

/** An attempt to run a version, as devices tell of it. */
export const sentAttempt = Type.Object({
  version: outcomeMember.version,
  state: outcomeMember.state,
  error_code: Type.Optional(Type.Union([outcomeMember.errorCode, Type.Null()])),
  detail: Type.Optional(Type.Union([outcomeMember.detail, Type.Null()])),
  attempted_at: Type.Optional(instant()),
});

/** Reads what a device tells of itself and of its last attempt. */
export function toldIn(body: Sent & { client?: Static<typeof sentAttempt> }): Told {
  const { client } = body;
  const saying = sayingOf(body);
  if (!client) return { saying };
  const { version, state, error_code: errorCode = null, detail = null, attempted_at: at } = client;
  const attempt = { version, state, errorCode, detail, ...(at !== undefined && { at: parseInstant(at) }) };
  return { saying, attempt };
}

const failed = {
  error_code: orNull(outcomeMember.errorCode),
  detail: orNull(outcomeMember.detail),
  attempted_at: time,
};

/** How a device's last attempt to run a version went, and the first and the last failure at the same version. */
export const shownOutcome = Type.Object(
  {
    version: outcomeMember.version,
    state: outcomeMember.state,
    ...failed,
    first_failure: orNull(Type.Object(failed, closed)),
    last_failure: orNull(Type.Object(failed, closed)),
  },
  closed,
);

/** Writes how a device's last attempt went. */
export function outcomeToWire({ last, firstFailure, lastFailure }: Outcome): Static<typeof shownOutcome> {
  return {
    ...{ version: last.version, state: last.state, ...failedToWire(last) },
    first_failure: firstFailure && failedToWire(firstFailure),
    last_failure: lastFailure && failedToWire(lastFailure),
  };
}

function failedToWire({ errorCode, detail, attemptedAt }: Failed) {
  return { error_code: errorCode, detail, attempted_at: printInstant(attemptedAt, "seconds") };
}

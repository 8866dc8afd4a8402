import Type, { type Static } from "typebox";
import { parseInstant, printInstant } from "../../../operation/instant.ts";
import { member as ofDevice, wire } from "../../device/index.ts";
import type { Wanted } from "../change.ts";
import { type Fixed, member, type TokenNow } from "../enrolment-token.ts";

const { closed, time } = wire;
const orNull = <T extends Parameters<typeof Type.Optional>[0]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

// A version that runs is measured, by whatever way it is told.
const { client_version: _, ...fixable } = wire.sent;

/** What every device that enrols by the token has, whatever it says itself; an edit puts it in the place of all before. */
export const fixed = Type.Object(fixable, {
  description: "What devices that enrol by this token have, whatever they say of themselves.",
});

const { groups, ...ofUser } = ofDevice.user.properties;
const shownGroup = Type.Object(groups.items.properties, closed);
const shownUser = Type.Object({ ...ofUser, groups: Type.Optional(Type.Array(shownGroup)) }, closed);

const shown = {
  id: member.id,
  org_id: Type.String(),
  name: Type.String(),
  status: member.status,
  disabled: Type.Boolean(),
  fixed: Type.Object({ ...fixable, user: Type.Optional(shownUser) }, closed),
  expires_at: orNull(time),
  last_used_at: orNull(time),
  created_at: time,
  updated_at: time,
};

/** An enrolment token as it is answered. */
export const answer = Type.Object(shown, closed);
/** An enrolment token with its secret, as it is answered once. */
export const answerWithToken = Type.Object({ ...shown, token: member.token }, closed);

type Sent = {
  readonly name?: string;
  readonly disabled?: boolean;
  readonly expires_at?: string | null;
  readonly fixed?: Static<typeof fixed>;
};

/** Reads what makes a token; `null` takes an expiry away. */
export function fromWire({ name, disabled, expires_at: expires, fixed }: Sent): Wanted {
  return {
    ...(name !== undefined && { name: name.trim() }),
    ...(disabled !== undefined && { disabled }),
    ...(expires !== undefined && { expiresAt: expires === null ? null : parseInstant(expires) }),
    // Whoever sends a version that runs here sends a member that there is not.
    ...(fixed !== undefined && { fixed: wire.sayingOf({ ...fixed, client_version: undefined }) }),
  };
}

/** Writes an enrolment token; never its secret. */
export function toWire(token: TokenNow, orgId: string): Static<typeof answer> {
  const orNone = (at: number | null) => (at === null ? null : printInstant(at, "seconds"));
  return {
    id: token.id,
    org_id: orgId,
    name: token.name,
    status: token.status,
    disabled: token.disabled,
    fixed: fixedToWire(token.fixed),
    expires_at: token.expiresAt === null ? null : printInstant(token.expiresAt, "shortest"),
    last_used_at: orNone(token.lastUsedAt),
    created_at: printInstant(token.createdAt, "seconds"),
    updated_at: printInstant(token.updatedAt, "seconds"),
  };
}

function fixedToWire({ attributes, user, ...rest }: Fixed): Static<typeof fixed> {
  return { ...attributes, ...rest, ...(user && { user: userToWire(user) }) } as Static<typeof fixed>;
}

function userToWire({ samlAttributes, serviceTokenUuid, ...user }: NonNullable<Fixed["user"]>) {
  return {
    ...user,
    saml_attributes: samlAttributes,
    ...(serviceTokenUuid !== undefined && { service_token_uuid: serviceTokenUuid }),
  };
}

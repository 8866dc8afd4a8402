import Type, { type Static } from "typebox";
import { parseInstant, printInstant } from "../../../operation/instant.ts";
import { orNull } from "../../../operation/text.ts";
import { member as ofIamPolicy, policiesMax, sortedResources } from "../../iam-policy/index.ts";
import { permissionGroupsToWire, shownPermissionGroup } from "../../policy-wire.ts";
import { type Condition, member, type TokenNow } from "../api-token.ts";
import type { Wanted } from "../change.ts";

const closed = { additionalProperties: false } as const;

const iamPolicyIn = Type.Object({
  id: orNull(Type.String({ maxLength: 64 })),
  effect: ofIamPolicy.access,
  permission_groups: Type.Array(
    Type.Object({ id: Type.String({ examples: ["68bb091808b85a39a9322c9458dc5b56"] }) }),
    { minItems: 1, maxItems: 200 },
  ),
  resources: ofIamPolicy.resources,
});

/** The members of the body that makes a token. */
export const body = {
  name: member.name,
  policies: Type.Array(iamPolicyIn, { minItems: 1, maxItems: policiesMax }),
  expires_on: orNull(member.instant),
  not_before: orNull(member.instant),
  condition: orNull(member.condition),
};

const shown = {
  id: member.id,
  name: member.name,
  status: member.status,
  issued_on: Type.String({ format: "date-time" }),
  modified_on: Type.String({ format: "date-time" }),
  last_used_on: Type.Optional(Type.String({ format: "date-time" })),
  expires_on: Type.Optional(Type.String({ format: "date-time" })),
  not_before: Type.Optional(Type.String({ format: "date-time" })),
  condition: Type.Optional(member.shownCondition),
  policies: Type.Array(
    Type.Object(
      {
        id: ofIamPolicy.id,
        effect: ofIamPolicy.access,
        permission_groups: Type.Array(shownPermissionGroup),
        resources: ofIamPolicy.resources,
      },
      closed,
    ),
  ),
};
/** A token as it is answered. */
export const answer = Type.Object(shown, closed);
/** A token with its secret, as it is answered once. */
export const answerWithValue = Type.Object({ ...shown, value: member.value }, closed);

/** What a token that asks is told of itself. */
export const standing = Type.Object(
  { id: shown.id, status: shown.status, expires_on: shown.expires_on, not_before: shown.not_before },
  closed,
);

/** The members of the query that lists tokens. */
export const listQuery = Type.Object({
  direction: Type.Optional(Type.Union([Type.Literal("asc"), Type.Literal("desc")])),
  include_expired: Type.Optional(Type.Boolean()),
});

/** Reads which tokens are wanted, and in which order. */
export function listed({
  direction = "asc",
  include_expired: includeExpired = false,
}: Static<typeof listQuery>) {
  return { direction, includeExpired };
}

/** Reads what makes a token. */
export function fromWire(sent: Static<Type.TObject<typeof body>>): Wanted {
  const instantOf = (text: string | null) => (text === null ? null : parseInstant(text));
  return {
    name: sent.name,
    iamPolicies: sent.policies.map(({ id, effect, permission_groups, resources }) => ({
      ...(id && { id }),
      access: effect,
      permissionGroupIds: permission_groups.map((group) => group.id),
      resources: sortedResources(resources),
      resourceGroups: [],
    })),
    ...(sent.expires_on !== undefined && { expiresOn: instantOf(sent.expires_on) }),
    ...(sent.not_before !== undefined && { notBefore: instantOf(sent.not_before) }),
    ...(sent.condition !== undefined && { condition: sent.condition && conditionFromWire(sent.condition) }),
  };
}

function conditionFromWire({ request_ip }: Static<typeof member.condition>): Condition | null {
  if (!request_ip) return null;
  const { in: within, not_in } = request_ip;
  return { request_ip: { ...(within && { in: within }), ...(not_in && { not_in }) } };
}

/** `expired` follows from the dates: sent back by a client that echoes what it read, it says nothing. */
export function disabledBy(status: Static<typeof member.status> | null | undefined) {
  return status === "active" || status === "disabled" ? { disabled: status === "disabled" } : {};
}

/** Writes a token as it is answered. */
export function toWire(token: TokenNow): Static<typeof answer> {
  const { expires_on, not_before, status } = toStanding(token);
  return {
    id: token.id,
    name: token.name,
    status,
    issued_on: printInstant(token.issuedOn, "micro"),
    modified_on: printInstant(token.modifiedOn, "micro"),
    ...(token.lastUsedOn !== null && { last_used_on: printInstant(token.lastUsedOn, "micro") }),
    ...(expires_on && { expires_on }),
    ...(not_before && { not_before }),
    ...(token.condition && { condition: token.condition }),
    policies: token.iamPolicies.map((iamPolicy) => ({
      id: iamPolicy.id,
      effect: iamPolicy.access,
      permission_groups: permissionGroupsToWire(iamPolicy.permissionGroupIds),
      resources: iamPolicy.resources as Static<typeof ofIamPolicy.resources>,
    })),
  };
}

/** Writes what a token that asks is told of itself. */
export function toStanding(token: TokenNow): Static<typeof standing> {
  return {
    id: token.id,
    status: token.status,
    ...(token.expiresOn !== null && { expires_on: printInstant(token.expiresOn, "shortest") }),
    ...(token.notBefore !== null && { not_before: printInstant(token.notBefore, "shortest") }),
  };
}
